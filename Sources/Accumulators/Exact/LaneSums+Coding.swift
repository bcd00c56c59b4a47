import ByteCoding

extension LaneSums {
  /// Appends sum `index` canonically: twice a natural number below 2^62 as a varint, or the varint
  /// 1 and an ``ExactSum``.
  func encode(_ index: Int, into writer: inout ByteWriter) {
    let sum = wide[index] == nil ? nil : sum(index)
    let lane = sum.map { $0.lane } ?? lanes[index]
    if let lane, lane >= 0, lane & (FixedPoint.one - 1) == 0, lane >> 90 < 1 << 62 {
      writer.append(varint: UInt64(lane >> 90) << 1)
    } else {
      writer.append(varint: 1)
      encodeExactly(index, into: &writer)
    }
  }

  /// Appends sum `index` as an ``ExactSum``.
  func encodeExactly(_ index: Int, into writer: inout ByteWriter) {
    if wide[index] == nil {
      ExactSum.encode(lane: lanes[index], into: &writer)
    } else {
      sum(index).encode(into: &writer)
    }
  }

  /// Appends a sum read from what `encode` wrote.
  mutating func appendDecoded(from reader: inout ByteReader) throws(ByteCodingError) {
    let natural = try reader.readVarint()
    let index = lanes.count
    lanes.append(0)
    if natural & 1 == 0 {
      add(lane: 0, at: index)
      var sum = ExactSum()
      sum.add(Int64(natural >> 1))
      add(sum, at: index)
    } else {
      add(try ExactSum.decode(from: &reader), at: index)
    }
  }
}
