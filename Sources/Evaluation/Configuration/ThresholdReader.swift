/// Reads thresholds, of a metric or by the names of metrics.
struct ThresholdReader {
  let reader: ConfigReader

  /// The fields `threshold`, `per_slice_thresholds` and `cross_slice_thresholds` of a metric.
  func read(of metric: String, into spec: inout EvaluationSpec) throws(EvaluationError) {
    if let threshold = try reader.message("threshold") {
      spec.thresholds += try thresholds(metric, threshold)
    }
    for entry in try reader.messages("per_slice_thresholds") {
      spec.thresholds += try perSlice(metric, entry)
    }
    for entry in try reader.messages("cross_slice_thresholds") {
      spec.thresholds += try perCrossSlice(metric, entry)
    }
  }

  /// The maps of the same names of a `MetricsSpec`, from metric to threshold.
  func readByName(into spec: inout EvaluationSpec) throws(EvaluationError) {
    for (metric, value) in try reader.map("thresholds") {
      spec.thresholds += try thresholds(metric, message(value, "thresholds"))
    }
    for (metric, value) in try reader.map("per_slice_thresholds") {
      for entry in try message(value, "per_slice_thresholds").messages("thresholds") {
        spec.thresholds += try perSlice(metric, entry)
      }
    }
    for (metric, value) in try reader.map("cross_slice_thresholds") {
      for entry in try message(value, "cross_slice_thresholds").messages("thresholds") {
        spec.thresholds += try perCrossSlice(metric, entry)
      }
    }
  }

  private func message(
    _ value: ConfigMessage.Value, _ name: String
  ) throws(EvaluationError) -> ConfigReader {
    guard case .message(let message) = value else {
      throw reader.fault("'\(name)' must be messages")
    }
    return ConfigReader(message, path: reader.path + ".\(name)")
  }

  private func perSlice(
    _ metric: String, _ entry: ConfigReader
  ) throws(EvaluationError) -> [MetricThreshold] {
    try entry.allow(["slicing_specs", "threshold"])
    var slices: [SlicingSpec] = []
    for reader in try entry.messages("slicing_specs") { slices.append(try slice(reader)) }
    guard let threshold = try entry.message("threshold") else { return [] }
    return try thresholds(metric, threshold).map {
      var threshold = $0
      threshold.slices = slices
      return threshold
    }
  }

  private func perCrossSlice(
    _ metric: String, _ entry: ConfigReader
  ) throws(EvaluationError) -> [MetricThreshold] {
    try entry.allow(["cross_slicing_specs", "threshold"])
    var specs: [CrossSlicingSpec] = []
    for reader in try entry.messages("cross_slicing_specs") { specs.append(try crossSlice(reader)) }
    guard let threshold = try entry.message("threshold") else { return [] }
    return try thresholds(metric, threshold).map {
      var threshold = $0
      threshold.crossSlices = specs
      return threshold
    }
  }

  /// A value threshold, a change threshold, or both.
  private func thresholds(
    _ metric: String, _ reader: ConfigReader
  ) throws(EvaluationError) -> [MetricThreshold] {
    try reader.allow(["value_threshold", "change_threshold"])
    var found: [MetricThreshold] = []
    if let value = try reader.message("value_threshold") {
      found.append(
        MetricThreshold(
          metric, lowerBound: try value.number("lower_bound"),
          upperBound: try value.number("upper_bound")))
    }
    if let change = try reader.message("change_threshold") {
      let direction = try change.text("direction") ?? ""
      guard let isHigher = Self.directions[direction] else {
        throw change.fault("direction must be HIGHER_IS_BETTER or LOWER_IS_BETTER")
      }
      var threshold = MetricThreshold(metric)
      threshold.change = MetricThreshold.Change(
        direction: isHigher, absolute: try change.number("absolute"),
        relative: try change.number("relative"))
      found.append(threshold)
    }
    return found
  }

  private static let directions: [String: MetricThreshold.Direction] = [
    "HIGHER_IS_BETTER": .higher, "2": .higher, "LOWER_IS_BETTER": .lower, "1": .lower,
  ]
}
