import Accumulators
import Columns
import Dataflow
import Expressions
import Transform

/// Runs a stage over batches without windows: everything goes to one cell.
enum StageDrive {
  /// The pane after `batches`, dealt out to `workers` partial states that are then merged.
  static func pane(
    _ description: StageDescription, schema: Schema, _ batches: [RecordBatch], workers: Int = 1
  ) throws -> PaneContent {
    var merged = description.accumulators.map { empty($0) }
    for worker in 0..<workers {
      for (index, use) in description.accumulators.enumerated() where use.isFed {
        var states = use.plan.makeStates()
        states.grow(to: 2)
        let evaluator = try RowProgram(use.inputs, schema: schema).makeEvaluator()
        for (position, batch) in batches.enumerated() where position % workers == worker {
          let cells = [UInt32](repeating: 1, count: batch.rowCount)
          states.add(evaluator.evaluate(batch), cells: cells, uniform: 1)
        }
        merge(&merged[index], extract(&states))
      }
    }
    return PaneContent(groupings: [
      GroupedStates(keys: KeyTable(sorted: [[]]), states: merged)
    ])
  }

  private static func empty(_ use: AccumulatorUse) -> any GroupedAccumulator {
    var states = use.plan.makeStates()
    states.grow(to: 2)
    return extract(&states)
  }

  private static func extract(_ states: inout any GroupedAccumulator) -> any GroupedAccumulator {
    states.extract([1])
  }

  private static func merge(_ one: inout any GroupedAccumulator, _ two: any GroupedAccumulator) {
    func open<State: GroupedAccumulator>(_ state: State) -> any GroupedAccumulator {
      var state = state
      guard let other = two as? State else { preconditionFailure("\(two) is no \(State.self)") }
      state.merge(other, mapping: [0, 1])
      return state
    }
    one = open(one)
  }

  /// The version that `formulas` give over `batches`.
  static func version(
    _ formulas: [(name: String, formula: String)], schema: Schema, _ batches: [RecordBatch],
    workers: Int = 1, options: TransformOptions = TransformOptions()
  ) throws -> TransformVersion {
    let stage = try TransformStage.lower(
      PreprocessingFn(formulas: formulas), schema: schema, name: "test", options: options)
    return try stage.freeze(pane(stage.description, schema: schema, batches, workers: workers))
  }
}
