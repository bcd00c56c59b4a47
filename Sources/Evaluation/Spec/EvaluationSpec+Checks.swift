import Dataflow

extension EvaluationSpec {
  /// Everything that can be checked without the catalogue.
  func check() throws(EvaluationError) {
    if models.isEmpty { throw EvaluationError(.noModel, at: "evaluate.prediction") }
    if slices.isEmpty { throw EvaluationError(.noSlice, at: "evaluate.slices") }
    if metrics.isEmpty, plots.isEmpty { throw EvaluationError(.noMetric, at: "evaluate.metrics") }
    var names: Set<[String]> = []
    for (index, model) in models.enumerated()
    where !names.insert([model.name, model.output]).inserted {
      throw EvaluationError(.duplicateModel(model.name), at: "evaluate.models[\(index)]")
    }
    if let baseline, baselineModel == nil {
      throw EvaluationError(.unknownModel(baseline), at: "evaluate.baseline")
    }
    for (index, slice) in slices.enumerated() {
      try slice.check(at: "evaluate.slices[\(index)]")
    }
    for (index, cross) in crossSlices.enumerated() {
      for slice in [cross.baseline] + cross.comparisons {
        try slice.check(at: "evaluate.cross_slices[\(index)]")
      }
    }
  }

  /// The thresholds with the metrics they hold for.
  func resolvedThresholds(
    _ metrics: [ResolvedMetric]
  ) throws(EvaluationError) -> [EvaluationPlan.ResolvedThreshold] {
    var resolved: [EvaluationPlan.ResolvedThreshold] = []
    for threshold in thresholds {
      let location = "evaluate.thresholds.\(threshold.metric)"
      try threshold.check(at: location)
      let hasName = metrics.indices.filter { metrics[$0].key.name == threshold.metric }
      if threshold.change != nil, baseline == nil {
        throw EvaluationError(.needsBaseline(threshold.metric), at: location)
      }
      let named = hasName.filter {
        let isDifference = metrics[$0].baseline != nil
        return isDifference == (threshold.change != nil)
      }
      if named.isEmpty {
        throw EvaluationError(
          .unknownMetric(threshold.metric), at: location,
          suggestion: nearestName(
            to: threshold.metric, among: self.metrics.map(\.outputName)))
      }
      let held = named.filter {
        // A threshold for every model means those that are not the measure of the others.
        metrics[$0].key.model == threshold.model ?? metrics[$0].key.model
          && (threshold.model != nil || baseline == nil || metrics[$0].key.model != baseline)
      }
      if let model = threshold.model, held.isEmpty {
        throw EvaluationError(
          .unknownModel(model), at: location,
          suggestion: nearestName(to: model, among: models.map(\.name)))
      }
      for (index, slice) in (threshold.slices ?? []).enumerated() {
        let location = "\(location).slices[\(index)]"
        try slice.check(at: location)
        if !allSlices.contains(where: { $0.features == slice.features }) {
          throw EvaluationError(.unknownSlice(slice.features), at: location)
        }
      }
      resolved.append(
        EvaluationPlan.ResolvedThreshold(
          threshold: threshold, metrics: held, features: threshold.slices?.map(\.features)))
    }
    return resolved
  }
}

extension EvaluationSpec {
  /// The slices asked for, and those that only cross slices name.
  var allSlices: [SlicingSpec] {
    var all = slices
    for slice in crossSlices.flatMap({ [$0.baseline] + $0.comparisons }) where !all.contains(slice)
    {
      all.append(slice)
    }
    return all
  }
}

extension EvaluationSpec {
  /// The budget of the cells of `features`: slices that the job names come first.
  func keyBudget(of grouping: [String]) -> KeyBudget? {
    let features = grouping.filter { $0 != SamplingPlan.feature }
    guard let sliceBudget, !features.isEmpty else { return nil }
    let named =
      allSlices
      + thresholds.flatMap { threshold in
        (threshold.slices ?? [])
          + (threshold.crossSlices ?? []).flatMap { [$0.baseline] + $0.comparisons }
      }
    var keys: [[String]] = []
    for slice in named where slice.featureKeys.isEmpty && slice.features == features {
      let values = features.compactMap { feature in
        slice.featureValues.first { $0.feature == feature }?.value
      }
      if !keys.contains(values) { keys.append(values) }
    }
    return KeyBudget(
      sliceBudget, named: keys, sampleCount: intervals == nil ? 0 : SamplingPlan.count)
  }
}

extension EvaluationSpec {
  /// Every feature that some slice names.
  public var features: Set<String> { Set(allSlices.flatMap(\.features)) }
}

extension SlicingSpec {
  func check(at location: String) throws(EvaluationError) {
    var seen: Set<String> = []
    for feature in features where !seen.insert(feature).inserted {
      throw EvaluationError(.duplicateFeature(feature), at: location)
    }
  }
}

extension MetricThreshold {
  func check(at location: String) throws(EvaluationError) {
    let isBounded = lowerBound != nil || upperBound != nil
    if !isBounded, change?.absolute == nil, change?.relative == nil {
      throw EvaluationError(.emptyThreshold(metric), at: location)
    }
    // Also refuses NaN, which compares with nothing.
    guard lowerBound ?? -.infinity <= upperBound ?? .infinity else {
      throw EvaluationError(.impossibleThreshold(metric), at: location)
    }
  }
}
