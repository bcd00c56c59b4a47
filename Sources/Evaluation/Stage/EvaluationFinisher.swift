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
        guard spec.keeps(reader.keys, index), isWhole(index, of: reader) else { continue }
        let key = SliceKey(names: features, reader.keys, index)
        if canRepeat, !seen.insert(key).inserted { continue }
        for model in scores.indices {
          reader.readScores(index + 1, model: model, into: &scores[model])
        }
        var result = slice(
          key, SliceValues(row: reader.sums.values(index + 1), scores: scores),
          rows: rowCount(index + 1, of: reader), queries.queries(of: index + 1, in: reader),
          drawn: reader.drawnValues(index + 1))
        if result.metrics.count >= plan.metrics.count {
          result.plots = plots { reader.bins(index + 1, model: $0) }
          result.members = reader.members(index, features)
        }
        if let sampling = plan.sampling {
          addIntervals(sampling, to: &result, reader.samples(of: index, reader.keys[index]), reader)
          addIntervals(sampling, to: &result, queries.queries(of: index + 1, in: reader))
        }
        if isAsked { slices.append(result) } else { helpers.append(result) }
      }
    }
    if !plan.crossSlices.isEmpty { slices += crossSlices(slices + helpers) }
    return EvaluationSnapshot(
      slices: slices, validation: validation(of: slices),
      unusableCount: unusableCount(cells), approximations: approximations)
  }

  /// Whether a key is that of all rows of its slice, not of a sample.
  private func isWhole(_ index: Int, of reader: CellReader) -> Bool {
    plan.sampling == nil
      || reader.keys.component(reader.keys.length - 1, of: index) == .int64(0)
  }

  /// Rows of a cell; behind a label join, those with labels.
  private func rowCount(_ cell: Int, of reader: CellReader) -> Int64 {
    guard let coverage = plan.coverage else { return reader.rowCount(cell) }
    return Int64(reader.sums.value(cell, column: coverage.labelled))
  }

  /// The overall slice of a pane without rows.
  private var emptySlice: SliceResult {
    let values = SliceValues(
      row: [Double](repeating: 0, count: plan.columns.count),
      scores: plan.scoreInputs.map { _ in .empty })
    var result = slice(.overall, values, rows: 0, plan.queryInputs.map { _ in [] })
    if result.metrics.count >= plan.metrics.count { result.plots = plots { _ in .empty } }
    return result
  }

  /// One slice of `rows` rows, with its ranked queries and what was drawn; without plots.
  private func slice(
    _ key: SliceKey, _ values: SliceValues, rows: Int64, _ queries: [[RankedQuery]],
    drawn: [[SampledValue]] = []
  ) -> SliceResult {
    if rows < plan.minSliceSize { return tooSmall(key) }
    let row = values.row
    var metrics: [MetricResult] = []
    metrics.reserveCapacity(plan.metrics.count + plan.models.count)
    for (index, metric) in plan.metrics.enumerated() {
      let value =
        if let sample = metric.sample {
          BoundedValue(.sample(sample < drawn.count ? drawn[sample] : []))
        } else if metric.query == nil {
          metric.value(values, earlier: metrics)
        } else {
          metric.value(of: queries)
        }
      metrics.append(
        MetricResult(
          key: metric.key, value: value.value, bound: value.bound,
          examples: Int64(row[plan.models[metric.model].examples]),
          weight: row[plan.models[metric.model].weight]))
      guard let bounds = plan.coverage?.bounds[index] else { continue }
      let range: ClosedRange<Double>? =
        if case .sums(let sums) = bounds { metric.bounds(sums, row) } else { nil }
      metrics[index].labelBounds = LabelBounds(range: range)
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
    metrics += plan.coverage?.results(row) ?? []
    return SliceResult(
      key: key, examples: Int64(row[plan.models[0].examples]), weight: row[plan.models[0].weight],
      metrics: metrics)
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

  private func plots(_ bins: (Int) -> ScoreBins) -> [Plot] {
    plan.plots.map { plot in
      let model = plan.models[plot.model]
      return Plot(
        plot.request, of: bins(plot.scores).stretched(over: plot.request.range),
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
    for index in 0..<reader.keys.count where isWhole(index, of: reader) {
      let rows = rowCount(index + 1, of: reader)
      for model in plan.models {
        count += rows - Int64(reader.sums.value(index + 1, column: model.examples))
      }
    }
    return count
  }

  /// 10000 as 10,000.
  private static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return digits.indices.reduce("") { text, place in
      text + (place > 0 && (digits.count - place) % 3 == 0 ? "," : "") + String(digits[place])
    }
  }

  private var approximations: [String] {
    let bins =
      plan.compatibility == .tfma ? "10,000 uniform score bins" : "1,000 logit-spaced score bins"
    let exact =
      plan.exactRows > 0
      ? "exact for slices of up to \(Self.grouped(plan.exactRows)) rows, else " : ""
    var texts: [String] = []
    for metric in plan.metrics where metric.computation.needsScores {
      let text = "\(metric.key.name): \(exact)from \(bins)"
      if !texts.contains(text) { texts.append(text) }
    }
    for plot in plan.plots {
      let text = "plot \(plot.request.kind.rawValue): from \(bins)"
      if !texts.contains(text) { texts.append(text) }
    }
    return texts + (plan.coverage?.reasons(plan.metrics) ?? [])
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
        result.key, SliceValues(row: reader.sums.values(cell), scores: scores), rows: .max,
        plan.queryInputs.map { _ in [] })
      for index in plan.metrics.indices {
        samples[index].append(sample.metrics[index].value.number ?? .nan)
      }
    }
    for (index, metric) in plan.metrics.enumerated()
    where metric.query == nil && !metric.key.name.hasSuffix("example_count") {
      addInterval(sampling, samples[index], to: &result.metrics[index])
    }
  }

  private func addInterval(
    _ sampling: SamplingPlan, _ samples: [Double], to metric: inout MetricResult
  ) {
    guard let value = metric.value.number else { return }
    metric.interval = sampling.interval(value, samples, plan.compatibility)
    if !plan.crossSlices.isEmpty { metric.samples = samples }
  }

  /// The same for metrics by query, of which samples are drawn query by query.
  private func addIntervals(
    _ sampling: SamplingPlan, to result: inout SliceResult, _ queries: [[RankedQuery]]
  ) {
    guard !queries.isEmpty, result.metrics.count >= plan.metrics.count else { return }
    let samples = (1...SamplingPlan.count).map { number in
      queries.map { QuerySamples.sample(number, of: $0, sampling.method) }
    }
    for (index, metric) in plan.metrics.enumerated()
    where metric.query != nil && !MetricDefinition.countsQueries(metric.key.name) {
      let values = samples.map { metric.value(of: $0).value.number ?? .nan }
      addInterval(sampling, values, to: &result.metrics[index])
    }
  }

  /// For each pair of slices that a cross slicing spec names, the difference of every metric that
  /// has one.
  private func crossSlices(_ slices: [SliceResult]) -> [SliceResult] {
    var results: [SliceResult] = []
    for spec in plan.crossSlices {
      let baselines = slices.filter { spec.baseline.makes($0.key) }
      for comparison in slices where spec.comparisons.contains(where: { $0.makes(comparison.key) })
      {
        // TFMA compares a slice with itself too.
        for baseline in baselines
        where baseline.key != comparison.key || plan.compatibility == .tfma {
          results.append(difference(comparison, from: baseline))
        }
      }
    }
    return results
  }

  private func difference(
    _ comparison: SliceResult, from baseline: SliceResult
  ) -> SliceResult {
    var metrics: [MetricResult] = []
    let others = Dictionary(comparison.metrics.map { ($0.key, $0) }) { first, _ in first }
    for metric in baseline.metrics {
      guard let other = others[metric.key],
        let value = BoundedValue(metric.value, bound: metric.bound)
          .minus(BoundedValue(other.value, bound: other.bound))
      else { continue }
      var result = MetricResult(
        key: metric.key, value: value.value, bound: value.bound, examples: other.examples,
        weight: other.weight)
      // A sample of the difference is that of one sample of all rows.
      if let sampling = plan.sampling, metric.samples.count == other.samples.count {
        addInterval(sampling, zip(metric.samples, other.samples).map { $0 - $1 }, to: &result)
      }
      metrics.append(result)
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
  /// Whether the slice of key `index` is one of the spec's: no feature is missing, fixed ones hold.
  func keeps(_ keys: KeyTable, _ index: Int) -> Bool {
    (0..<keys.length).allSatisfy { keys.component($0, of: index) != .missing }
      && fixed.allSatisfy { keys.component($0.position, of: index).matches($0.value) }
  }
}
