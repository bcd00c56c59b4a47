internal import Columns

/// The fast path of ``FeatureDecoder``: features of the plainest form, which is nearly all.
///
/// Plain is an entry of under 128 bytes that holds a name, then a feature with one list of one
/// value. Anything else, bad or not, is left to the full path, which gives the same values.
@safe struct PlainFeatures {
  let bytes: PaddedBytes
  let names: FeatureNames
  let columns: UnsafeMutablePointer<ScratchColumn>
  /// For each field, the stamp of the last row that has its feature.
  let seen: UnsafeMutablePointer<Int>

  /// The parts of a plain entry.
  private struct Entry {
    var name: Range<Int>
    /// The field number of the list: 1 bytes, 2 floats, 3 integers.
    var kind: UInt8
    var value: Range<Int>
  }

  /// Takes the entry whose tag is at `at`; where the next one is, or `nil` if it is not plain.
  @inline(__always)
  func decode(_ at: Int, end: Int, row: Int, stamp: Int) -> Int? {
    let head = bytes.word(at)
    let length = Int(truncatingIfNeeded: head >> 8 & 0xFF)
    let nameLength = Int(truncatingIfNeeded: head >> 24 & 0xFF)
    // Tag 1, length, tag 1, length of the name; lengths of one byte.
    guard head & 0x80FF_80FF == 0x000A_000A, at &+ 2 &+ length <= end, nameLength &+ 6 <= length
    else { return nil }
    let nameEnd = at &+ 4 &+ nameLength
    let feature = bytes.word(nameEnd)
    let kindTag = UInt8(truncatingIfNeeded: feature >> 16)
    let listLength = Int(truncatingIfNeeded: feature >> 24 & 0xFF)
    guard feature & 0xFF == 0x12,
      Int(truncatingIfNeeded: feature >> 8 & 0xFF) == length &- nameLength &- 4,
      listLength == length &- nameLength &- 6,
      let value = value(kindTag, nameEnd &+ 4, listLength)
    else { return nil }
    let position = names.position(bytes, at &+ 4, nameEnd)
    if position < 0 {
      return isASCII(at &+ 4, nameEnd) ? at &+ 2 &+ length : nil
    }
    guard let bits = bits(kindTag, value, unsafe columns[position].kind) else { return nil }
    unsafe columns[position].set(row, bits)
    unsafe seen[position] = stamp
    return at &+ 2 &+ length
  }

  /// Where the one value of a list lies, if the list is sound and holds one.
  @inline(__always)
  private func value(_ kindTag: UInt8, _ at: Int, _ length: Int) -> Range<Int>? {
    let end = at &+ length
    let tag = bytes.byte(at)
    let isDelimited = tag == 0x0A && length >= 2 && Int(bytes.byte(at &+ 1)) == length &- 2
    switch kindTag {
    case 0x0A: return isDelimited ? at &+ 2..<end : nil
    case 0x12:
      if isDelimited && length == 6 { return at &+ 2..<end }
      return tag == 0x0D && length == 5 ? at &+ 1..<end : nil
    case 0x1A:
      let start = isDelimited ? at &+ 2 : at &+ 1
      guard isDelimited || tag == 0x08, start < end, end &- start <= 9 else { return nil }
      return isOneVarint(start, end) ? start..<end : nil
    default: return nil
    }
  }

  /// Whether one varint of up to nine bytes fills `start..<end`.
  @inline(__always)
  private func isOneVarint(_ start: Int, _ end: Int) -> Bool {
    guard bytes.byte(end &- 1) < 0x80 else { return false }
    let length = end &- start &- 1
    let tops: UInt64 = 0x8080_8080_8080_8080
    let wanted = length == 8 ? tops : tops & ((1 &<< UInt64(truncatingIfNeeded: 8 &* length)) &- 1)
    return bytes.word(start) & wanted == wanted
  }

  @inline(__always)
  private func bits(_ kindTag: UInt8, _ value: Range<Int>, _ kind: ValueKind) -> UInt64? {
    switch (kindTag, kind) {
    case (0x0A, .string):
      guard isASCII(value.lowerBound, value.upperBound) else { return nil }
      return TextSpan(start: value.lowerBound, length: value.count).bits
    case (0x12, .float64), (0x12, .float32):
      let pattern = UInt32(truncatingIfNeeded: bytes.word(value.lowerBound))
      return Double(Float(bitPattern: pattern)).bitPattern
    case (0x1A, .int64), (0x1A, .microseconds): return integer(value)
    case (0x1A, .milliseconds):
      let (product, overflow) = Int64(bitPattern: integer(value))
        .multipliedReportingOverflow(by: 1000)
      return overflow ? nil : UInt64(bitPattern: product)
    case (0x1A, .float64): return Double(Int64(bitPattern: integer(value))).bitPattern
    default: return nil
    }
  }

  @inline(__always)
  private func integer(_ range: Range<Int>) -> UInt64 {
    var value: UInt64 = 0
    var at = range.upperBound
    while at > range.lowerBound {
      at &-= 1
      value = value &<< 7 | UInt64(bytes.byte(at) & 0x7F)
    }
    return value
  }

  @inline(__always)
  private func isASCII(_ start: Int, _ end: Int) -> Bool {
    var at = start
    var seen: UInt64 = 0
    while at &+ 8 <= end {
      seen |= bytes.word(at)
      at &+= 8
    }
    let rest = UInt64(truncatingIfNeeded: 8 &* (end &- at))
    if rest > 0 { seen |= bytes.word(at) & ((1 &<< rest) &- 1) }
    return seen & 0x8080_8080_8080_8080 == 0
  }
}
