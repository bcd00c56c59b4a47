/// Reads protobuf text format.
///
/// `name: value`, `name { … }`, `name < … >`, lists in brackets, strings in either quote with C
/// escapes and joined when they follow one another, `#` comments, `,` and `;` between fields.
struct ProtoTextParser {
  private let bytes: [UInt8]
  private var position = 0
  private static let depthLimit = 64

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func parse() throws(EvaluationError) -> ConfigMessage {
    try message(until: nil, depth: 0)
  }

  private mutating func message(
    until end: UInt8?, depth: Int
  ) throws(EvaluationError) -> ConfigMessage {
    guard depth < Self.depthLimit else { throw fault("messages nest too deeply") }
    var message = ConfigMessage()
    while true {
      skipBlanks()
      while take(",") || take(";") { skipBlanks() }
      guard position < bytes.count else {
        if end == nil { return message }
        throw fault("a message is not closed")
      }
      if bytes[position] == end {
        position += 1
        return message
      }
      let name = try word()
      skipBlanks()
      let hasColon = take(":")
      skipBlanks()
      try values(of: name, hasColon: hasColon, depth, into: &message)
    }
  }

  private mutating func values(
    of name: String, hasColon: Bool, _ depth: Int, into message: inout ConfigMessage
  ) throws(EvaluationError) {
    guard take("[") else {
      message.fields.append(.init(name: name, value: try value(hasColon: hasColon, depth)))
      return
    }
    skipBlanks()
    while !take("]") {
      message.fields.append(.init(name: name, value: try value(hasColon: hasColon, depth)))
      skipBlanks()
      _ = take(",")
      skipBlanks()
    }
  }

  private mutating func value(
    hasColon: Bool, _ depth: Int
  ) throws(EvaluationError) -> ConfigMessage.Value {
    if take("{") { return .message(try message(until: UInt8(ascii: "}"), depth: depth + 1)) }
    if take("<") { return .message(try message(until: UInt8(ascii: ">"), depth: depth + 1)) }
    guard hasColon else { throw fault("expected ':' or '{'") }
    guard position < bytes.count else { throw fault("a value is missing") }
    if bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'") {
      return .text(try strings())
    }
    return .text(try word())
  }

  /// A name, number or symbol.
  private mutating func word() throws(EvaluationError) -> String {
    let start = position
    while position < bytes.count, bytes[position].isWordPart { position += 1 }
    if position == start { throw fault("expected a name or a value") }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func strings() throws(EvaluationError) -> String {
    var content: [UInt8] = []
    while position < bytes.count,
      bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'")
    {
      let quote = bytes[position]
      position += 1
      while position < bytes.count, bytes[position] != quote { try character(into: &content) }
      guard position < bytes.count else { throw fault("a string is not closed") }
      position += 1
      skipBlanks()
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw fault("a string is not UTF-8")
    }
    return text
  }

  private mutating func character(into content: inout [UInt8]) throws(EvaluationError) {
    let byte = bytes[position]
    position += 1
    guard byte == UInt8(ascii: "\\"), position < bytes.count else {
      content.append(byte)
      return
    }
    let escape = bytes[position]
    position += 1
    switch escape {
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      position -= 1
      content.append(UInt8(truncatingIfNeeded: digits(radix: 8, limit: 3)))
    case UInt8(ascii: "x"): content.append(UInt8(truncatingIfNeeded: digits(radix: 16, limit: 2)))
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "?"):
      content.append(escape)
    default: throw fault("no escape '\\\(Character(Unicode.Scalar(escape)))' is known")
    }
  }

  private mutating func digits(radix: Int, limit: Int) -> Int {
    var value = 0
    for _ in 0..<limit {
      guard position < bytes.count,
        let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue, digit < radix
      else { break }
      value = value * radix + digit
      position += 1
    }
    return value
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
      } else if bytes[position].isBlank {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  private func fault(_ message: String) -> EvaluationError {
    let line = bytes[..<min(position, bytes.count)].count { $0 == 0x0A } + 1
    return EvaluationError(.badConfiguration(message), at: "eval_config, line \(line)")
  }
}

extension UInt8 {
  /// A letter, digit or one of `_ . + -`.
  fileprivate var isWordPart: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "+"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
