import Accumulators
import Dataflow

/// Makes snapshots of panes.
struct EvaluationFinisher {
  let plan: EvaluationPlan

  init(_ plan: EvaluationPlan) { self.plan = plan }

  func snapshot(of content: PaneContent) -> EvaluationSnapshot {
    let cells = plan.slices.cells(of: content).map(CellReader.init)
    var slices: [SliceResult] = []
    slices.reserveCapacity(plan.slices.specs.reduce(0) { $0 + cells[$1.step].keys.count })
    // Keys are only remembered when two specs can make the same slice.
    let canRepeat = plan.slices.specs.contains(where: \.mayRepeat)
    var seen: Set<SliceKey> = []
    var scores = plan.scoreInputs.map { _ in ScoreBins() }
    for spec in plan.slices.specs {
      let features = plan.slices.steps[spec.step].features
      let reader = cells[spec.step]
      if features.isEmpty, reader.keys.count == 0 {
        if !spec.mayRepeat { slices.append(emptySlice) }
        continue
      }
      for index in 0..<reader.keys.count {
        let values = reader.keys[index]
        guard spec.keeps(values) else { continue }
        let key = SliceKey(names: features, values: values)
        if canRepeat, !seen.insert(key).inserted { continue }
        for model in scores.indices {
          reader.readScores(index + 1, model: model, into: &scores[model])
        }
        slices.append(
          slice(
            key, row: reader.sums.values(index + 1), rows: reader.rowCount(index + 1), scores))
      }
    }
    return EvaluationSnapshot(
      slices: slices, validation: validation(of: slices),
      unusableCount: unusableCount(cells), approximations: approximations)
  }

  /// The overall slice of a pane without rows.
  private var emptySlice: SliceResult {
    slice(
      .overall, row: [Double](repeating: 0, count: plan.columns.count), rows: 0,
      plan.scoreInputs.map { _ in .empty })
  }

  /// One slice of `rows` rows; `scores` are those of each model that needs them.
  private func slice(
    _ key: SliceKey, row: [Double], rows: Int64, _ scores: [ScoreBins]
  ) -> SliceResult {
    var metrics: [MetricResult] = []
    metrics.reserveCapacity(plan.metrics.count + plan.models.count)
    for metric in plan.metrics {
      let model = plan.models[metric.model]
      let bins = metric.computation.needsScores ? scores[metric.model] : .empty
      let value = metric.computation.value(
        MetricInputs(row: row, positions: metric.positions, scores: bins))
      metrics.append(
        MetricResult(
          key: metric.key, value: value.value, bound: value.bound,
          examples: Int64(row[model.examples]), weight: row[model.weight]))
    }
    for model in plan.models where rows > Int64(row[model.examples]) {
      let examples = Int64(row[model.examples])
      metrics.append(
        MetricResult(
          key: MetricKey(name: "unusable_example_count", model: model.name),
          value: .number(Double(rows - examples)), examples: examples, weight: row[model.weight]))
    }
    return SliceResult(
      key: key, examples: Int64(row[plan.models[0].examples]), weight: row[plan.models[0].weight],
      metrics: metrics, plots: plots(scores))
  }

  private func plots(_ scores: [ScoreBins]) -> [Plot] {
    plan.models.indices.flatMap { model in
      plan.plots.map { Plot($0, of: scores[model], model: plan.models[model].name) }
    }
  }

  private func unusableCount(_ cells: [CellReader]) -> Int64 {
    guard
      let step = plan.slices.steps.firstIndex(where: { $0.isGrouping(plan.slices.countingGrouping) }
      )
    else { return 0 }
    let reader = cells[step]
    var count: Int64 = 0
    for cell in 1..<(reader.keys.count + 1) {
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
    names += plan.plots.map { "plot \($0.rawValue)" }
    return names.map { "\($0): from \(bins)" }
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
