public import ByteCoding
public import Columns

/// How many columns are summed.
public struct SumParameters: Hashable, Sendable {
  public var columns: Int

  public init(columns: Int) { self.columns = columns }
}

/// Exact sums of one or more numeric columns, each on its own.
///
/// Missing and NaN rows are skipped; an infinity makes its sum infinite, infinities of both signs
/// NaN; an empty sum is 0. Integers are summed as integers. Output: one double a column, rounded
/// once.
public struct SumAccumulator: Accumulator {
  public private(set) var sums: [ExactSum]

  public init(_ parameters: SumParameters) {
    sums = [ExactSum](repeating: ExactSum(), count: parameters.columns)
  }

  init(_ sums: [ExactSum]) { self.sums = sums }

  public mutating func add(_ inputs: [Column]) {
    precondition(inputs.count == sums.count, "\(inputs.count) columns for \(sums.count) sums")
    for (index, column) in inputs.enumerated() {
      let column = NumericColumn(column)
      switch column {
      case .doubles(let values, let validity):
        for row in values.indices where validity.isPresent(row) && !values[row].isNaN {
          sums[index].add(values[row])
        }
      case .integers(let values, let validity):
        for row in values.indices where validity.isPresent(row) { sums[index].add(values[row]) }
      }
    }
  }

  public mutating func merge(_ other: SumAccumulator) {
    for index in sums.indices { sums[index].merge(other.sums[index]) }
  }

  public func output() -> [Double] { sums.map(\.value) }

  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    for sum in sums { sum.encode(into: &writer) }
  }

  public static func decode(
    _ parameters: SumParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> SumAccumulator {
    try FormatVersion.read(from: &reader)
    var sums: [ExactSum] = []
    for _ in 0..<parameters.columns { sums.append(try ExactSum.decode(from: &reader)) }
    return SumAccumulator(sums)
  }
}
