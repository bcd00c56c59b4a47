import ByteCoding

/// The count and the exact weight of one token, as an entry of an encoded vocabulary has them.
struct TokenTotals: Sendable {
  private(set) var count: Int64
  /// The weight while it is a natural number below 2^36, or was read as one.
  private var natural: UInt64
  private var exact: ExactSum?
  /// Above it a weight is an ``ExactSum`` in canonical form too.
  private static let naturalLimit: UInt64 = 1 << 36

  init(from reader: inout ByteReader) throws(ByteCodingError) {
    count = Int64(truncatingIfNeeded: try reader.readVarint())
    let mark = try reader.readVarint()
    natural = mark >> 1
    exact = mark & 1 == 0 ? nil : try ExactSum.decode(from: &reader)
  }

  mutating func merge(_ other: TokenTotals) {
    count += other.count
    if exact == nil, other.exact == nil, natural + other.natural < Self.naturalLimit {
      natural += other.natural
    } else {
      var sum = sum
      sum.merge(other.sum)
      exact = sum
    }
  }

  /// The weight, exactly.
  var sum: ExactSum {
    if let exact { return exact }
    var sum = ExactSum()
    sum.add(Int64(natural))
    return sum
  }

  /// The weight, rounded once.
  var weight: Double { exact?.value ?? Double(natural) }

  func encode(into writer: inout ByteWriter) {
    writer.append(varint: UInt64(count))
    guard let exact else { return writer.append(varint: natural << 1) }
    var sums = LaneSums(count: 1)
    sums.add(exact, at: 0)
    sums.encode(0, into: &writer)
  }
}
