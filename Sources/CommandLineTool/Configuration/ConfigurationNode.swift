import EventTime
import Expressions
import Yams

/// A place in a job file: a YAML node with the means to say what is wrong with it.
struct ConfigurationNode {
  let node: Node
  /// The path of keys to here, such as `evaluate.metrics[2]`; empty at the top.
  let path: String
  let file: ConfigurationFile

  func error(_ message: String) -> ConfigurationError {
    let mark = node.mark
    return ConfigurationError(
      file: file.path, line: mark?.line ?? 1, column: mark?.column ?? 1,
      message: path.isEmpty ? message : "\(path): \(message)")
  }

  private func expected(_ what: String) -> ConfigurationError {
    error("expected \(what), found \(found)")
  }

  private var found: String {
    switch node {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "'\(scalar.string)'"
    }
  }

  var isMapping: Bool { node.mapping != nil }
  var isSequence: Bool { node.sequence != nil }
  var isNull: Bool { node.scalar.map { $0.string.isEmpty || $0.string == "null" } ?? false }

  /// The entries, whose keys must be among `allowed`.
  func mapping(_ allowed: [String]) throws(ConfigurationError) -> ConfigurationMapping {
    let mapping = try entries()
    for (key, _) in mapping.pairs where !allowed.contains(key.text) {
      let place = path.isEmpty ? "the job file" : "'\(path)'"
      throw ConfigurationNode(node: key.node, path: "", file: file).error(
        "unknown key '\(key.text)' in \(place)\(suggestion(for: key.text, among: allowed)) "
          + "(allowed: \(allowed.joined(separator: ", ")))")
    }
    return mapping
  }

  /// The entries, whose keys are the user's own names.
  func entries() throws(ConfigurationError) -> ConfigurationMapping {
    guard let mapping = node.mapping else { throw expected("a mapping of keys to values") }
    var pairs: [(key: ConfigurationKey, value: ConfigurationNode)] = []
    var known: Set<String> = []
    for (key, value) in mapping {
      guard let text = key.scalar?.string else { throw error("a key must be text") }
      let child = ConfigurationNode(
        node: value, path: path.isEmpty ? text : "\(path).\(text)", file: file)
      guard known.insert(text).inserted else {
        throw child.error("the key '\(text)' stands twice")
      }
      pairs.append((ConfigurationKey(text: text, node: key), child))
    }
    return ConfigurationMapping(parent: self, pairs: pairs)
  }

  /// The node that `steps`, such as `metrics[2]`, lead to, as far as they do.
  func descendant(_ steps: some Sequence<Substring>) -> ConfigurationNode {
    var place = self
    for step in steps {
      let parts = step.split(whereSeparator: { $0 == "[" || $0 == "]" })
      for part in parts {
        let isIndex = part != parts.first
        let child = isIndex ? Int(part).flatMap { place.child($0) } : place.child(String(part))
        guard let child else { return place }
        place = child
      }
    }
    return place
  }

  private func child(_ key: String) -> ConfigurationNode? {
    node.mapping?.first { $0.key.scalar?.string == key }.map {
      ConfigurationNode(node: $0.value, path: "\(path).\(key)", file: file)
    }
  }

  private func child(_ index: Int) -> ConfigurationNode? {
    guard let sequence = node.sequence, sequence.indices.contains(index) else { return nil }
    return ConfigurationNode(node: sequence[index], path: "\(path)[\(index)]", file: file)
  }

  func list() throws(ConfigurationError) -> [ConfigurationNode] {
    guard let sequence = node.sequence else { throw expected("a list") }
    return sequence.enumerated().map {
      ConfigurationNode(node: $1, path: "\(path)[\($0)]", file: file)
    }
  }

  /// Text, with `${NAME}` replaced by environment variables.
  func string() throws(ConfigurationError) -> String {
    guard let scalar = node.scalar else { throw expected("text") }
    return try file.expand(scalar.string, at: self)
  }

  func strings() throws(ConfigurationError) -> [String] {
    var result: [String] = []
    for item in try list() { result.append(try item.string()) }
    return result
  }

  func integer(_ range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
    guard let value = Int(try string()), range.contains(value) else {
      throw expected("a whole number of at least \(range.lowerBound)")
    }
    return value
  }

  func number() throws(ConfigurationError) -> Double {
    guard let value = Double(try string()) else { throw expected("a number") }
    return value
  }

  func boolean() throws(ConfigurationError) -> Bool {
    switch try string() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default: throw expected("true or false")
    }
  }

  func interval(atLeast minimum: Interval = .zero) throws(ConfigurationError) -> Interval {
    guard let value = Interval(try string()) else {
      throw expected("a length of time such as 250ms, 10s, 5m, 1h or 1d")
    }
    guard value >= minimum else { throw expected("a length of time of at least \(minimum)") }
    return value
  }

  func choice<Value>(_ choices: [(String, Value)]) throws(ConfigurationError) -> Value {
    let text = try string()
    if let match = choices.first(where: { $0.0 == text }) { return match.1 }
    let names = choices.map(\.0)
    throw error(
      "expected one of \(names.joined(separator: ", ")), found '\(text)'"
        + suggestion(for: text, among: names))
  }

  func formula() throws(ConfigurationError) -> Formula {
    let text = try string()
    do {
      return try Formula(text)
    } catch {
      throw self.error("in '\(text)', \(error)")
    }
  }

  /// The error of a formula that stands here, with its position in the text.
  func error(in formula: Formula, _ error: ExpressionError) -> ConfigurationError {
    self.error("in '\(formula.text)', \(formula.located(error))")
  }
}

struct ConfigurationKey {
  var text: String
  var node: Node
}

/// The entries of a mapping, in their order.
struct ConfigurationMapping {
  let parent: ConfigurationNode
  let pairs: [(key: ConfigurationKey, value: ConfigurationNode)]

  subscript(key: String) -> ConfigurationNode? { pairs.first { $0.key.text == key }?.value }

  func required(_ key: String) throws(ConfigurationError) -> ConfigurationNode {
    guard let value = self[key] else { throw parent.error("the key '\(key)' is missing") }
    return value
  }

  /// Refuses a key that is part of the job file's language but that this version cannot do.
  func refuse(_ keys: [String], _ remedy: String = "") throws(ConfigurationError) {
    for key in keys {
      if let value = self[key] {
        throw value.error(
          "not supported yet by this version" + (remedy.isEmpty ? "" : "; \(remedy)"))
      }
    }
  }
}
