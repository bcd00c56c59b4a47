extension MetricRequest {
  /// The name in the snapshot.
  var outputName: String {
    if case .text(let name)? = parameters["name"] { name } else { name }
  }
}

extension EvaluationSpec {
  /// Everything that can be checked without the catalogue.
  func check() throws(EvaluationError) {
    if models.isEmpty { throw EvaluationError(.noModel, at: "evaluate.prediction") }
    if slices.isEmpty { throw EvaluationError(.noSlice, at: "evaluate.slices") }
    if metrics.isEmpty, plots.isEmpty { throw EvaluationError(.noMetric, at: "evaluate.metrics") }
    var names: Set<String> = []
    for (index, model) in models.enumerated() where !names.insert(model.name).inserted {
      throw EvaluationError(.duplicateModel(model.name), at: "evaluate.models[\(index)]")
    }
    for (index, slice) in slices.enumerated() {
      try slice.check(at: "evaluate.slices[\(index)]")
    }
    names = []
    for (index, metric) in metrics.enumerated() where !names.insert(metric.outputName).inserted {
      throw EvaluationError(
        .duplicateMetric(metric.outputName), at: "evaluate.metrics[\(index)]")
    }
  }

  /// The thresholds with the metrics they hold for.
  func resolvedThresholds(
    _ metrics: [EvaluationPlan.ResolvedMetric]
  ) throws(EvaluationError) -> [EvaluationPlan.ResolvedThreshold] {
    var resolved: [EvaluationPlan.ResolvedThreshold] = []
    for threshold in thresholds {
      let location = "evaluate.thresholds.\(threshold.metric)"
      try threshold.check(at: location)
      let named = metrics.indices.filter { metrics[$0].key.name == threshold.metric }
      if named.isEmpty {
        throw EvaluationError(
          .unknownMetric(threshold.metric), at: location,
          suggestion: nearestName(
            to: threshold.metric, among: self.metrics.map(\.outputName)))
      }
      let held = named.filter {
        threshold.model == nil || metrics[$0].key.model == threshold.model
      }
      if let model = threshold.model, held.isEmpty {
        throw EvaluationError(
          .unknownModel(model), at: location,
          suggestion: nearestName(to: model, among: models.map(\.name)))
      }
      for (index, slice) in (threshold.slices ?? []).enumerated() {
        let location = "\(location).slices[\(index)]"
        try slice.check(at: location)
        if !slices.contains(where: { $0.features == slice.features }) {
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
    if lowerBound == nil, upperBound == nil {
      throw EvaluationError(.emptyThreshold(metric), at: location)
    }
    // Also refuses NaN, which compares with nothing.
    guard lowerBound ?? -.infinity <= upperBound ?? .infinity else {
      throw EvaluationError(.impossibleThreshold(metric), at: location)
    }
  }
}
