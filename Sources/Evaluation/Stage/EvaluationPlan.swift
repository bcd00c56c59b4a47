import Accumulators
import Expressions

/// A checked specification: which sums and histograms there are, and which metric reads what.
struct EvaluationPlan: Sendable {
  let compatibility: EvaluationCompatibility
  let models: [Model]
  /// Model by model, in the order of the job; differences from the baseline last.
  let metrics: [ResolvedMetric]
  /// Model by model, in the order of the job.
  let plots: [ResolvedPlot]
  let thresholds: [ResolvedThreshold]
  let slices: SlicePlan
  let crossSlices: [CrossSlicingSpec]
  let minSliceSize: Int
  let sampling: SamplingPlan?
  /// How many of the slicing specs are the job's own; the others serve cross slices.
  let askedSliceCount: Int
  /// The inputs of the one `GroupedSums`.
  let columns: [Expression]
  /// The inputs of each score histogram.
  let scoreInputs: [ScoreInput]
  /// The inputs of each list of rows that are ranked by query.
  let queryInputs: [[Expression]]

  struct Model: Sendable {
    let name: String
    let output: String
    /// Where its count of usable rows and its sum of weights stand among the columns.
    let examples: Int
    let weight: Int
  }

  struct ResolvedPlot: Sendable {
    let request: PlotRequest
    let model: Int
    /// Which of the score histograms it reads.
    let scores: Int
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
    let resolved = try MetricResolver(spec).resolved
    let needsUnitLabels =
      spec.plots.contains { $0.range == nil } || resolved.contains(where: \.needsUnitLabels)
    var builder = PlanBuilder(spec: spec, needsUnitLabels: needsUnitLabels)
    let models = spec.models.indices.map { builder.model($0) }
    let metrics = resolved.map { builder.metric($0) }
    let plots = spec.models.indices.flatMap { builder.plots(of: $0) }
    compatibility = spec.compatibility
    self.models = models
    self.metrics = metrics
    columns = builder.columns.items
    scoreInputs = builder.scores.items
    queryInputs = builder.queries.items
    self.plots = plots
    crossSlices = spec.crossSlices
    minSliceSize = spec.minSliceSize
    sampling = spec.intervals.map(SamplingPlan.init)
    askedSliceCount = spec.slices.count
    slices = SlicePlan(
      spec.allSlices, multivalent: multivalent, needsOverall: !builder.queries.items.isEmpty,
      isSampled: spec.intervals != nil, isBudgeted: spec.sliceBudget != nil)
    thresholds = try spec.resolvedThresholds(metrics)
  }
}

/// Gives the sums and histograms of metrics their places, equal ones once.
private struct PlanBuilder {
  let spec: EvaluationSpec
  let needsUnitLabels: Bool
  var columns = DistinctList<Expression>()
  var scores = DistinctList<ScoreInput>()
  var queries = DistinctList<[Expression]>()

  init(spec: EvaluationSpec, needsUnitLabels: Bool) {
    self.spec = spec
    self.needsUnitLabels = needsUnitLabels
  }

  private func inputs(_ view: RowView) -> RowInputs {
    RowInputs(spec, view, needsUnitLabels: needsUnitLabels)
  }

  mutating func model(_ index: Int) -> EvaluationPlan.Model {
    let model = spec.models[index]
    let whole = inputs(
      RowView(model: index, isWeighted: (model.weight ?? spec.weight) != nil))
    return EvaluationPlan.Model(
      name: model.name, output: model.output,
      examples: columns.position(of: whole.expression(for: .examples)),
      weight: columns.position(of: whole.expression(for: .weight)))
  }

  mutating func plots(of index: Int) -> [EvaluationPlan.ResolvedPlot] {
    let model = spec.models[index]
    guard model.shape == .scalar else { return [] }
    let whole = inputs(RowView(model: index, isWeighted: (model.weight ?? spec.weight) != nil))
    return spec.plots.map { request in
      let input = ScoreInput(whole.scoreInputs, range: request.range)
      return .init(request: request, model: index, scores: scores.position(of: input))
    }
  }

  mutating func metric(_ entry: MetricResolver.Resolved) -> ResolvedMetric {
    var parts: [ResolvedMetric.Part] = []
    if entry.query == nil {
      for (view, weight) in entry.parts {
        let inputs = inputs(view)
        parts.append(
          ResolvedMetric.Part(
            positions: entry.computation.sums.map {
              columns.position(of: inputs.expression(for: $0))
            },
            scores: entry.computation.needsScores
              ? scores.position(of: ScoreInput(inputs.scoreInputs)) : nil,
            weight: weight,
            labels: entry.combination == .weightedMacro
              ? columns.position(of: inputs.expression(for: .label)) : nil))
      }
    }
    return ResolvedMetric(entry, parts: parts, query: position(ofQueries: entry))
  }

  /// Query, prediction, gain, label, weight; see `RankedQuery`.
  private mutating func position(ofQueries entry: MetricResolver.Resolved) -> Int? {
    guard let query = entry.query else { return nil }
    let view = RowView(model: entry.model, isWeighted: entry.key.isWeighted)
    let inputs = inputs(view)
    let gain = entry.gain.map { Expression.of("float", $0) } ?? inputs.label
    return queries.position(
      of: [
        .of("hash_strings", query, .integer(1 << 53)), inputs.prediction, gain, inputs.label,
        inputs.weight ?? .integer(1),
      ])
  }
}

/// Distinct items in order of first use.
private struct DistinctList<Item: Hashable> {
  private(set) var items: [Item] = []
  private var positions: [Item: Int] = [:]

  mutating func position(of item: Item) -> Int {
    if let position = positions[item] { return position }
    positions[item] = items.count
    items.append(item)
    return items.count - 1
  }
}
