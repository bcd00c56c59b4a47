import Columns

/// Checks the grammar of JSON inside one line and finds where its tokens end.
///
/// Iterative; at most ``JSONTokenizer/depthLimit`` containers are open. Offsets are those of
/// `bytes`; the line is `lineStart..<end`. A line end is no white space here, so nothing reaches
/// over it. UTF-8 is checked where a string is asked to.
struct JSONTokenizer {
  static let depthLimit = 128
  static let stringLimit = 16 << 20

  let bytes: PaddedBytes
  var lineStart: Int
  /// Bytes from here on are not looked at.
  var end: Int
  let allowsNonFinite: Bool

  /// A string's bytes between the quotes.
  struct StringToken {
    var start: Int
    var end: Int
    var hasEscapes: Bool
  }

  /// The byte at `at`; at the end a line end, which no token contains.
  @inline(__always)
  func peek(_ at: Int) -> UInt8 { at < end ? bytes.byte(at) : 0x0A }

  @inline(__always)
  func skipSpace(_ at: Int) -> Int {
    var at = at
    while case let byte = peek(at), byte == 0x20 || byte == 0x09 || byte == 0x0D { at &+= 1 }
    return at
  }

  /// The end of the value at `at`, whatever it is, inside `depth` open containers.
  func skipValue(_ start: Int, depth: Int) throws(RowFault) -> Int {
    // Bit 0 says whether the innermost container is an object.
    var isObject: UInt128 = 0
    var opened = 0
    var at = start
    while true {
      let byte = peek(at)
      if byte == 0x7B || byte == 0x5B {
        guard opened + depth < Self.depthLimit else {
          throw RowFault("nested deeper than \(Self.depthLimit)\(place(at))")
        }
        opened += 1
        isObject = isObject << 1 | (byte == 0x7B ? 1 : 0)
        at = skipSpace(at + 1)
        if peek(at) != byte + 2 {
          if byte == 0x7B { at = try skipKey(at).valueStart }
          continue
        }
        at += 1
        opened -= 1
        isObject >>= 1
      } else {
        at = try skipScalar(at)
      }
      guard let next = try endContainers(at, opened: &opened, isObject: &isObject) else { continue }
      if opened == 0 { return next }
      at = next
    }
  }

  /// Closes the containers that end at `start`; where the next value starts, or where the
  /// outermost container ended.
  private func endContainers(
    _ start: Int, opened: inout Int, isObject: inout UInt128
  ) throws(RowFault) -> Int? {
    var at = start
    while opened > 0 {
      at = skipSpace(at)
      let inObject = isObject & 1 == 1
      switch peek(at) {
      case 0x2C:
        at = skipSpace(at + 1)
        return inObject ? try skipKey(at).valueStart : at
      case inObject ? 0x7D : 0x5D:
        at += 1
        opened -= 1
        isObject >>= 1
      default:
        throw expected(inObject ? "',' or '}'" : "',' or ']'", at)
      }
    }
    return at
  }

  /// A key, its colon and the space around it.
  func skipKey(_ at: Int) throws(RowFault) -> (key: StringToken, valueStart: Int) {
    guard peek(at) == 0x22 else { throw expected("a key", at) }
    let key = try string(at)
    let colon = skipSpace(key.end + 1)
    guard peek(colon) == 0x3A else { throw expected("':' after a key", colon) }
    return (key, skipSpace(colon + 1))
  }

  private func skipScalar(_ at: Int) throws(RowFault) -> Int {
    switch peek(at) {
    case 0x22: return try string(at).end + 1
    case 0x2D, 0x30...0x39, 0x49, 0x4E: return try number(at)
    case 0x74: return try literal("true", at)
    case 0x66: return try literal("false", at)
    case 0x6E: return try literal("null", at)
    default: throw expected("a value", at)
    }
  }

  func literal(_ text: StaticString, _ start: Int) throws(RowFault) -> Int {
    guard let end = matches(text, start) else { throw expected("a value", start) }
    return end
  }

  /// The end of `text` if it stands at `start`.
  func matches(_ text: StaticString, _ start: Int) -> Int? {
    var at = start
    let isEqual = text.withUTF8Buffer { expected in
      for index in 0..<expected.count {
        guard unsafe peek(at) == expected[index] else { return false }
        at += 1
      }
      return true
    }
    return isEqual ? at : nil
  }

  /// The end of the number at `start`, or of `NaN`, `Infinity`, `-Infinity` if these are allowed.
  func number(_ start: Int) throws(RowFault) -> Int {
    var at = start
    if peek(at) == 0x2D { at += 1 }
    if peek(at) == 0x49 || peek(start) == 0x4E {
      let end = peek(at) == 0x49 ? matches("Infinity", at) : matches("NaN", at)
      guard let end else { throw expected("a value", start) }
      guard allowsNonFinite else { throw RowFault("a number that is not finite\(place(start))") }
      return end
    }
    let integerStart = at
    at = try digits(at)
    if bytes.byte(integerStart) == 0x30 && at > integerStart + 1 {
      throw RowFault("a number begins with 0\(place(integerStart))")
    }
    if peek(at) == 0x2E { at = try digits(at + 1) }
    if peek(at) | 0x20 == 0x65 {
      at += 1
      if peek(at) == 0x2B || peek(at) == 0x2D { at += 1 }
      at = try digits(at)
    }
    return at
  }

  private func digits(_ start: Int) throws(RowFault) -> Int {
    var at = start
    while peek(at) &- 0x30 < 10 { at &+= 1 }
    guard at > start else { throw expected("a digit", at) }
    return at
  }

  func expected(_ what: String, _ at: Int) -> RowFault {
    RowFault("expected \(what), found \(found(at))\(place(at))")
  }

  private func found(_ at: Int) -> String {
    guard at < end else { return "the end of the line" }
    let byte = bytes.byte(at)
    if byte == 0x22 { return "a quote" }
    return byte > 0x20 && byte < 0x7F
      ? "'\(Unicode.Scalar(byte))'" : "byte 0x" + String(byte, radix: 16, uppercase: true)
  }

  func place(_ at: Int) -> String { " at byte \(at - lineStart)" }
}
