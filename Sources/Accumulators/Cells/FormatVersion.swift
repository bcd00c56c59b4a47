import ByteCoding

/// The first byte of every encoded state.
enum FormatVersion {
  static let current: UInt8 = 1

  /// The version read, of those up to `newest` that the state knows.
  @discardableResult
  static func read(
    from reader: inout ByteReader, newest: UInt8 = current
  ) throws(ByteCodingError) -> UInt8 {
    let offset = reader.offset
    let version = try reader.readByte()
    guard (current...newest).contains(version) else {
      throw ByteCodingError("state format \(version), not \(newest)", at: offset)
    }
    return version
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
