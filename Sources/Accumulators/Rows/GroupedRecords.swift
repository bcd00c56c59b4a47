public import Columns

/// Whole rows by cell; the grouped form of ``RecordsAccumulator``.
public struct GroupedRecords: GroupedAccumulator {
  private let parameters: RecordsParameters
  private var cells: [RecordsAccumulator] = []

  public init(_ parameters: RecordsParameters) { self.parameters = parameters }

  public var cellCount: Int { cells.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > cells.count else { return }
    let empty = RecordsAccumulator(parameters)
    cells.append(contentsOf: repeatElement(empty, count: cellCount - cells.count))
  }

  public mutating func add(_ inputs: [Column], cells places: [UInt32], uniform: UInt32?) {
    for (row, cell) in places.enumerated() where cell != 0 { cells[Int(cell)].add(inputs, row) }
  }

  public mutating func extract(_ moved: [UInt32]) -> GroupedRecords {
    var result = GroupedRecords(parameters)
    result.grow(to: 1)
    for cell in moved {
      var records = RecordsAccumulator(parameters)
      swap(&records, &cells[Int(cell)])
      result.cells.append(records)
    }
    return result
  }

  public mutating func merge(_ other: GroupedRecords, mapping: [UInt32]) {
    for cell in other.cells.indices.dropFirst() where mapping[cell] != 0 {
      cells[Int(mapping[cell])].merge(other.cells[cell])
    }
  }

  public func single(_ cell: Int) -> RecordsAccumulator { cells[cell] }

  public mutating func merge(single: RecordsAccumulator, into cell: UInt32) {
    cells[Int(cell)].merge(single)
  }

  public var byteCount: Int {
    cells.reduce(cells.capacity * MemoryLayout<RecordsAccumulator>.stride) { $0 + $1.byteCount }
  }

  /// Every row is kept: its place and one number or short text a column.
  public static func byteBound(_ parameters: RecordsParameters, distinctCount: Int) -> Int {
    64 + distinctCount
      * (MemoryLayout<RecordsAccumulator.Entry>.stride + parameters.types.count * 16)
  }
}
