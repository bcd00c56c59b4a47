import Accumulators
public import Columns
import Dataflow
import Expressions

/// Analyzes batches in memory, without windows: a transform version from a data set at hand.
///
/// Gives the version that a job over one global window publishes, bit for bit, in whatever order
/// the batches come.
public struct LocalAnalysis {
  private let stage: TransformStage
  /// The inputs of all accumulators, one after the other.
  private let evaluator: RowEvaluator
  private var states: [any GroupedAccumulator]
  private var rowCount = 0

  /// Prepares the analyzers of `fn`.
  ///
  /// - Parameters:
  ///   - fn: What to compute.
  ///   - schema: The columns of the batches.
  ///   - name: The name of the version.
  /// - Throws: ``TransformError`` for a function that does not fit `schema`.
  public init(
    _ fn: PreprocessingFn, schema: Schema, name: String = ""
  ) throws(TransformError) {
    stage = try TransformStage.lower(fn, schema: schema, name: name)
    do {
      evaluator = try RowProgram(
        stage.description.accumulators.flatMap(\.inputs), schema: schema
      ).makeEvaluator()
    } catch {
      throw TransformError(error.description)
    }
    states = stage.description.accumulators.map { use in
      var states = use.plan.makeStates()
      // The discard cell, and that of all rows.
      states.grow(to: 2)
      return states
    }
  }

  /// Takes every row of `batch` into account.
  ///
  /// - Precondition: `batch` holds the columns of the schema that the analyzers read.
  public mutating func add(_ batch: RecordBatch) {
    guard batch.rowCount > 0 else { return }
    rowCount += batch.rowCount
    let columns = evaluator.evaluate(batch)
    let cells = [UInt32](repeating: 1, count: batch.rowCount)
    var start = 0
    for (index, use) in stage.description.accumulators.enumerated() {
      let end = start + use.inputs.count
      states[index].add(Array(columns[start..<end]), cells: cells, uniform: 1)
      start = end
    }
  }

  /// The version over all batches added; without a row, TFT's constants of nothing.
  ///
  /// - Throws: ``TransformError`` when a constant does not suit a row function, such as NaN
  ///   boundaries.
  public consuming func finish() throws(TransformError) -> TransformVersion {
    var extracted: [any GroupedAccumulator] = []
    for index in states.indices { extracted.append(Self.extract(&states[index])) }
    let keys = KeyTable(sorted: rowCount == 0 ? [] : [[]])
    return try stage.freeze(
      PaneContent(groupings: [GroupedStates(keys: keys, states: extracted)]))
  }

  private static func extract(_ states: inout any GroupedAccumulator) -> any GroupedAccumulator {
    states.extract([1])
  }
}
