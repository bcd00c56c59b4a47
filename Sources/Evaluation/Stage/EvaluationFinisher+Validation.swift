import Dataflow

extension EvaluationFinisher {
  /// Every threshold held against the slices it names, slice by slice.
  func validation(of slices: [SliceResult]) -> ValidationResult {
    if plan.thresholds.isEmpty { return ValidationResult([]) }
    var checks: [ThresholdCheck] = []
    // For each threshold, which of its slicing specs found a slice.
    var isFound = plan.thresholds.map {
      [Bool](repeating: false, count: $0.threshold.slices?.count ?? 0)
    }
    let small = slices.filter { $0.metrics.count < plan.metrics.count }.map(\.key)
    // What compares slices, or says only that a slice is small, is held against no threshold.
    for slice in slices where slice.baseline == nil && slice.metrics.count >= plan.metrics.count {
      for (index, threshold) in plan.thresholds.enumerated()
      where threshold.threshold.crossSlices == nil {
        let matches = threshold.specs(of: slice.key)
        for spec in matches { isFound[index][spec] = true }
        guard threshold.features == nil || !matches.isEmpty else { continue }
        checks += threshold.metrics.map { check(threshold, $0, slice) }
      }
    }
    checks += crossChecks(slices)
    for (index, threshold) in plan.thresholds.enumerated() {
      if slices.isEmpty, threshold.features == nil, threshold.threshold.crossSlices == nil {
        checks += missing(threshold, .overall, .sliceNotSeen, "the pane has no slice")
      }
      for (spec, slice) in (threshold.threshold.slices ?? []).enumerated()
      where !isFound[index][spec] {
        let key = SliceKey(slice.featureValues.map { .init($0.feature, .string($0.value)) })
        let isSmall = small.contains { slice.makes($0) }
        checks += missing(
          threshold, key, isSmall ? .sliceTooSmall : .sliceNotSeen,
          isSmall
            ? "fewer than \(plan.minSliceSize) rows" : "no slice of \(slice.features) was seen")
      }
    }
    return ValidationResult(checks)
  }

  private func check(
    _ threshold: EvaluationPlan.ResolvedThreshold, _ metric: Int, _ slice: SliceResult
  ) -> ThresholdCheck {
    ThresholdCheck(
      threshold.threshold, on: slice.metrics[metric], of: slice.key,
      baseline: plan.metrics[metric].baseline.map { slice.metrics[$0] })
  }

  /// The thresholds that hold for comparisons of slices.
  private func crossChecks(_ slices: [SliceResult]) -> [ThresholdCheck] {
    var checks: [ThresholdCheck] = []
    for threshold in plan.thresholds where threshold.threshold.crossSlices != nil {
      let keys = threshold.metrics.map { plan.metrics[$0].key }
      let matches = slices.filter { slice in
        slice.baseline.map { threshold.threshold.holds(for: slice.key, against: $0) } ?? false
      }
      for slice in matches {
        for metric in slice.metrics where keys.contains(metric.key) {
          checks.append(
            ThresholdCheck(
              threshold.threshold, on: metric, of: slice.key, against: slice.baseline))
        }
      }
      if matches.isEmpty {
        checks += missing(
          threshold, .overall, .sliceNotSeen, "no such comparison of slices was seen")
      }
    }
    return checks
  }

  private func missing(
    _ threshold: EvaluationPlan.ResolvedThreshold, _ key: SliceKey, _ code: Verdict.Reason.Code,
    _ why: String
  ) -> [ThresholdCheck] {
    threshold.metrics.map {
      ThresholdCheck(
        threshold.threshold, missing: plan.metrics[$0].key, of: key,
        why: Verdict.Reason(code, why))
    }
  }
}

extension EvaluationPlan.ResolvedThreshold {
  /// Which of the threshold's slicing specs make the slice `key`.
  func specs(of key: SliceKey) -> [Int] {
    guard let specs = threshold.slices else { return [] }
    return specs.indices.filter { specs[$0].makes(key) }
  }
}
