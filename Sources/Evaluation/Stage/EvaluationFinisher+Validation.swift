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
    // What compares slices, or says only that a slice is small, is held against no threshold.
    for slice in slices where slice.baseline == nil && slice.metrics.count >= plan.metrics.count {
      for (index, threshold) in plan.thresholds.enumerated() {
        let matches = threshold.specs(of: slice.key)
        for spec in matches { isFound[index][spec] = true }
        guard threshold.features == nil || !matches.isEmpty else { continue }
        for metric in threshold.metrics {
          checks.append(
            ThresholdCheck(threshold.threshold, on: slice.metrics[metric], of: slice.key))
        }
      }
    }
    for (index, threshold) in plan.thresholds.enumerated() {
      if slices.isEmpty, threshold.features == nil {
        checks += missing(threshold, .overall, "the pane has no slice")
      }
      for (spec, slice) in (threshold.threshold.slices ?? []).enumerated()
      where !isFound[index][spec] {
        let key = SliceKey(slice.featureValues.map { .init($0.feature, .string($0.value)) })
        checks += missing(threshold, key, "no slice of \(slice.features) was seen")
      }
    }
    return ValidationResult(checks)
  }

  private func missing(
    _ threshold: EvaluationPlan.ResolvedThreshold, _ key: SliceKey, _ why: String
  ) -> [ThresholdCheck] {
    threshold.metrics.map {
      ThresholdCheck(threshold.threshold, missing: plan.metrics[$0].key, of: key, why: why)
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
