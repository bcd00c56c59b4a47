public import ByteCoding

extension ExactSum {
  /// Appends the canonical form, a function of the sum alone.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | bits 0–2: +∞, −∞, NaN were added; bit 3: negative |
  /// | varint | count of 32-bit digits; when 0, nothing follows |
  /// | varint | position of the first: it weighs `2^(32·position − 2176)` |
  /// | 4 each | digits, first and last not 0 |
  public func encode(into writer: inout ByteWriter) {
    let (isNegative, low, digits) = canonical()
    writer.append(specials.rawValue | (isNegative ? 8 : 0))
    writer.append(varint: UInt64(digits.count))
    guard !digits.isEmpty else { return }
    writer.append(varint: UInt64(low))
    for digit in digits { writer.append(littleEndian: digit) }
  }

  /// Appends the canonical form of `lane` · 2^-90.
  static func encode(lane: Int128, into writer: inout ByteWriter) {
    let magnitude = lane.magnitude
    writer.append(UInt8(lane < 0 ? 8 : 0))
    guard magnitude != 0 else { return writer.append(varint: 0) }
    // 2^-90 is 2^6 times the weight of digit 65.
    let first = (magnitude.trailingZeroBitCount + 6) / 32
    let last = (127 - magnitude.leadingZeroBitCount + 6) / 32
    writer.append(varint: UInt64(last - first + 1))
    writer.append(varint: UInt64(65 + first))
    for digit in first...last {
      let shifted = digit == 0 ? magnitude << 6 : magnitude >> UInt128(32 * digit - 6)
      writer.append(littleEndian: UInt32(truncatingIfNeeded: shifted))
    }
  }

  public static func decode(from reader: inout ByteReader) throws(ByteCodingError) -> ExactSum {
    let offset = reader.offset
    let flags = try reader.readByte()
    let count = try reader.readVarint()
    guard flags < 16, count <= 256 else {
      throw ByteCodingError("no exact sum: flags \(flags), \(count) digits", at: offset)
    }
    var sum = ExactSum()
    sum.specials = Specials(rawValue: flags & 7)
    guard count > 0 else { return sum }
    let low = try reader.readVarint()
    guard low <= 256 else { throw ByteCodingError("digit position \(low)", at: offset) }
    for index in 0..<Int(count) {
      let digit = try reader.readLittleEndian(UInt32.self)
      sum.add(
        UInt128(digit), exponent: 32 * (Int(low) + index) + baseExponent,
        isNegative: flags & 8 != 0)
    }
    return sum
  }
}
