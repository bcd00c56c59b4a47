import Accumulators
import Columns
import Dataflow
import Expressions

/// The analyzers of one phase after the first, over spooled rows.
struct LaterPhase {
  private let analyzers: [TransformGraph.Analyzer]
  private let constants: [String: ConstantValue]

  /// - Parameters:
  ///   - analyzers: Of one phase.
  ///   - constants: Those of the phases before.
  init(_ analyzers: [TransformGraph.Analyzer], _ constants: [String: ConstantValue]) {
    self.analyzers = analyzers
    self.constants = constants
  }

  /// The reading of each analyzer, by its formula; missing without a row.
  func readings(
    _ batches: [RecordBatch]
  ) throws(TransformError) -> [String: AggregateReading] {
    guard let schema = batches.first?.schema else { return [:] }
    var uses: [AccumulatorUse] = []
    for analyzer in analyzers where !uses.contains(analyzer.aggregate.use) {
      uses.append(analyzer.aggregate.use)
    }
    var run: CellRun
    do {
      run = try CellRun(uses, schema: schema, constants: constants)
    } catch {
      throw TransformError(error.description)
    }
    for batch in batches { run.add(batch) }
    let cells = run.finish()
    var readings: [String: AggregateReading] = [:]
    for analyzer in analyzers {
      guard let accumulator = uses.firstIndex(of: analyzer.aggregate.use) else { continue }
      readings[analyzer.formula] = analyzer.aggregate.read(
        cells, accumulator: accumulator, cell: 1)
    }
    return readings
  }
}

/// Accumulators over batches in memory, all rows in one cell.
struct CellRun {
  private let uses: [AccumulatorUse]
  /// The inputs of all accumulators, one after the other.
  private let evaluator: RowEvaluator
  private var states: [any GroupedAccumulator]
  private var rowCount = 0

  init(
    _ uses: [AccumulatorUse], schema: Schema, constants: [String: ConstantValue] = [:]
  ) throws(ExpressionError) {
    self.uses = uses
    evaluator = try RowProgram(
      uses.flatMap(\.inputs), schema: schema, constants: constants
    ).makeEvaluator()
    states = uses.map { use in
      var states = use.plan.makeStates()
      // The discard cell, and that of all rows.
      states.grow(to: 2)
      return states
    }
  }

  mutating func add(_ batch: RecordBatch) {
    guard batch.rowCount > 0 else { return }
    rowCount += batch.rowCount
    let columns = evaluator.evaluate(batch)
    let cells = [UInt32](repeating: 1, count: batch.rowCount)
    var start = 0
    for (index, use) in uses.enumerated() {
      let end = start + use.inputs.count
      states[index].add(Array(columns[start..<end]), cells: cells, uniform: 1)
      start = end
    }
  }

  /// The cell of all rows; none if there was no row.
  consuming func finish() -> GroupedStates {
    var extracted: [any GroupedAccumulator] = []
    for index in states.indices { extracted.append(Self.extract(&states[index])) }
    return GroupedStates(
      keys: KeyTable(sorted: rowCount == 0 ? [] : [[]]), states: extracted)
  }

  private static func extract(_ states: inout any GroupedAccumulator) -> any GroupedAccumulator {
    states.extract([1])
  }
}
