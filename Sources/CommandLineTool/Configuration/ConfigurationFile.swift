import FileIO
import Yams

/// A job file that has been read, with the environment its `${NAME}`s refer to.
struct ConfigurationFile {
  let path: String
  let environment: [String: String]

  /// The directory it is in; empty for the current one.
  var directory: String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
  }

  /// The top of the file at `path`.
  static func read(
    _ path: String, environment: [String: String]
  ) throws -> ConfigurationNode {
    try parse(try FileSystem.contents(of: path), path: path, environment: environment)
  }

  /// The top of a file that holds `bytes`; `path` is for messages.
  static func parse(
    _ bytes: [UInt8], path: String, environment: [String: String]
  ) throws -> ConfigurationNode {
    let file = ConfigurationFile(path: path, environment: environment)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError(file: path, line: 0, column: 0, message: "the file is not UTF-8")
    }
    do {
      // Not resolved to types, whose regular expressions take longer than all the rest of the file:
      // what a scalar is, is asked where it is read.
      guard let node = try Yams.compose(yaml: text, .basic) else {
        throw ConfigurationError(file: path, line: 0, column: 0, message: "the file is empty")
      }
      return ConfigurationNode(node: node, path: "", file: file)
    } catch let error as YamlError {
      throw Self.readable(error, path)
    }
  }

  static func readable(_ error: YamlError, _ path: String) -> ConfigurationError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      ConfigurationError(file: path, line: mark.line, column: mark.column, message: problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      ConfigurationError(
        file: path, line: context.mark.line, column: context.mark.column,
        message: "the key '\(duplicates.min() ?? "")' stands twice in the mapping that begins here")
    default:
      ConfigurationError(file: path, line: 0, column: 0, message: "\(error)")
    }
  }

  /// `text` with `${NAME}` or `${env:NAME}` replaced; an unset variable is an error.
  func expand(_ text: String, at node: ConfigurationNode) throws(ConfigurationError) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "${") {
      result += rest[..<start.lowerBound]
      guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
        throw node.error("'${' without '}'")
      }
      let reference = rest[start.upperBound..<end]
      let name = String(reference.hasPrefix("env:") ? reference.dropFirst(4) : reference)
      guard let value = environment[name] else {
        throw node.error("the environment variable \(name) is not set")
      }
      result += value
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}
