/// Cuts a formula into tokens.
struct Lexer {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The position of byte `offset`, in characters from 1.
  func position(of offset: Int) -> Int {
    String(decoding: bytes[..<min(offset, bytes.count)], as: UTF8.self).count + 1
  }

  /// The next token and the position where it starts.
  mutating func next() throws(ExpressionError) -> (token: Token, position: Int) {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
    let start = position(of: offset)
    guard offset < bytes.count else { return (.end, start) }
    let byte = bytes[offset]
    if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && isDigit(at: offset + 1)) {
      return (try number(start), start)
    }
    if Self.isNameStart(byte) { return (.name(name()), start) }
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return (.string(try quoted(byte, start)), start)
    case UInt8(ascii: "`"): return (.quotedName(try quoted(byte, start)), start)
    default: return (.symbol(try symbol(start)), start)
    }
  }

  static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, isNameStart(first) else { return false }
    return bytes.allSatisfy(isNamePart) && !ReservedWord.all.contains(text)
  }

  private mutating func name() -> String {
    let from = offset
    while offset < bytes.count, Self.isNamePart(bytes[offset]) { offset += 1 }
    return String(decoding: bytes[from..<offset], as: UTF8.self)
  }

  private mutating func number(_ start: Int) throws(ExpressionError) -> Token {
    let from = offset
    var isInteger = true
    skipDigits()
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      skipDigits()
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      let sign = offset + 1 < bytes.count && [0x2B, 0x2D].contains(bytes[offset + 1]) ? 1 : 0
      if isDigit(at: offset + 1 + sign) {
        isInteger = false
        offset += 1 + sign
        skipDigits()
      }
    }
    let text = String(decoding: bytes[from..<offset], as: UTF8.self)
    if isInteger {
      guard let value = UInt64(text), value <= 1 << 63 else {
        throw ExpressionError(
          "integer \(text) does not fit 64 bits; write it as a float", at: start)
      }
      return .integer(value)
    }
    guard let value = Double(text.hasSuffix(".") ? text + "0" : text) else {
      throw ExpressionError("'\(text)' is not a number", at: start)
    }
    return .number(value)
  }

  private mutating func quoted(_ quote: UInt8, _ start: Int) throws(ExpressionError) -> String {
    var content: [UInt8] = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == quote { return String(decoding: content, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\") else {
        content.append(byte)
        continue
      }
      guard offset < bytes.count else { break }
      content.append(try escaped(bytes[offset]))
      offset += 1
    }
    throw ExpressionError("the quote that opens here is not closed", at: start)
  }

  private func escaped(_ byte: UInt8) throws(ExpressionError) -> UInt8 {
    switch byte {
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "0"): return 0
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"): return byte
    default:
      throw ExpressionError(
        "'\\' must be followed by one of n t r 0 \\ ' \" `", at: position(of: offset - 1))
    }
  }

  private mutating func symbol(_ start: Int) throws(ExpressionError) -> String {
    if offset + 1 < bytes.count {
      let two = String(decoding: bytes[offset..<offset + 2], as: UTF8.self)
      if ["==", "!=", "<=", ">="].contains(two) {
        offset += 2
        return two
      }
    }
    let byte = bytes[offset]
    guard "+-*/%<>()[],=".utf8.contains(byte) else {
      let rest = String(decoding: bytes[offset...].prefix(8), as: UTF8.self)
      throw ExpressionError("'\(rest.prefix(1))' has no meaning in a formula", at: start)
    }
    offset += 1
    return String(UnicodeScalar(byte))
  }

  private mutating func skipDigits() {
    while isDigit(at: offset) { offset += 1 }
  }

  private func isDigit(at index: Int) -> Bool {
    index < bytes.count && Self.isDigit(bytes[index])
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private static func isNameStart(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    isNameStart(byte) || isDigit(byte) || byte == UInt8(ascii: ".")
  }
}
