public import ByteCoding
public import Columns

/// Mean, variance and extremes of one numeric column, exact and rounded once at output.
///
/// Missing, NaN and infinite rows are counted apart and kept out of the statistics. Integers are
/// taken as the nearest doubles. The state is Σx and Σx² without any rounding.
public struct MomentsAccumulator: Accumulator {
  private(set) var counts = MomentCounts()
  private(set) var sum = ExactSum()
  private(set) var squares = ExactSum()

  public init(_: MomentsParameters) {}

  init(_ counts: MomentCounts, sum: ExactSum, squares: ExactSum) {
    self.counts = counts
    self.sum = sum
    self.squares = squares
  }

  public mutating func add(_ inputs: [Column]) {
    let column = NumericColumn(inputs[0])
    for (row, value) in column.doubles.enumerated() {
      if !column.validity.isPresent(row) {
        counts.missingCount += 1
      } else if value.isFinite {
        counts.add(finite: value)
        sum.add(value)
        squares.add(product: value, value)
      } else {
        counts.add(special: value)
      }
    }
  }

  public mutating func merge(_ other: MomentsAccumulator) {
    counts.merge(other.counts)
    sum.merge(other.sum)
    squares.merge(other.squares)
  }

  public func output() -> Moments {
    var result = Moments()
    result.count = counts.count
    result.missingCount = counts.missingCount
    result.nanCount = counts.nanCount
    result.positiveInfinityCount = counts.positiveInfinityCount
    result.negativeInfinityCount = counts.negativeInfinityCount
    result.zeroCount = counts.zeroCount
    guard counts.count > 0 else { return result }
    result.sum = sum.value
    result.mean = sum.divided(by: counts.count)
    result.variance = variance()
    result.minimum = OrderedKey.value(counts.lowKey)
    result.maximum = OrderedKey.value(counts.highKey)
    return result
  }

  /// `(n·Σx² − (Σx)²) / n²`, in integers but for the last rounding.
  private func variance() -> Double {
    let count = counts.count.magnitude
    let scaled = squares.magnitude().magnitude * count - sum.magnitude().magnitude.squared
    let (once, isInexact) = scaled.divided(by: count)
    let (twice, isInexactAgain) = once.divided(by: count)
    return twice.rounded(isInexact: isInexact || isInexactAgain)
  }

  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    for count in [
      counts.count, counts.missingCount, counts.nanCount, counts.positiveInfinityCount,
      counts.negativeInfinityCount, counts.zeroCount,
    ] {
      writer.append(varint: UInt64(count))
    }
    writer.append(littleEndian: counts.lowKey)
    writer.append(littleEndian: counts.highKey)
    sum.encode(into: &writer)
    squares.encode(into: &writer)
  }

  public static func decode(
    _ parameters: MomentsParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> MomentsAccumulator {
    try FormatVersion.read(from: &reader)
    var result = MomentsAccumulator(parameters)
    result.counts.count = Int64(truncatingIfNeeded: try reader.readVarint())
    result.counts.missingCount = Int64(truncatingIfNeeded: try reader.readVarint())
    result.counts.nanCount = Int64(truncatingIfNeeded: try reader.readVarint())
    result.counts.positiveInfinityCount = Int64(truncatingIfNeeded: try reader.readVarint())
    result.counts.negativeInfinityCount = Int64(truncatingIfNeeded: try reader.readVarint())
    result.counts.zeroCount = Int64(truncatingIfNeeded: try reader.readVarint())
    result.counts.lowKey = try reader.readLittleEndian(Int64.self)
    result.counts.highKey = try reader.readLittleEndian(Int64.self)
    result.sum = try ExactSum.decode(from: &reader)
    result.squares = try ExactSum.decode(from: &reader)
    return result
  }
}
