/// Reads fields of a message and knows where it stands, for errors.
struct ConfigReader {
  let message: ConfigMessage
  /// Such as `metrics_specs[0].metrics[2]`; empty at the top.
  let path: String

  init(_ message: ConfigMessage, path: String = "") {
    self.message = message
    self.path = path
  }

  var place: String { path.isEmpty ? "eval_config" : "eval_config.\(path)" }

  func fault(_ text: String) -> EvaluationError {
    EvaluationError(.badConfiguration(text), at: place)
  }

  /// Fields of TFMA's messages that are not supported, with what to do instead.
  private static let refused = [
    "output_weights":
      "outputs are evaluated one by one; average them in a column of the rows",
    "preprocessing_function_names":
      "there is no model that could have preprocessing functions; give the transformed rows",
  ]

  /// Refuses fields that are neither read nor of no consequence.
  func allow(_ names: Set<String>) throws(EvaluationError) {
    for field in message.fields where !names.contains(field.name) {
      if let cure = Self.refused[field.name] {
        throw fault("\(field.name) is not supported: \(cure)")
      }
      throw EvaluationError(
        .badConfiguration("the field '\(field.name)' is not known here, or not supported"),
        at: place, suggestion: nearestName(to: field.name, among: names.sorted()))
    }
  }

  func has(_ name: String) -> Bool { message[name] != nil }

  /// The messages of a repeated field.
  func messages(_ name: String) throws(EvaluationError) -> [ConfigReader] {
    var readers: [ConfigReader] = []
    for (index, value) in message.all(name).enumerated() {
      guard case .message(let message) = value else { throw fault("'\(name)' must be a message") }
      readers.append(
        ConfigReader(message, path: (path.isEmpty ? "" : path + ".") + "\(name)[\(index)]"))
    }
    return readers
  }

  func message(_ name: String) throws(EvaluationError) -> ConfigReader? {
    try messages(name).last
  }

  func text(_ name: String) throws(EvaluationError) -> String? {
    switch message[name] {
    case nil: return nil
    case .text(let text): return text
    case .message: throw fault("'\(name)' must be a value")
    }
  }

  func texts(_ name: String) throws(EvaluationError) -> [String] {
    try Self.texts(message.all(name), name, self)
  }

  private static func texts(
    _ values: [ConfigMessage.Value], _ name: String, _ reader: ConfigReader
  ) throws(EvaluationError) -> [String] {
    var texts: [String] = []
    for value in values {
      switch value {
      case .text(let text): texts.append(text)
      case .message(let list): texts += try self.texts(list.all("values"), name, reader)
      }
    }
    return texts
  }

  /// A number, or a wrapper message around one, in which 0 is left out.
  func number(_ name: String) throws(EvaluationError) -> Double? {
    switch message[name] {
    case nil: return nil
    case .text(let text): return try Self.number(text, name, self)
    case .message(let wrapper):
      return try ConfigReader(wrapper, path: path).text("value").map {
        text throws(EvaluationError) in try Self.number(text, name, self)
      } ?? 0
    }
  }

  private static func number(
    _ text: String, _ name: String, _ reader: ConfigReader
  ) throws(EvaluationError) -> Double {
    guard let number = Double(text) else { throw reader.fault("'\(name)' must be a number") }
    return number
  }

  func integers(_ name: String) throws(EvaluationError) -> [Int] {
    var integers: [Int] = []
    for text in try texts(name) {
      guard let integer = Int(text) else { throw fault("'\(name)' must hold integers") }
      integers.append(integer)
    }
    return integers
  }

  func isTrue(_ name: String) throws(EvaluationError) -> Bool {
    switch message[name] {
    case nil: false
    case .text(let text): text == "true"
    case .message(let wrapper): wrapper["value"] == .text("true")
    }
  }

  /// The entries of a map, whether written as key and value or, in JSON, as members.
  func map(_ name: String) throws(EvaluationError) -> [(key: String, value: ConfigMessage.Value)] {
    var entries: [(String, ConfigMessage.Value)] = []
    for entry in try messages(name).map(\.message) {
      let names = Set(entry.fields.map(\.name))
      if !names.isEmpty, names.isSubset(of: ["key", "value"]) {
        let key: String = if case .text(let text)? = entry["key"] { text } else { "0" }
        entries.append((key, entry["value"] ?? .text("")))
      } else {
        entries += entry.fields.map { ($0.name, $0.value) }
      }
    }
    return entries
  }

  func textMap(_ name: String) throws(EvaluationError) -> [(key: String, value: String)] {
    var entries: [(String, String)] = []
    for (key, value) in try map(name) {
      guard case .text(let text) = value else { throw fault("'\(name)' must hold values") }
      entries.append((key, text))
    }
    return entries
  }
}
