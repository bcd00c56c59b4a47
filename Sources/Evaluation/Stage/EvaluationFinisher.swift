import Accumulators
import Dataflow

/// Makes snapshots of panes.
struct EvaluationFinisher {
  let plan: EvaluationPlan

  init(_ plan: EvaluationPlan) { self.plan = plan }

  func snapshot(of content: PaneContent) -> EvaluationSnapshot {
    let cells = plan.slices.cells(of: content).map { CellReader($0, plan) }
    let queries = QueryTable(cells, plan)
    var slices: [SliceResult] = []
    var helpers: [SliceResult] = []
    slices.reserveCapacity(plan.slices.specs.reduce(0) { $0 + cells[$1.step].keys.count })
    // Keys are only remembered when two specs can make the same slice.
    let canRepeat = plan.slices.specs.contains(where: \.mayRepeat)
    var seen: Set<SliceKey> = []
    var scores = plan.scoreInputs.map { _ in ScoreBins() }
    for (index, spec) in plan.slices.specs.enumerated() {
      let features = spec.spec.features
      let reader = cells[spec.step]
      let isAsked = index < plan.askedSliceCount
      if features.isEmpty, reader.keys.count == 0 {
        if !spec.mayRepeat, isAsked { slices.append(emptySlice) }
        continue
      }
      for index in 0..<reader.keys.count {
        var values = reader.keys[index]
        guard spec.keeps(values), plan.sampling == nil || values.popLast() == .int64(0) else {
          continue
        }
        let key = SliceKey(names: features, values: values)
        if canRepeat, !seen.insert(key).inserted { continue }
        for model in scores.indices {
          reader.readScores(index + 1, model: model, into: &scores[model])
        }
        var result = slice(
          key, row: reader.sums.values(index + 1), rows: reader.rowCount(index + 1), scores,
          queries.queries(of: index + 1, in: reader))
        if let sampling = plan.sampling {
          addIntervals(sampling, to: &result, reader.samples(of: index, reader.keys[index]), reader)
        }
        if isAsked { slices.append(result) } else { helpers.append(result) }
      }
    }
    slices += crossSlices(slices + helpers)
    return EvaluationSnapshot(
      slices: slices, validation: validation(of: slices),
      unusableCount: unusableCount(cells), approximations: approximations)
  }

  /// The overall slice of a pane without rows.
  private var emptySlice: SliceResult {
    slice(
      .overall, row: [Double](repeating: 0, count: plan.columns.count), rows: 0,
      plan.scoreInputs.map { _ in .empty }, plan.queryInputs.map { _ in [] })
  }

  /// One slice of `rows` rows, with its score histograms and its ranked queries.
  private func slice(
    _ key: SliceKey, row: [Double], rows: Int64, _ scores: [ScoreBins], _ queries: [[RankedQuery]]
  ) -> SliceResult {
    if rows < plan.minSliceSize { return tooSmall(key) }
    var metrics: [MetricResult] = []
    metrics.reserveCapacity(plan.metrics.count + plan.models.count)
    for metric in plan.metrics {
      let value =
        metric.query == nil
        ? metric.value(row: row, scores: scores, earlier: metrics) : metric.value(of: queries)
      metrics.append(
        MetricResult(
          key: metric.key, value: value.value, bound: value.bound,
          examples: Int64(row[plan.models[metric.model].examples]),
          weight: row[plan.models[metric.model].weight]))
    }
    for index in plan.models.indices where rows > Int64(row[plan.models[index].examples]) {
      let model = plan.models[index]
      let examples = Int64(row[model.examples])
      metrics.append(
        MetricResult(
          key: MetricKey(
            name: "unusable_example_count", model: model.name, output: model.output),
          value: .number(Double(rows - examples)), examples: examples, weight: row[model.weight]))
    }
    return SliceResult(
      key: key, examples: Int64(row[plan.models[0].examples]), weight: row[plan.models[0].weight],
      metrics: metrics, plots: plots(scores))
  }

  /// What is said of a slice that has too few rows: not even how many.
  private func tooSmall(_ key: SliceKey) -> SliceResult {
    SliceResult(
      key: key, examples: 0, weight: 0,
      metrics: [
        MetricResult(
          key: MetricKey(name: "__ERROR__"),
          value: .error("fewer than \(plan.minSliceSize) rows"), examples: 0, weight: 0)
      ])
  }

  private func plots(_ scores: [ScoreBins]) -> [Plot] {
    plan.plots.map { plot in
      let model = plan.models[plot.model]
      return Plot(
        plot.request, of: scores[plot.scores].stretched(over: plot.request.range),
        model: model.name, output: model.output, plan.compatibility)
    }
  }

