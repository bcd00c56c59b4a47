extension MetricDefinition {
  /// Mean log loss, NaN when a prediction is outside `[0, 1]`, infinite when a certain prediction
  /// is wrong.
  ///
  /// A certain and right prediction loses 0, the limit; TFMA says NaN there.
  static let binaryCrossEntropy = MetricDefinition(
    "binary_cross_entropy", "weighted mean of −y ln p − (1 − y) ln(1 − p)",
    parameters: [MetricParameter("label_smoothing", .number(0...1), default: "0")]
  ) { arguments in
    let smoothing = arguments.number("label_smoothing", default: 0)
    return MetricComputation(sums: [.logLoss(smoothing: smoothing), .weight]) {
      // A row whose loss is undefined added −∞, which no loss is.
      let sum = $0[0] == -.infinity ? Double.nan : $0[0]
      return .number(ratio(sum, $0[1]))
    }
  }

  static let meanSquaredError = MetricDefinition(
    "mean_squared_error", "weighted mean of (y − p)²", needsUnitLabels: false
  ) { _ in MetricComputation(sums: [.squaredError, .weight]) { .number(ratio($0[0], $0[1])) } }
}
