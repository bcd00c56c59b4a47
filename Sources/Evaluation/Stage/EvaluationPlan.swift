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
  /// Up to how many rows of a slice scores are kept as they are.
  let exactRows: Int
  let sampling: SamplingPlan?
  /// How many of the slicing specs are the job's own; the others serve cross slices.
  let askedSliceCount: Int
  /// The inputs of the one `GroupedSums`.
  let columns: [Expression]
  /// The inputs of each score histogram.
  let scoreInputs: [ScoreInput]
  /// The inputs of each list of rows that are ranked by query.
  let queryInputs: [[Expression]]
  let samples: [SampleInput]
  /// Behind a label join.
  let coverage: LabelCoverage?

  /// What a sample reads, and how many rows it has.
  struct SampleInput: Hashable, Sendable {
    let columns: [Expression]
    let size: Int
  }

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
    coverage = spec.labelled.map { builder.coverage($0, resolved) }
    compatibility = spec.compatibility
    self.models = models
    self.metrics = metrics
    columns = builder.columns.items
    scoreInputs = builder.scores.items
    queryInputs = builder.queries.items
    samples = builder.samples.items
    self.plots = plots
    crossSlices = spec.crossSlices
    minSliceSize = spec.minSliceSize
    exactRows = spec.compatibility == .tfma ? 0 : spec.exactRows
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
  var samples = DistinctList<EvaluationPlan.SampleInput>()

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
    let isOfBoxes = model.shape == .boxes
    guard model.shape == .scalar || isOfBoxes else { return [] }
    return spec.plots.filter { ($0.boxes != nil) == isOfBoxes }.map { request in
      let view = RowView(
        model: index, boxes: request.boxes, isWeighted: (model.weight ?? spec.weight) != nil)
      let input = ScoreInput(
        inputs(view).scoreInputs, range: request.range, isOfLists: isOfBoxes)
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
            sources: MetricSources(
              positions: entry.computation.sums.map {
                columns.position(of: inputs.expression(for: $0))
              },
              scores: entry.computation.needsScores
                ? scores.position(
                  of: ScoreInput(
                    inputs.scoreInputs, binning: entry.computation.binning,
                    isOfLists: view.boxes != nil)) : nil),
            weight: weight,
            labels: entry.combination == .weightedMacro
              ? columns.position(of: inputs.expression(for: .label)) : nil))
      }
    }
    return ResolvedMetric(
      entry, parts: parts, query: position(ofQueries: entry), sample: position(ofSample: entry))
  }

  mutating func coverage(
    _ labelled: Expression, _ resolved: [MetricResolver.Resolved]
  ) -> LabelCoverage {
    LabelCoverage(
      predictions: columns.position(of: .of("where", labelled, .integer(0), .integer(1))),
      labelled: columns.position(of: .of("where", labelled, .integer(1), .integer(0))),
      bounds: resolved.map { bounds($0, labelled) })
  }

  /// The sums that say what missing labels may do to a metric.
  private mutating func bounds(
    _ entry: MetricResolver.Resolved, _ labelled: Expression
  ) -> LabelCoverage.Bounds {
    let view = entry.parts.first?.view
    guard entry.query == nil else { return .unknown("it ranks the rows of queries") }
    guard !entry.computation.needsScores else {
      return .unknown("its extremes lie between the thresholds that a histogram shows")
    }
    guard case .one = entry.combination, let view, view.subKey == nil, !view.isComparison,
      spec.models[entry.model].shape == .scalar
    else { return .unknown("it compares or combines several values") }
    let needs = entry.computation.sums.map { MissingSums.needs($0) }
    guard needs.allSatisfy({ $0 != nil }) else {
      return .unknown("a row's part in it is not only right or wrong")
    }
    let inputs = inputs(view)
    var sums = MissingSums()
    for quantity in needs.compactMap(\.self).joined() {
      sums.positions[quantity] = columns.position(
        of: inputs.expression(for: quantity, labelled: labelled))
    }
    return .sums(sums)
  }

  private mutating func position(ofSample entry: MetricResolver.Resolved) -> Int? {
    guard let sample = entry.computation.sample, let view = entry.parts.first?.view else {
      return nil
    }
    return samples.position(of: .init(columns: inputs(view).inputs(of: sample), size: sample.size))
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
