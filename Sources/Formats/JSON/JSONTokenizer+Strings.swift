extension JSONTokenizer {
  /// The string whose opening quote is at `open`, its escapes checked, its UTF-8 if asked.
  func string(_ open: Int, checksUTF8: Bool = false) throws(RowFault) -> StringToken {
    let start = open + 1
    var token = StringToken(start: start, end: start, hasEscapes: false)
    var at = start
    while at < end {
      let stops = bytes.stringStops(at)
      if stops == 0 {
        at &+= 16
        continue
      }
      at &+= stops.trailingZeroBitCount
      let byte = peek(at)
      if byte == 0x22 {
        token.end = at
        try check(token, checksUTF8: checksUTF8)
        return token
      }
      guard byte == 0x5C, at < end else { break }
      token.hasEscapes = true
      at = try skipEscape(at)
    }
    guard at < end else { throw expected("the closing quote of a string", end) }
    throw RowFault("a control character in a string\(place(at))")
  }

  private func check(_ token: StringToken, checksUTF8: Bool) throws(RowFault) {
    guard token.end - token.start <= Self.stringLimit else {
      throw RowFault("a string longer than \(Self.stringLimit) bytes\(place(token.start))")
    }
    guard checksUTF8 else { return }
    let valid = bytes.endOfUTF8(from: token.start, to: token.end)
    guard valid == token.end else { throw RowFault("invalid UTF-8\(place(valid))") }
  }

  /// The end of the escape whose backslash is at `at`; both halves of a surrogate pair.
  private func skipEscape(_ at: Int) throws(RowFault) -> Int {
    switch peek(at + 1) {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return at + 2
    case 0x75:
      let unit = try codeUnit(at + 2)
      if unit & 0xF800 != 0xD800 { return at + 6 }
      guard unit < 0xDC00, peek(at + 6) == 0x5C, peek(at + 7) == 0x75,
        try codeUnit(at + 8) & 0xFC00 == 0xDC00
      else { throw RowFault("a lone surrogate\(place(at))") }
      return at + 12
    default: throw RowFault("an unknown escape\(place(at))")
    }
  }

  private func codeUnit(_ start: Int) throws(RowFault) -> UInt32 {
    var unit: UInt32 = 0
    for at in start..<start + 4 {
      guard let digit = Self.hexDigit(peek(at)) else { throw expected("a hexadecimal digit", at) }
      unit = unit << 4 | digit
    }
    return unit
  }

  private static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x41...0x46: UInt32(byte - 0x37)
    case 0x61...0x66: UInt32(byte - 0x57)
    default: nil
    }
  }

  /// Calls `append` for every byte of the text that `token`, whose escapes are valid, stands for.
  func unescape(_ token: StringToken, append: (UInt8) -> Void) {
    var at = token.start
    while at < token.end {
      let byte = bytes.byte(at)
      guard byte == 0x5C else {
        append(byte)
        at += 1
        continue
      }
      let escaped = bytes.byte(at + 1)
      guard escaped == 0x75 else {
        append(Self.unescaped(escaped))
        at += 2
        continue
      }
      let (scalar, next) = scalar(at)
      appendUTF8(scalar, append)
      at = next
    }
  }

  /// The scalar of a `\u` escape or a pair of them, and where it ends.
  private func scalar(_ at: Int) -> (UInt32, Int) {
    func unit(_ start: Int) -> UInt32 {
      (start..<start + 4).reduce(0) { $0 << 4 | (Self.hexDigit(bytes.byte($1)) ?? 0) }
    }
    let first = unit(at + 2)
    guard first & 0xF800 == 0xD800 else { return (first, at + 6) }
    return (0x10000 + (first & 0x3FF) << 10 + unit(at + 8) & 0x3FF, at + 12)
  }

  private func appendUTF8(_ scalar: UInt32, _ append: (UInt8) -> Void) {
    func tail(_ shift: UInt32) { append(UInt8(0x80 | scalar >> shift & 0x3F)) }
    switch scalar {
    case ..<0x80: append(UInt8(scalar))
    case ..<0x800:
      append(UInt8(0xC0 | scalar >> 6))
      tail(0)
    case ..<0x10000:
      append(UInt8(0xE0 | scalar >> 12))
      tail(6)
      tail(0)
    default:
      append(UInt8(0xF0 | scalar >> 18))
      tail(12)
      tail(6)
      tail(0)
    }
  }

  private static func unescaped(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 0x62: 0x08
    case 0x66: 0x0C
    case 0x6E: 0x0A
    case 0x72: 0x0D
    case 0x74: 0x09
    default: byte
    }
  }
}
