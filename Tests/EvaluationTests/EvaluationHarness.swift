import Accumulators
import Columns
import Dataflow
import Evaluation
import Expressions

/// Rows of a test, and the pane that a stage would see of them.
struct EvaluationHarness {
  var columns: [String: Column] = [:]
  var rowCount = 0

  /// Evaluates `spec` over all rows, added in batches of `batchRows`.
  func run(
    _ spec: EvaluationSpec, multivalent: Set<String> = [], batchRows: Int = 4000
  ) throws -> EvaluationSnapshot {
    let stage = try EvaluationStage.lower(
      spec, name: "test", multivalentFeatures: multivalent)
    return stage.finish(content(for: stage.description, batchRows: batchRows))
  }

  func content(for description: StageDescription, batchRows: Int = 4000) -> PaneContent {
    var results = values(description.accumulators.flatMap(\.inputs))[...]
    let inputs = description.accumulators.map { use in
      defer { results = results.dropFirst(use.inputs.count) }
      return Array(results.prefix(use.inputs.count))
    }
    return PaneContent(
      groupings: description.groupings.map { grouping in
        states(of: description, keys: rowKeys(grouping), inputs: inputs, batchRows: batchRows)
      })
  }

  /// What each of `expressions` is in each row.
  private func values(_ expressions: [Expression]) -> [Column] {
    let names = columns.keys.sorted()
    let schema = Schema(names.map { Field($0, Self.type(of: columns[$0])) })
    let batch = RecordBatch(
      schema: schema, rowCount: rowCount, columns: names.compactMap { columns[$0] })
    do {
      let program = try RowProgram(expressions, schema: schema)
      return program.makeEvaluator().evaluate(batch)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private static func type(of column: Column?) -> DataType {
    switch column {
    case .bool: .bool
    case .int64: .int64
    case .float64: .float64
    case .list(let list): .list(type(of: list.elements))
    default: .string
    }
  }

  /// The keys of each row; several when a feature is a list.
  private func rowKeys(_ grouping: [Expression]) -> [[[KeyValue]]] {
    let columnsOf = Dictionary(uniqueKeysWithValues: zip(grouping, values(grouping)))
    return (0..<rowCount).map { row in
      grouping.reduce([[]]) { keys, expression in
        let values = Self.values(columnsOf[expression] ?? .int64(Int64Column([Int64?]())), row)
        return keys.flatMap { key in values.map { key + [$0] } }
      }
    }
  }

  private static func values(_ column: Column, _ row: Int) -> [KeyValue] {
    if case .list(let list) = column {
      return (list.offsets[row]..<list.offsets[row + 1]).flatMap {
        values(list.elements, Int($0))
      }
    }
    guard column.validity.isPresent(row) else { return [.missing] }
    switch column {
    case .string(let column): return [.string(column.dictionary.string(column.ids[row]))]
    case .int64(let column): return [.int64(column.values[row])]
    case .bool(let column): return [.bool(column.values[row])]
    case .float64(let column): return [.float64(column.values[row])]
    default: preconditionFailure("not a key column")
    }
  }

  private func states(
    of description: StageDescription, keys: [[[KeyValue]]],
    inputs: [[Column]], batchRows: Int
  ) -> GroupedStates {
    var builder = KeyTable.Builder()
    let cells = keys.map { $0.map { UInt32(builder.index(of: $0) + 1) } }
    let (table, order) = builder.finish()
    var positions = [UInt32](repeating: 0, count: table.count)
    for (index, position) in order.enumerated() { positions[position] = UInt32(index + 1) }
    let states = description.accumulators.indices.map { index in
      fill(
        description.accumulators[index].plan.makeStates(), cells: cells, count: table.count,
        inputs: inputs[index], positions: positions, batchRows: batchRows)
    }
    return GroupedStates(keys: table, states: states)
  }

  private func fill(
    _ empty: any GroupedAccumulator, cells: [[UInt32]], count: Int,
    inputs: [Column], positions: [UInt32], batchRows: Int
  ) -> any GroupedAccumulator {
    var states = empty
    states.grow(to: count + 1)
    // A row of several cells is added once for each.
    let depth = cells.map(\.count).max() ?? 0
    for level in 0..<depth {
      for start in stride(from: 0, to: rowCount, by: batchRows) {
        let rows = start..<min(start + batchRows, rowCount)
        states.add(
          inputs.map { $0.gathered(Array(rows)) },
          cells: rows.map { cells[$0].count > level ? cells[$0][level] : 0 }, uniform: nil)
      }
    }
    return states.extract(positions)
  }
}
