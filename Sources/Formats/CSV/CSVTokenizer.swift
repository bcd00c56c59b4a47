internal import Columns

/// Cuts CSV records (RFC 4180) into fields.
///
/// A record ends at the first line end with an even number of quotes before it, whatever else is
/// wrong with it, so records do not depend on where a reader cut its chunks.
struct CSVTokenizer {
  /// A field's text, without the quotes around it.
  struct Field {
    var start: Int
    var end: Int
    var isQuoted: Bool
    /// Quotes inside are doubled.
    var hasDoubledQuotes: Bool
    /// Where the separator, line end or end of the bytes stands.
    var next: Int
  }

  let bytes: PaddedBytes
  let separator: UInt8
  /// Set in the top bits once a byte outside ASCII was met, perhaps behind the record.
  private(set) var seenBits: UInt64 = 0

  init(_ bytes: PaddedBytes, separator: UInt8) {
    self.bytes = bytes
    self.separator = separator
  }

  /// Whether the text seen since the last call may hold bytes outside ASCII.
  mutating func takeMayNotBeASCII() -> Bool {
    defer { seenBits = 0 }
    return seenBits & Self.tops != 0
  }

  /// The field that starts at `start`.
  @inline(__always)
  mutating func field(_ start: Int) throws(RowFault) -> Field {
    if start < bytes.count && bytes.byte(start) == 0x22 { return try quoted(start) }
    let stop = endOfPlain(start)
    var end = stop
    if stop < bytes.count {
      let byte = bytes.byte(stop)
      if byte == 0x22 { throw RowFault("a quote inside a field without quotes") }
      if byte == 0x0A && end > start && bytes.byte(end - 1) == 0x0D { end -= 1 }
    } else if end > start && bytes.byte(end - 1) == 0x0D {
      end -= 1
    }
    return Field(start: start, end: end, isQuoted: false, hasDoubledQuotes: false, next: stop)
  }

  /// The first separator, line feed or quote at or after `start`, or the end.
  @inline(__always)
  private mutating func endOfPlain(_ start: Int) -> Int {
    var at = start
    let separators = Self.spread(separator)
    while at < bytes.count {
      let word = bytes.word(at)
      let stops =
        Self.zeros(word ^ separators) | Self.zeros(word ^ Self.spread(0x0A))
        | Self.zeros(word ^ Self.spread(0x22))
      seenBits |= word
      if stops != 0 { return min(at &+ stops.trailingZeroBitCount >> 3, bytes.count) }
      at &+= 8
    }
    return bytes.count
  }

  private mutating func quoted(_ start: Int) throws(RowFault) -> Field {
    var at = start + 1
    var hasDoubled = false
    while true {
      let quote = bytes.find(0x22, from: at, to: bytes.count)
      guard quote < bytes.count else { throw RowFault("a quoted field is not closed") }
      at = quote + 1
      guard at < bytes.count, bytes.byte(at) == 0x22 else { break }
      hasDoubled = true
      at += 1
    }
    // Which bytes are inside was not looked at.
    seenBits = ~0
    var next = at
    if next < bytes.count && bytes.byte(next) == 0x0D
      && (next + 1 == bytes.count || bytes.byte(next + 1) == 0x0A)
    {
      next += 1
    }
    guard
      next == bytes.count || bytes.byte(next) == 0x0A || (next == at && bytes.byte(at) == separator)
    else { throw RowFault("text after the closing quote of a field") }
    return Field(
      start: start + 1, end: at - 1, isQuoted: true, hasDoubledQuotes: hasDoubled, next: next)
  }

  /// The offset after the record that starts at `start`, by the parity of quotes alone, and
  /// whether its line end is there.
  func endOfRecord(_ start: Int) -> (end: Int, isWhole: Bool) {
    var isInside = false
    var at = start
    while at < bytes.count {
      let byte = bytes.byte(at)
      at += 1
      if byte == 0x22 { isInside.toggle() }
      if byte == 0x0A && !isInside { return (at, true) }
    }
    return (bytes.count, false)
  }

  /// `end` without the line end before it.
  func withoutLineEnd(_ start: Int, _ end: Int) -> Int {
    var end = end
    if end > start && bytes.byte(end - 1) == 0x0A { end -= 1 }
    if end > start && bytes.byte(end - 1) == 0x0D { end -= 1 }
    return end
  }

  private static let tops: UInt64 = 0x8080_8080_8080_8080

  @inline(__always)
  private static func spread(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

  /// The top bit of each zero byte of `word`, exactly up to and including the first.
  @inline(__always)
  private static func zeros(_ word: UInt64) -> UInt64 {
    (word &- 0x0101_0101_0101_0101) & ~word & tops
  }
}
