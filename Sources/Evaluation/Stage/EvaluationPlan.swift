import Accumulators
import Expressions

/// A checked specification: which sums and histograms there are, and which metric reads what.
struct EvaluationPlan: Sendable {
  let compatibility: EvaluationCompatibility
  let models: [Model]
  /// Model by model, in the order of the job.
  let metrics: [ResolvedMetric]
  let plots: [PlotKind]
  let thresholds: [ResolvedThreshold]
  let slices: SlicePlan
  /// The inputs of the one `GroupedSums`.
  let columns: [Expression]
  /// Parallel to `models`; empty when no metric or plot needs scores.
  let scoreInputs: [[Expression]]

  struct Model: Sendable {
    let name: String
    /// Where its count of usable rows and its sum of weights stand among the columns.
    let examples: Int
    let weight: Int
  }

  struct ResolvedMetric: Sendable {
    let key: MetricKey
    let model: Int
    let computation: MetricComputation
    /// Where the sums of the computation stand among the columns.
    let positions: [Int]
  }

  struct ResolvedThreshold: Sendable {
    let threshold: MetricThreshold
    /// Indices into `metrics`.
    let metrics: [Int]
    /// The features of each of the threshold's slices; `nil` for every slice.
    let features: [[String]]?
  }

  init(_ spec: EvaluationSpec, multivalent: Set<String>) throws(EvaluationError) {
    try spec.check()
    var resolved: [(request: MetricRequest, MetricDefinition, MetricComputation)] = []
    for (index, request) in spec.metrics.enumerated() {
      let (definition, computation) = try MetricCatalog.resolve(
        request, compatibility: spec.compatibility, at: "evaluate.metrics[\(index)]")
      resolved.append((request, definition, computation))
    }
    let needsScores = !spec.plots.isEmpty || resolved.contains { $0.2.needsScores }
    let needsUnitLabels = needsScores || resolved.contains { $0.1.needsUnitLabels }
    var columns = ColumnList()
    var models: [Model] = []
    var metrics: [ResolvedMetric] = []
    var scoreInputs: [[Expression]] = []
    for (index, model) in spec.models.enumerated() {
      let inputs = RowInputs(spec, model: model, needsUnitLabels: needsUnitLabels)
      models.append(
        Model(
          name: model.name, examples: columns.position(of: inputs.expression(for: .examples)),
          weight: columns.position(of: inputs.expression(for: .weight))))
      for (request, definition, computation) in resolved {
        let isWeighted = spec.weight != nil && definition.usesWeights(spec.compatibility)
        metrics.append(
          ResolvedMetric(
            key: MetricKey(name: request.outputName, model: model.name, isWeighted: isWeighted),
            model: index, computation: computation,
            positions: computation.sums.map {
              columns.position(of: inputs.expression(for: $0))
            }))
      }
      if needsScores { scoreInputs.append(inputs.scoreInputs) }
    }
    compatibility = spec.compatibility
    self.models = models
    self.metrics = metrics
    self.columns = columns.expressions
    self.scoreInputs = scoreInputs
    plots = spec.plots
    slices = SlicePlan(spec.slices, multivalent: multivalent)
    thresholds = try spec.resolvedThresholds(metrics)
  }
}

/// Distinct expressions in order of first use.
private struct ColumnList {
  private(set) var expressions: [Expression] = []
  private var positions: [Expression: Int] = [:]

  mutating func position(of expression: Expression) -> Int {
    if let position = positions[expression] { return position }
    positions[expression] = expressions.count
    expressions.append(expression)
    return expressions.count - 1
  }
}
