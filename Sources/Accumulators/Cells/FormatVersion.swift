import ByteCoding

/// The first byte of every encoded state.
enum FormatVersion {
  static let current: UInt8 = 1

  static func read(from reader: inout ByteReader) throws(ByteCodingError) {
    let offset = reader.offset
    let version = try reader.readByte()
    guard version == current else {
      throw ByteCodingError("state format \(version), not \(current)", at: offset)
    }
  }

  /// A count that its items, of at least one byte each, can honour.
  static func readCount(from reader: inout ByteReader) throws(ByteCodingError) -> Int {
    let offset = reader.offset
    let count = try reader.readVarint()
    guard count <= UInt64(reader.bytes.endIndex - reader.offset) else {
      throw ByteCodingError("\(count) items are promised, too few bytes left", at: offset)
    }
    return Int(count)
  }
}
