extension ByteReader {
  /// Reads a tag; fails on field number 0, one past 2^29 − 1, and on groups.
  public mutating func readTag() throws(ByteCodingError) -> WireTag {
    let start = offset
    let word = try readVarint()
    let number = word >> 3
    guard number > 0, number < 1 << 29 else {
      throw ByteCodingError("\(number) is no field number", at: start)
    }
    guard let type = WireType(rawValue: UInt8(word & 7)) else {
      throw ByteCodingError("field \(number) has the unsupported wire type \(word & 7)", at: start)
    }
    return WireTag(Int(number), type)
  }

  /// The next field of a message that fills this reader, or `nil` at its end.
  public mutating func readField() throws(ByteCodingError) -> WireField? {
    if isAtEnd { return nil }
    let tag = try readTag()
    switch tag.type {
    case .varint: return WireField(tag.number, .varint(try readVarint()))
    case .fixed64: return WireField(tag.number, .fixed64(try readLittleEndian(UInt64.self)))
    case .lengthDelimited: return WireField(tag.number, .bytes(try readLengthPrefixed()))
    case .fixed32: return WireField(tag.number, .fixed32(try readLittleEndian(UInt32.self)))
    }
  }

  /// Passes over a value of `type`.
  public mutating func skip(_ type: WireType) throws(ByteCodingError) {
    switch type {
    case .varint: _ = try readVarint()
    case .fixed64: _ = try read(count: 8)
    case .lengthDelimited: _ = try readLengthPrefixed()
    case .fixed32: _ = try read(count: 4)
    }
  }
}
