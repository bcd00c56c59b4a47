/// Text that is not the JSON it should be.
public struct JSONError: Error, Hashable, CustomStringConvertible {
  public var reason: String
  /// Line and column, from 1; the column counts bytes.
  public var line: Int
  public var column: Int

  public var description: String { "line \(line), column \(column): \(reason)" }
}

extension JSONValue {
  /// How many containers may be open at once.
  public static let depthLimit = 128

  /// Parses one document (RFC 8259, UTF-8); the last of equal keys wins.
  ///
  /// A number outside the range of doubles, invalid UTF-8, a lone surrogate and nesting deeper than
  /// ``depthLimit`` are errors.
  public init(parsing text: [UInt8]) throws(JSONError) {
    var parser = JSONParser(bytes: text)
    self = try parser.parseDocument()
  }

  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }
}

/// An iterative parser; open containers are on a stack of its own.
///
/// It shares no code with the record decoder, so that each can be tested against the other.
struct JSONParser {
  private enum Frame {
    case array([JSONValue])
    case object(JSONObject, key: String)
  }

  let bytes: [UInt8]
  private var at = 0
  private var stack: [Frame] = []

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func parseDocument() throws(JSONError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    guard let root = try parseValue() else { preconditionFailure("a document is one value") }
    skipSpace()
    guard at == bytes.count else { throw failure("expected the end, found \(found)") }
    return root
  }

  private mutating func parseValue() throws(JSONError) -> JSONValue? {
    while true {
      // An opened container is on the stack and asks for its first element.
      guard var value = try openOrScalar() else { continue }
      // A value closes every container it is the last of.
      while true {
        guard let frame = stack.popLast() else { return value }
        guard let closed = try add(value, to: frame) else { break }
        value = closed
      }
    }
  }

  /// A scalar or an empty container; `nil` when a container was pushed.
  private mutating func openOrScalar() throws(JSONError) -> JSONValue? {
    skipSpace()
    switch peek {
    case 0x7B:
      try push()
      if take(0x7D) { return .object(JSONObject()) }
      stack.append(.object(JSONObject(), key: try parseKey()))
      return nil
    case 0x5B:
      try push()
      if take(0x5D) { return .array([]) }
      stack.append(.array([]))
      return nil
    case 0x22: return .string(try parseString())
    case 0x74: return try literal("true", .bool(true))
    case 0x66: return try literal("false", .bool(false))
    case 0x6E: return try literal("null", .null)
    case .some(0x2D), .some(0x30...0x39): return try parseNumber()
    default: throw failure("expected a value, found \(found)")
    }
  }

  private mutating func push() throws(JSONError) {
    guard stack.count < JSONValue.depthLimit else {
      throw failure("nested deeper than \(JSONValue.depthLimit)")
    }
    at += 1
    skipSpace()
  }

  /// The container, when `value` was its last; else it is back on the stack.
  private mutating func add(
    _ value: JSONValue, to frame: consuming Frame
  ) throws(JSONError) -> JSONValue? {
    skipSpace()
    switch consume frame {
    case .array(var elements):
      elements.append(value)
      if take(0x5D) { return .array(elements) }
      guard take(0x2C) else { throw failure("expected ',' or ']', found \(found)") }
      stack.append(.array(elements))
    case .object(var object, let key):
      object[key] = value
      if take(0x7D) { return .object(object) }
      guard take(0x2C) else { throw failure("expected ',' or '}', found \(found)") }
      skipSpace()
      stack.append(.object(object, key: try parseKey()))
    }
    return nil
  }

  private mutating func parseKey() throws(JSONError) -> String {
    guard peek == 0x22 else { throw failure("expected a key, found \(found)") }
    let key = try parseString()
    skipSpace()
    guard take(0x3A) else { throw failure("expected ':' after a key, found \(found)") }
    return key
  }

  private mutating func parseNumber() throws(JSONError) -> JSONValue {
    let start = at
    var isInteger = true
    _ = take(0x2D)
    let integerStart = at
    try digits()
    if bytes[integerStart] == 0x30 && at > integerStart + 1 {
      throw failure("a number begins with 0")
    }
    if take(0x2E) {
      isInteger = false
      try digits()
    }
    if peek == 0x65 || peek == 0x45 {
      isInteger = false
      at += 1
      if !take(0x2B) { _ = take(0x2D) }
      try digits()
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw failure("number out of range") }
    return .number(value)
  }

  private mutating func digits() throws(JSONError) {
    guard case .some(0x30...0x39) = peek else { throw failure("expected a digit, found \(found)") }
    while case .some(0x30...0x39) = peek { at += 1 }
  }
}

extension JSONParser {
  private mutating func parseString() throws(JSONError) -> String {
    at += 1
    var text: [UInt8] = []
    while true {
      switch peek {
      case 0x22:
        at += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("invalid UTF-8 in the string that ends here")
        }
        return string
      case 0x5C: try parseEscape(into: &text)
      case nil: throw failure("expected '\"', found the end")
      case .some(..<0x20): throw failure("a control character in a string")
      case .some(let byte):
        text.append(byte)
        at += 1
      }
    }
  }

  private mutating func parseEscape(into text: inout [UInt8]) throws(JSONError) {
    at += 1
    let simple: [UInt8: UInt8] = [
      0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
    ]
    if let escaped = peek, let byte = simple[escaped] {
      at += 1
      text.append(byte)
      return
    }
    guard take(0x75) else { throw failure("unknown escape") }
    var unit = try parseUnit()
    if unit >= 0xD800 && unit < 0xDC00 && take(0x5C) {
      guard take(0x75) else { throw failure("a lone surrogate") }
      let low = try parseUnit()
      guard low >= 0xDC00 && low < 0xE000 else { throw failure("a lone surrogate") }
      unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(unit) else { throw failure("a lone surrogate") }
    text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
  }

  private mutating func parseUnit() throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      switch peek {
      case .some(let byte) where byte >= 0x30 && byte <= 0x39:
        unit = unit << 4 | UInt32(byte - 0x30)
      case .some(let byte) where byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66:
        unit = unit << 4 | UInt32(byte | 0x20 - 0x57)
      default: throw failure("expected a hexadecimal digit, found \(found)")
      }
      at += 1
    }
    return unit
  }

  private mutating func literal(
    _ text: String, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    guard bytes[at...].starts(with: text.utf8) else {
      throw failure("expected a value, found \(found)")
    }
    at += text.utf8.count
    return value
  }

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    at += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
  }

  private var found: String {
    guard let byte = peek else { return "the end" }
    return byte > 0x20 && byte < 0x7F
      ? "'\(Unicode.Scalar(byte))'" : "byte 0x" + String(byte, radix: 16, uppercase: true)
  }

  private func failure(_ reason: String) -> JSONError {
    let before = bytes[..<at]
    let line = before.count { $0 == 0x0A } + 1
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return JSONError(reason: reason, line: line, column: at - lineStart + 1)
  }
}
