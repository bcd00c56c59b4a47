import CScan
import Columns

/// The bytes of a `PaddedBuffer`, borrowed, read by offset.
///
/// Unsafe inside for speed: bounds are checked in debug builds only. Offsets up to `count` may be
/// given to every method; loads reach at most `PaddedBuffer.padding` bytes beyond.
@safe struct PaddedBytes {
  let base: UnsafeRawPointer
  let count: Int

  @inline(__always)
  func byte(_ at: Int) -> UInt8 {
    check(at, 1)
    return unsafe base.load(fromByteOffset: at, as: UInt8.self)
  }

  /// Eight bytes, the first lowest.
  @inline(__always)
  func word(_ at: Int) -> UInt64 {
    check(at, 8)
    return unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  /// Bit `i` of 16 is set when byte `at + i` is not a digit; those from 16 on are set.
  @inline(__always)
  func nonDigits(_ at: Int) -> UInt32 {
    check(at, 16)
    return unsafe cscan_non_digits(base + at)
  }

  /// Bit `i` of 16 is set when byte `at + i` is a quote, a backslash, a control character or not
  /// ASCII.
  @inline(__always)
  func plainTextStops(_ at: Int) -> UInt32 {
    check(at, 16)
    return unsafe cscan_plain_text_stops(base + at)
  }

  /// The same for 48 bytes.
  @inline(__always)
  func plainTextStops48(_ at: Int) -> UInt64 {
    check(at, 48)
    return unsafe cscan_plain_text_stops_48(base + at)
  }

  /// Bit `i` of 16 is set when byte `at + i` is a quote, a backslash or a control character.
  @inline(__always)
  func stringStops(_ at: Int) -> UInt32 {
    check(at, 16)
    return unsafe cscan_string_stops(base + at)
  }

  /// Whether the bytes at `at` are as the 64 at `pattern` say: see `cscan_match`.
  @inline(__always)
  func matches(_ at: Int, _ pattern: UnsafeRawPointer, length: Int) -> Bool {
    check(at, 32)
    return unsafe cscan_match(base + at, pattern, length) != 0
  }

  /// The same for the bytes at four places.
  @inline(__always)
  func allMatch(
    _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ pattern: UnsafeRawPointer, length: Int
  ) -> Bool {
    check(a, 32)
    check(b, 32)
    check(c, 32)
    check(d, 32)
    return unsafe cscan_four_match(base + a, base + b, base + c, base + d, pattern, length) != 0
  }

  /// ``nonDigits(_:)`` of `left` in the low half and of `right` in the high one, and where a half's
  /// first byte is zero.
  @inline(__always)
  func digitMasks(_ left: Int, _ right: Int) -> (stops: UInt32, zeros: UInt32) {
    check(left, 16)
    check(right, 16)
    let masks = unsafe cscan_pair_digits(base + left, base + right)
    return (masks.stops, masks.zeros)
  }

  /// ``plainTextStops(_:)`` of `left` in the low half and of `right` in the high one.
  @inline(__always)
  func plainTextStops(_ left: Int, _ right: Int) -> UInt32 {
    check(left, 16)
    check(right, 16)
    return unsafe cscan_pair_text_stops(base + left, base + right)
  }

  /// The value of `count` digits at `at`, 1 to 16, with a point after the first `whole` of them if
  /// these are not all; 16 bytes at most.
  @inline(__always)
  func decimal(_ at: Int, whole: Int, count: Int) -> UInt64 {
    check(at, 32)
    return unsafe cscan_decimal(
      base + at, UInt32(truncatingIfNeeded: whole), UInt32(truncatingIfNeeded: count))
  }

  /// ``decimal(_:whole:count:)`` of two.
  @inline(__always)
  func decimals(
    _ left: (at: Int, whole: Int, count: Int), _ right: (at: Int, whole: Int, count: Int)
  ) -> (left: UInt64, right: UInt64) {
    check(left.at, 32)
    check(right.at, 32)
    let pair = unsafe cscan_pair_decimals(
      base + left.at, UInt32(truncatingIfNeeded: left.whole),
      UInt32(truncatingIfNeeded: left.count), base + right.at,
      UInt32(truncatingIfNeeded: right.whole), UInt32(truncatingIfNeeded: right.count))
    return (pair.left, pair.right)
  }

  /// The position of the lowest set bit of `mask`, which is not 0.
  @inline(__always)
  static func lowest(_ mask: UInt32) -> Int { Int(truncatingIfNeeded: cscan_lowest(mask)) }

  /// The first `byte` at or after `at`, or `end`.
  func find(_ byte: UInt8, from at: Int, to end: Int) -> Int {
    check(at, end - at)
    return unsafe at + cscan_find(base + at, byte, end - at)
  }

  /// The offset after the last line end in `start..<count`, or `start`.
  func endOfLines(from start: Int) -> Int {
    var at = count
    while at > start && byte(at - 1) != 0x0A { at -= 1 }
    return at
  }

  /// The first offset in `start..<end` where the bytes are not UTF-8, or `end`.
  func endOfUTF8(from start: Int, to end: Int) -> Int {
    check(start, end - start)
    return unsafe start + cscan_utf8_prefix(base + start, end - start)
  }

  /// Where `start..<end` ends without a `\n` or `\r\n` at its end.
  func withoutLineEnd(_ start: Int, _ end: Int) -> Int {
    guard end > start && byte(end - 1) == 0x0A else { return end }
    return end - 1 > start && byte(end - 2) == 0x0D ? end - 2 : end - 1
  }

  func isEqual(_ start: Int, _ other: [UInt8]) -> Bool {
    for (index, byte) in other.enumerated() where self.byte(start + index) != byte { return false }
    return true
  }

  /// A copy, for messages and plans.
  func array(_ range: Range<Int>) -> [UInt8] { range.map { byte($0) } }

  @inline(__always)
  private func check(_ at: Int, _ length: Int) {
    assert(
      at >= 0 && at + length <= count + PaddedBuffer.padding, "\(length) bytes at \(at) of \(count)"
    )
  }
}
