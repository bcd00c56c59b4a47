public import ByteCoding

extension GroupedAccumulator {
  /// Appends the canonical form of every cell but the discard cell, in order.
  public func encodeCells(into writer: inout ByteWriter) {
    for cell in 1..<max(1, cellCount) {
      encode(cell, into: &writer)
      writer.flushIfLong()
    }
  }

  /// The states of `count` cells from what ``encodeCells(into:)`` wrote, as if extracted.
  static func decodeCells(
    _ parameters: Parameters, count: Int, from reader: inout ByteReader
  ) throws(ByteCodingError) -> any GroupedAccumulator {
    var states = Self(parameters)
    states.grow(to: count + 1)
    for cell in 1..<UInt32(count) + 1 {
      try states.decode(parameters, into: cell, from: &reader)
    }
    return states.extract(Array(1..<UInt32(count) + 1))
  }
}
