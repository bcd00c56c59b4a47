import Formats

/// A protocol buffer message without its schema: named fields in order, each a text or a message.
struct ConfigMessage: Hashable, Sendable {
  indirect enum Value: Hashable, Sendable {
    case text(String)
    case message(ConfigMessage)
  }

  struct Field: Hashable, Sendable {
    var name: String
    var value: Value
  }

  var fields: [Field] = []

  /// The values of a field, in order.
  func all(_ name: String) -> [Value] { fields.filter { $0.name == name }.map(\.value) }

  /// The last value of a field, as a protocol buffer has it.
  subscript(name: String) -> Value? { fields.last { $0.name == name }?.value }
}

extension ConfigMessage {
  /// The message that is written in protobuf text format or as JSON.
  init(parsing text: String) throws(EvaluationError) {
    let isJSON = text.utf8.first { !$0.isBlank } == UInt8(ascii: "{")
    self = isJSON ? try Self.json(text) : try Self.text(text)
  }

  private static func text(_ text: String) throws(EvaluationError) -> ConfigMessage {
    var parser = ProtoTextParser(text)
    return try parser.parse()
  }

  /// The message that is written as JSON, whose names may be in camel case.
  static func json(_ text: String) throws(EvaluationError) -> ConfigMessage {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: Array(text.utf8))
    } catch {
      throw EvaluationError(.badConfiguration("\(error)"), at: "eval_config")
    }
    guard let object = value.object else {
      throw EvaluationError(.badConfiguration("expected a JSON object"), at: "eval_config")
    }
    return ConfigMessage(object)
  }

  private init(_ object: JSONObject) {
    for member in object.members {
      let name = member.key.snakeCased
      for item in member.value.array ?? [member.value] {
        guard let value = Value(item) else { continue }
        fields.append(Field(name: name, value: value))
      }
    }
  }
}

extension ConfigMessage.Value {
  /// `nil` for null, which stands for a field that is not set.
  fileprivate init?(_ value: JSONValue) {
    switch value {
    case .null: return nil
    case .bool(let value): self = .text(value.description)
    case .integer(let value): self = .text(value.description)
    case .number(let value): self = .text(value.description)
    case .string(let value): self = .text(value)
    case .object(let value): self = .message(ConfigMessage(value))
    case .array(let items):
      // A list in a list: a message of repeated values.
      self = .message(
        ConfigMessage(
          fields: items.compactMap { item in
            Self(item).map { ConfigMessage.Field(name: "values", value: $0) }
          }))
    }
  }
}

extension String {
  /// `labelKey` and `AUCPrecisionRecall` as `label_key` and `auc_precision_recall`.
  var snakeCased: String {
    let letters = Array(unicodeScalars)
    var result = ""
    for (index, letter) in letters.enumerated() {
      if letter.isUpper, index > 0 {
        let before = letters[index - 1]
        let isNextLower = index + 1 < letters.count && letters[index + 1].isLower
        if before != "_", !before.isUpper || isNextLower { result += "_" }
      }
      result += letter.isUpper ? String(letter).lowercased() : String(letter)
    }
    return result
  }
}

extension Unicode.Scalar {
  fileprivate var isUpper: Bool { ("A"..."Z").contains(self) }
  fileprivate var isLower: Bool { ("a"..."z").contains(self) }
}

extension UInt8 {
  /// A space, tab or line end.
  var isBlank: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
