import Accumulators
public import Dataflow
import Expressions

/// An evaluation as a stage of a pipeline.
public struct EvaluationStage: Sendable {
  /// What the engine runs: one row update for each maximal slicing spec.
  public let description: StageDescription
  private let plan: EvaluationPlan

  /// Makes the snapshot of a pane whose states are those of `description`.
  public func finish(_ content: PaneContent) -> EvaluationSnapshot {
    EvaluationFinisher(plan).snapshot(of: content)
  }

  /// Checks `spec` and lowers it.
  ///
  /// - Parameters:
  ///   - spec: What to evaluate; checked in full before any row is read.
  ///   - name: The stage's name.
  ///   - multivalentFeatures: Slicing features that are lists, so that a row is in one slice an
  ///     element. Their cells cannot be summed into slices without them.
  /// - Returns: The stage, whose `finish` reads the panes of its `description`.
  /// - Throws: `EvaluationError`, which says where in the block `evaluate` the fault stands.
  public static func lower(
    _ spec: EvaluationSpec, name: String, multivalentFeatures: Set<String> = []
  ) throws(EvaluationError) -> EvaluationStage {
    let plan = try EvaluationPlan(spec, multivalent: multivalentFeatures)
    var uses = [
      AccumulatorUse(AccumulatorPlan(GroupedCounts.self, CountParameters(present: false)), of: []),
      AccumulatorUse(
        AccumulatorPlan(GroupedSums.self, SumParameters(columns: plan.columns.count)),
        of: plan.columns),
    ]
    for (index, input) in plan.scoreInputs.enumerated() {
      let keepsPredictions = plan.plots.contains {
        $0.scores == index && $0.request.kind == .calibration
      }
      let accumulator = input.plan(
        spec.compatibility, keepsPredictions: keepsPredictions, exactRows: plan.exactRows)
      uses.append(AccumulatorUse(accumulator, of: input.columns))
    }
    for inputs in plan.queryInputs {
      uses.append(
        AccumulatorUse(
          AccumulatorPlan(GroupedRows.self, RowsParameters(columns: RankedQuery.columns)),
          of: inputs))
    }
    for sample in plan.samples {
      uses.append(
        AccumulatorUse(
          AccumulatorPlan(
            GroupedSeparately<SampleAccumulator>.self, SampleParameters(size: sample.size)),
          of: sample.columns))
    }
    if spec.sliceBudget != nil {
      let parameters = HeavyKeysParameters(
        samples: spec.intervals.map { $0 == .bootstrap ? .copies : .parts } ?? .none)
      uses.append(AccumulatorUse(ofKeys: AccumulatorPlan(GroupedHeavyKeys.self, parameters)))
    }
    let groupings = plan.slices.groupings.map { names in
      names.map { name in
        if name == SamplingPlan.feature, let sampling = plan.sampling { return sampling.expression }
        let column = Expression.column(name)
        return multivalentFeatures.contains(name) ? .of("distinct", column) : column
      }
    }
    var description = StageDescription(
      name: name, kind: .evaluation, groupings: groupings, accumulators: uses)
    description.keyBudgets = plan.slices.groupings.map { spec.keyBudget(of: $0) }
    return EvaluationStage(description: description, plan: plan)
  }
}
