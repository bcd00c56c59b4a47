import ByteCoding

extension QuantileSketch {
  /// Appends the canonical form.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1, varint, varint | shift, count of values, count of keys |
  /// | 8, 8 | complete keys of the least and greatest value |
  /// | 8 | first key, if any |
  /// | varint each | differences to the next key |
  /// | each | weights, as `LaneSums.encode` |
  func encode(into writer: inout ByteWriter) {
    writer.append(UInt8(shift))
    writer.append(varint: UInt64(count))
    writer.append(varint: UInt64(keys.count))
    writer.append(littleEndian: lowKey)
    writer.append(littleEndian: highKey)
    for (index, key) in keys.enumerated() {
      if index == 0 {
        writer.append(littleEndian: key)
      } else {
        // May pass 2^63, which a varint holds.
        writer.append(varint: UInt64(bitPattern: key &- keys[index - 1]))
      }
    }
    for index in keys.indices { weights.encode(index, into: &writer) }
  }

  static func decode(from reader: inout ByteReader) throws(ByteCodingError) -> QuantileSketch {
    let offset = reader.offset
    let shift = Int(try reader.readByte())
    guard shift < 64 else { throw ByteCodingError("shift \(shift)", at: offset) }
    let count = Int64(truncatingIfNeeded: try reader.readVarint())
    let keyCount = try FormatVersion.readCount(from: &reader)
    let lowKey = try reader.readLittleEndian(Int64.self)
    let highKey = try reader.readLittleEndian(Int64.self)
    var keys: [Int64] = []
    for _ in 0..<keyCount {
      if let last = keys.last {
        let key = last &+ Int64(bitPattern: try reader.readVarint())
        guard key > last else { throw ByteCodingError("keys do not ascend", at: reader.offset) }
        keys.append(key)
      } else {
        keys.append(try reader.readLittleEndian(Int64.self))
      }
    }
    var weights = LaneSums()
    for _ in 0..<keyCount { try weights.appendDecoded(from: &reader) }
    return QuantileSketch(
      shift: shift, keys: keys, weights: weights, lowKey: lowKey, highKey: highKey, count: count)
  }
}
