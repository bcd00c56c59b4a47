import Accumulators

/// Metrics that look for the best threshold among those that keep a promise.
///
/// Source: TFMA `confusion_matrix_metrics.py`: the greatest value over the thresholds at which the
/// constraint holds, 0 when it holds at none; NaN when a class is empty (TFMA may say 0 there).
struct OperatingPoint: Sendable {
  var name: String
  /// What must hold, and the parameter that says how much.
  var constraint: Rate
  /// What is made as great as possible.
  var target: Rate

  enum Rate: String, Sendable {
    case precision, recall, sensitivity, specificity, threshold
    case falsePositiveRate = "false_positive_rate"

    func value(_ tp: Double, _ fp: Double, _ curve: ScoreCurve) -> Double {
      switch self {
      case .precision: ratio(tp, tp + fp)
      case .recall, .sensitivity: ratio(tp, curve.positives)
      case .specificity: ratio(max(0, curve.negatives - fp), curve.negatives)
      case .falsePositiveRate: ratio(fp, curve.negatives)
      case .threshold: .nan
      }
    }

    /// Whether `value` is as good as `wanted`; never for NaN.
    func holds(_ value: Double, _ wanted: Double) -> Bool {
      self == .falsePositiveRate ? value <= wanted : value >= wanted
    }
  }

  static let all = [
    OperatingPoint(
      name: "sensitivity_at_specificity", constraint: .specificity, target: .sensitivity),
    OperatingPoint(
      name: "specificity_at_sensitivity", constraint: .sensitivity, target: .specificity),
    OperatingPoint(name: "precision_at_recall", constraint: .recall, target: .precision),
    OperatingPoint(name: "recall_at_precision", constraint: .precision, target: .recall),
    OperatingPoint(
      name: "recall_at_false_positive_rate", constraint: .falsePositiveRate, target: .recall),
    OperatingPoint(name: "threshold_at_recall", constraint: .recall, target: .threshold),
  ]

  /// The best value on `curve`, with how much better it may be on the curve of the exact scores.
  ///
  /// Between two points of a curve there may be thresholds that its bins do not show. Whatever the
  /// order of the rows in the bin, the counts there are at most "positives first" for what grows
  /// with true positives, and the promise is kept by no more than these. On an exact curve there is
  /// nothing between two points, and the greatest threshold of a point is just below the next score.
  func best(
    _ curve: ScoreCurve, wanted: Double, _ compatibility: EvaluationCompatibility
  ) -> BoundedValue {
    if compatibility == .native, !isDefined(curve) { return .number(.nan) }
    // The least of TFMA's thresholds is below 0.
    let isOfThresholds = target == .threshold && compatibility == .tfma
    var best = isOfThresholds ? -Double.infinity : 0
    var possible = 0.0
    var isKnown = false
    var isFound = false
    for index in 0..<curve.count {
      let (tp, fp) = (curve.truePositives[index], curve.falsePositives[index])
      if constraint.holds(constraint.value(tp, fp, curve), wanted) {
        let value = value(index, tp, fp, curve)
        isFound = true
        isKnown = isKnown || !value.isNaN
        best = value > best ? value : best
      }
      guard index + 1 < curve.count, target != .threshold, !curve.isExact else { continue }
      // All positives of the bin and none of its negatives.
      let ideal = (tp: tp, fp: curve.falsePositives[index + 1])
      if constraint.holds(constraint.value(ideal.tp, ideal.fp, curve), wanted) {
        let value = value(index, ideal.tp, ideal.fp, curve)
        possible = value > possible ? value : possible
      }
    }
    if isFound, !isKnown { return .number(.nan) }
    if !isFound { best = 0 }
    if target == .threshold {
      return BoundedValue(.number(best), bound: thresholdBound(best, curve))
    }
    return BoundedValue(.number(best), bound: max(0, possible - best))
  }

  private func value(_ index: Int, _ tp: Double, _ fp: Double, _ curve: ScoreCurve) -> Double {
    guard target == .threshold else { return target.value(tp, fp, curve) }
    guard curve.isExact else { return curve.thresholds[index] }
    return index + 1 < curve.count ? curve.thresholds[index + 1].nextDown : .infinity
  }

  /// Whether there are rows of the classes that constraint and target are about.
  private func isDefined(_ curve: ScoreCurve) -> Bool {
    [constraint, target].allSatisfy { rate in
      switch rate {
      case .precision, .recall, .sensitivity: curve.positives > 0
      case .specificity, .falsePositiveRate: curve.negatives > 0
      case .threshold: true
      }
    }
  }

  /// The distance to the next threshold of the curve.
  private func thresholdBound(_ best: Double, _ curve: ScoreCurve) -> Double {
    guard !curve.isExact else { return 0 }
    guard best.isFinite, let next = curve.thresholds.first(where: { $0 > best }) else { return 0 }
    return next.isFinite ? next - best : max(0, 1 - best)
  }
}

extension MetricDefinition {
  /// Each takes one number or a list of them.
  static let operatingPoints = OperatingPoint.all.map { point in
    let parameter = point.constraint.rawValue
    return MetricDefinition(
      point.name,
      "the greatest \(point.target.rawValue) at a \(parameter) of "
        + (point.constraint == .falsePositiveRate ? "at most" : "at least") + " what is given",
      parameters: [
        MetricParameter(parameter, .numbers(0...1), default: "required", isRequired: true),
        MetricParameter(
          "num_thresholds", .integer(2...100_000), default: "10000", needsCompatibility: true),
      ]
    ) { arguments in
      let wanted = arguments.numbers(parameter) ?? []
      let count =
        arguments.compatibility == .tfma
        ? Int(arguments.number("num_thresholds", default: 10_000)) : nil
      return MetricComputation(scores: { scores in
        let curve = count.map { ScoreCurve(scores, thresholdCount: $0) } ?? ScoreCurve(scores)
        let values = wanted.map { point.best(curve, wanted: $0, arguments.compatibility) }
        if values.count == 1 { return values[0] }
        return BoundedValue(
          .numbers(values.compactMap(\.value.number)), bound: values.compactMap(\.bound).max())
      })
    }
  }
}
