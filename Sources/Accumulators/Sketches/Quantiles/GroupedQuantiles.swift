public import Columns

/// Quantile sketches by cell; the grouped form of ``QuantilesAccumulator``.
///
/// Rows of one cell go straight into its table; others wait in a log, so that each cell's table is
/// visited once for many rows.
public struct GroupedQuantiles: GroupedAccumulator {
  private struct Entry: CellEntry {
    var cell: UInt32 = 0
    var key: Int64 = 0
    var weight = 0.0
  }

  private static let maxLogCount = 1 << 16

  private let parameters: QuantileParameters
  private var tables: [QuantileTable] = []
  private var log = CellLog<Entry>()

  public init(_ parameters: QuantileParameters) { self.parameters = parameters }

  public var cellCount: Int { tables.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > tables.count else { return }
    let empty = QuantileTable(budget: parameters.budget)
    tables.append(contentsOf: repeatElement(empty, count: cellCount - tables.count))
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    if uniform == 0 { return }
    let values = NumericColumn(inputs[0]).doubles
    precondition(values.count == cells.count, "\(values.count) rows, \(cells.count) cells")
    if let uniform, inputs.count == 1 {
      var table = QuantileTable(budget: parameters.budget)
      swap(&table, &tables[Int(uniform)])
      table.add(values.contains(where: \.isNaN) ? values.filter { !$0.isNaN } : values)
      swap(&table, &tables[Int(uniform)])
      return
    }
    let weights = inputs.count > 1 ? NumericColumn(inputs[1]).doubles : []
    precondition(weights.isEmpty || weights.count == cells.count, "columns differ in length")
    log.append(cells.count) { log, start in
      var end = start
      for row in cells.indices {
        let weight = weights.isEmpty ? 1 : weights[row]
        guard !values[row].isNaN, weight > 0, weight < .infinity else { continue }
        log[end] = Entry(
          cell: cells[row], key: OrderedKey.key(values[row] + 0.0), weight: weight)
        end += 1
      }
      return end
    }
    if log.count >= Self.maxLogCount { settle() }
  }

  private mutating func settle() {
    var log = CellLog<Entry>()
    swap(&log, &self.log)
    let budget = parameters.budget
    log.drain(cellCount: tables.count) { cell, entries in
      var table = QuantileTable(budget: budget)
      swap(&table, &tables[cell])
      for entry in entries { table.add(key: entry.key, weight: entry.weight) }
      swap(&table, &tables[cell])
    }
    swap(&log, &self.log)
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedQuantiles {
    settle()
    var result = GroupedQuantiles(parameters)
    result.grow(to: cells.count + 1)
    for (index, cell) in cells.enumerated() {
      swap(&result.tables[index + 1], &tables[Int(cell)])
    }
    return result
  }

  public mutating func merge(_ other: GroupedQuantiles, mapping: [UInt32]) {
    for cell in other.tables.indices.dropFirst() where mapping[cell] != 0 {
      tables[Int(mapping[cell])].merge(other.tables[cell])
    }
  }

  public func single(_ cell: Int) -> QuantilesAccumulator {
    QuantilesAccumulator(parameters, tables[cell].sketch())
  }

  public mutating func merge(single: QuantilesAccumulator, into cell: UInt32) {
    tables[Int(cell)].merge(single.sketch)
  }

  public var byteCount: Int {
    tables.reduce(tables.capacity * MemoryLayout<QuantileTable>.stride) { $0 + $1.byteCount }
      + log.byteCount
  }

  public static func byteBound(_ parameters: QuantileParameters, distinctCount: Int) -> Int {
    MemoryLayout<QuantileTable>.stride
      + QuantileTable.byteBound(budget: min(parameters.budget, max(16, distinctCount)))
  }
}
