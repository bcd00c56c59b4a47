public import ByteCoding
public import Columns

/// How many numbers a kept row has.
public struct RowsParameters: Hashable, Sendable {
  public var columns: Int

  public init(columns: Int) { self.columns = columns }
}

/// Every row as it is, for what no summary tells: such as ranks within a query.
///
/// Inputs: numeric columns, read as doubles. Rows with a value that is missing or NaN are left out.
/// Output: the rows in ascending order, the first column first.
public struct RowsAccumulator: Accumulator {
  private let parameters: RowsParameters
  /// Shape `[rows × columns]`, in any order.
  private(set) var values: [Double] = []

  public init(_ parameters: RowsParameters) { self.parameters = parameters }

  init(_ parameters: RowsParameters, values: [Double]) {
    self.parameters = parameters
    self.values = values
  }

  public mutating func add(_ inputs: [Column]) {
    precondition(inputs.count == parameters.columns, "\(inputs.count) columns for a row")
    let columns = inputs.map { NumericColumn($0).doubles }
    for row in columns[0].indices where !columns.contains(where: { $0[row].isNaN }) {
      // −0 and 0 are one value.
      for column in columns { values.append(column[row] + 0) }
    }
  }

  public mutating func merge(_ other: RowsAccumulator) { values += other.values }

  public func output() -> [[Double]] {
    let rows = stride(from: 0, to: values.count, by: parameters.columns).map {
      Array(values[$0..<$0 + parameters.columns])
    }
    return rows.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Appends the canonical form.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | format version |
  /// | varint | rows |
  /// | 8 each | the numbers of the rows, in the order of ``output()`` |
  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    let rows = output()
    writer.append(varint: UInt64(rows.count))
    for row in rows { for value in row { writer.append(value) } }
  }

  public static func decode(
    _ parameters: RowsParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> RowsAccumulator {
    try FormatVersion.read(from: &reader)
    var result = RowsAccumulator(parameters)
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) * parameters.columns {
      result.values.append(try reader.readDouble())
    }
    return result
  }
}
