import Accumulators
import ByteCoding
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
    _ rows: KeptRows?
  ) throws(TransformError) -> [String: AggregateReading] {
    guard let (cells, positions, failure) = try run(rows) else { return [:] }
    var readings: [String: AggregateReading] = [:]
    for analyzer in accumulating {
      guard let accumulator = positions[analyzer.aggregate.use] else { continue }
      readings[analyzer.formula] = analyzer.aggregate.read(
        cells, accumulator: accumulator, cell: 1)
      if let failure { readings[analyzer.formula]?.errorBound = failure }
    }
    return readings
  }

  /// The states of the analyzers, each once with the formula of one that reads it; none without a
  /// row.
  func states(
    _ rows: KeptRows?
  ) throws(TransformError) -> [(formula: String, states: any GroupedAccumulator)] {
    guard let (cells, positions, _) = try run(rows) else { return [] }
    return positions.sorted { $0.value < $1.value }.compactMap { use, position in
      accumulating.first { $0.aggregate.use == use }.map { ($0.formula, cells.states[position]) }
    }
  }

  private var accumulating: [TransformGraph.Analyzer] {
    analyzers.filter { $0.accumulationPhase > 0 }
  }

  /// All accumulators over the rows, with the place of each, and what models failed on; `nil`
  /// without a row.
  private func run(
    _ rows: KeptRows?
  ) throws(TransformError) -> (
    cells: GroupedStates, positions: [AccumulatorUse: Int], failure: String?
  )? {
    let analyzers = accumulating
    guard let rows, !analyzers.isEmpty else { return nil }
    var uses: [AccumulatorUse] = []
    var positions: [AccumulatorUse: Int] = [:]
    for analyzer in analyzers where positions[analyzer.aggregate.use] == nil {
      positions[analyzer.aggregate.use] = uses.count
      uses.append(analyzer.aggregate.use)
    }
    var run: CellRun
    do {
      run = try CellRun(uses, schema: rows.schema, constants: constants)
    } catch {
      throw TransformError(error.description)
    }
    try rows.forEachBatch { run.add($0) }
    guard run.rowCount > 0 else { return nil }
    let failure = run.failureText
    return (run.finish(), positions, failure)
  }

  /// Maps the readings of the analyzers that were pushed down to the first phase.
  func mapPushedDown(_ readings: inout [String: AggregateReading]) throws(TransformError) {
    for analyzer in analyzers {
      guard let map = analyzer.map, let reading = readings[analyzer.formula] else { continue }
      switch reading.value {
      case .floats(let values):
        readings[analyzer.formula]?.value = .floats(try mapped(values, by: map))
      case .float64(let extreme):
        let value = try mapped([extreme], by: map)[0]
        readings[analyzer.formula]?.value = .float64(value)
        if !value.isFinite {
          readings[analyzer.formula]?.fault =
            "what \(extreme) is mapped to is not finite, and the finite value next to it is not known"
        }
      default: continue
      }
    }
  }

  private func mapped(_ values: [Double], by map: Expression) throws(TransformError) -> [Double] {
    let schema = Schema([Field(MonotonePath.variable, .float64)])
    let batch = RecordBatch(
      schema: schema, rowCount: values.count, columns: [.float64(Float64Column(values))])
    do {
      let program = try RowProgram([map], schema: schema, constants: constants)
      guard case .float64(let mapped) = program.makeEvaluator().evaluate(batch)[0] else {
        preconditionFailure("\(map.formula) gives no floats")
      }
      return mapped.values
    } catch {
      throw TransformError(error.description)
    }
  }
}

/// The rows that a window keeps for later phases.
struct KeptRows {
  let schema: Schema
  private let rows: SpooledRows

  init(_ rows: SpooledRows, _ schema: Schema) {
    self.rows = rows
    self.schema = schema
  }

  func forEachBatch(_ body: (RecordBatch) -> Void) throws(TransformError) {
    do {
      try rows.forEachBatch(schema, body)
    } catch {
      throw TransformError(error.description)
    }
  }
}

/// Accumulators over batches in memory, all rows in one cell.
struct CellRun {
  private let uses: [AccumulatorUse]
  /// The inputs of all accumulators, one after the other.
  private let evaluator: RowEvaluator
  private var states: [any GroupedAccumulator]
  private(set) var rowCount = 0
  private var failureCount = 0
  private var firstFailure: String?

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
    let failures = evaluator.takeFailures()
    failureCount += failures.count
    firstFailure = firstFailure ?? failures.first?.reason
    let cells = [UInt32](repeating: 1, count: batch.rowCount)
    var start = 0
    for (index, use) in uses.enumerated() {
      let end = start + use.inputs.count
      states[index].add(Array(columns[start..<end]), cells: cells, uniform: 1)
      start = end
    }
  }

  /// How many rows have values that are missing because a model failed; `nil` if none.
  var failureText: String? {
    firstFailure.map { "\(failureCount) rows are left out, on which a model failed: \($0)" }
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