  private func unusableCount(_ cells: [CellReader]) -> Int64 {
    guard
      let step = plan.slices.steps.firstIndex(where: { $0.isGrouping(plan.slices.countingGrouping) }
      )
    else { return 0 }
    let reader = cells[step]
    var count: Int64 = 0
    for cell in 1..<(reader.keys.count + 1)
    where plan.sampling == nil || reader.keys[cell - 1].last == .int64(0) {
      let row = reader.sums.values(cell)
      for model in plan.models { count += reader.rowCount(cell) - Int64(row[model.examples]) }
    }
    return count
  }

  private var approximations: [String] {
    let bins =
      plan.compatibility == .tfma ? "10,000 uniform score bins" : "1,000 logit-spaced score bins"
    var names: [String] = []
    for metric in plan.metrics where metric.computation.needsScores {
      if !names.contains(metric.key.name) { names.append(metric.key.name) }
    }
    for plot in plan.plots {
      let name = "plot \(plot.request.kind.rawValue)"
      if !names.contains(name) { names.append(name) }
    }
    return names.map { "\($0): from \(bins)" }
  }
}

extension EvaluationFinisher {
  /// Gives every number of `result` the interval that the samples in `cells` tell; counts of rows
  /// have none.
  private func addIntervals(
    _ sampling: SamplingPlan, to result: inout SliceResult, _ cells: [Int], _ reader: CellReader
  ) {
    guard cells.count == SamplingPlan.count, result.metrics.count >= plan.metrics.count else {
      return
    }
    var samples = plan.metrics.map { _ in [Double]() }
    var scores = plan.scoreInputs.map { _ in ScoreBins() }
    for cell in cells {
      for model in scores.indices { reader.readScores(cell, model: model, into: &scores[model]) }
      let sample = slice(
        result.key, row: reader.sums.values(cell), rows: .max, scores,
        plan.queryInputs.map { _ in [] })
      for index in plan.metrics.indices {
        samples[index].append(sample.metrics[index].value.number ?? .nan)
      }
    }
    for (index, metric) in plan.metrics.enumerated()
    where metric.query == nil && !metric.key.name.hasSuffix("example_count") {
      guard let value = result.metrics[index].value.number else { continue }
      result.metrics[index].interval = sampling.interval(
        value, samples[index], plan.compatibility)
    }
  }

  /// For each pair of slices that a cross slicing spec names, the difference of every metric that
  /// has one.
  private func crossSlices(_ slices: [SliceResult]) -> [SliceResult] {
    if plan.crossSlices.isEmpty { return [] }
    var results: [SliceResult] = []
    for spec in plan.crossSlices {
      let baselines = slices.filter { spec.baseline.makes($0.key) }
      for comparison in slices where spec.comparisons.contains(where: { $0.makes(comparison.key) })
      {
        for baseline in baselines where baseline.key != comparison.key {
          results.append(Self.difference(comparison, from: baseline))
        }
      }
    }
    return results
  }

  private static func difference(
    _ comparison: SliceResult, from baseline: SliceResult
  ) -> SliceResult {
    var metrics: [MetricResult] = []
    let others = Dictionary(comparison.metrics.map { ($0.key, $0) }) { first, _ in first }
    for metric in baseline.metrics {
      guard let other = others[metric.key],
        let value = BoundedValue(metric.value, bound: metric.bound)
          .minus(BoundedValue(other.value, bound: other.bound))
      else { continue }
      metrics.append(
        MetricResult(
          key: metric.key, value: value.value, bound: value.bound, examples: other.examples,
          weight: other.weight))
    }
    return SliceResult(
      key: comparison.key, baseline: baseline.key, examples: comparison.examples,
      weight: comparison.weight, metrics: metrics)
  }
}

extension SlicingSpec {
  /// Whether `key` is one of its slices.
  public func makes(_ key: SliceKey) -> Bool {
    key.features.map(\.name) == features
      && featureValues.allSatisfy { fixed in
        key.features.contains { $0.name == fixed.feature && $0.value.matches(fixed.value) }
      }
  }
}

extension SlicePlan.Step {
  func isGrouping(_ index: Int) -> Bool {
    if case .grouping(index) = source { true } else { false }
  }
}

extension SlicePlan.Spec {
  /// Whether the slice of `key` is one of the spec's: no feature is missing, fixed ones hold.
  func keeps(_ key: [KeyValue]) -> Bool {
    !key.contains(.missing) && fixed.allSatisfy { key[$0.position].matches($0.value) }
  }
}
