public import Columns

/// Rows by cell; the grouped form of ``RowsAccumulator``.
public struct GroupedRows: GroupedAccumulator {
  private let parameters: RowsParameters
  /// The rows of each cell, end to end; shape `[cells][rows × columns]`.
  private var cells: [[Double]] = []

  public init(_ parameters: RowsParameters) { self.parameters = parameters }

  public var cellCount: Int { cells.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > cells.count else { return }
    cells.append(contentsOf: repeatElement([], count: cellCount - cells.count))
  }

  public mutating func add(_ inputs: [Column], cells places: [UInt32], uniform: UInt32?) {
    precondition(inputs.count == parameters.columns, "\(inputs.count) columns for a row")
    let columns = inputs.map { NumericColumn($0).doubles }
    for (row, cell) in places.enumerated() where cell != 0 {
      if columns.contains(where: { $0[row].isNaN }) { continue }
      for column in columns { cells[Int(cell)].append(column[row] + 0) }
    }
  }

  public mutating func extract(_ moved: [UInt32]) -> GroupedRows {
    var result = GroupedRows(parameters)
    result.cells = [[]]
    for cell in moved {
      var rows: [Double] = []
      swap(&rows, &cells[Int(cell)])
      result.cells.append(rows)
    }
    return result
  }

  public mutating func merge(_ other: GroupedRows, mapping: [UInt32]) {
    for cell in other.cells.indices.dropFirst() where mapping[cell] != 0 {
      cells[Int(mapping[cell])] += other.cells[cell]
    }
  }

  public func single(_ cell: Int) -> RowsAccumulator {
    RowsAccumulator(parameters, values: cells[cell])
  }

  public mutating func merge(single: RowsAccumulator, into cell: UInt32) {
    cells[Int(cell)] += single.values
  }

  public var byteCount: Int {
    cells.reduce(cells.capacity * MemoryLayout<[Double]>.stride) { $0 + $1.capacity * 8 }
  }

  /// Every row is kept.
  public static func byteBound(_ parameters: RowsParameters, distinctCount: Int) -> Int {
    32 + distinctCount * parameters.columns * 8
  }
}
