extension MetricDefinition {
  /// Metrics of how labels and predictions vary together.
  static let correlations: [MetricDefinition] = [
    MetricDefinition(
      "pearson_correlation", "cov(y, p) / √(var y · var p), weighted", task: .regression
    ) { _ in moments { $0.covariance / ($0.labelVariance * $0.predictionVariance).squareRoot() } },
    MetricDefinition(
      "squared_pearson_correlation", "cov(y, p)² / (var y · var p), weighted", task: .regression
    ) { _ in
      moments { $0.covariance * $0.covariance / ($0.labelVariance * $0.predictionVariance) }
    },
    MetricDefinition(
      "r_squared", "1 − Σw(y − p)² / Σw(y − ȳ)²", task: .regression
    ) { _ in
      MetricComputation(sums: [.squaredError, .weight, .label, .formula("y * y")]) {
        let spread = $0[3] - $0[2] * ($0[2] / $0[1])
        return .number(spread > 0 ? 1 - $0[0] / spread : .nan)
      }
    },
    MetricDefinition(
      "coefficient_of_discrimination", "mean prediction of positives − of negatives"
    ) { _ in meansByClass { $0 - $1 } },
    MetricDefinition(
      "relative_coefficient_of_discrimination", "mean prediction of positives / of negatives"
    ) { _ in meansByClass { $1 == 0 ? .nan : $0 / $1 } },
  ]

  /// Weighted second moments about the mean.
  private struct SecondMoments {
    var covariance: Double
    var labelVariance: Double
    var predictionVariance: Double
  }

  /// NaN when either variance is 0, or so small that sums cannot tell.
  private static func moments(
    _ formula: @escaping @Sendable (SecondMoments) -> Double
  ) -> MetricComputation {
    MetricComputation(sums: [
      .weight, .label, .prediction, .formula("y * p"), .formula("y * y"), .formula("p * p"),
    ]) {
      let weight = $0[0]
      let moments = SecondMoments(
        covariance: $0[3] - $0[1] * ($0[2] / weight),
        labelVariance: $0[4] - $0[1] * ($0[1] / weight),
        predictionVariance: $0[5] - $0[2] * ($0[2] / weight))
      guard moments.labelVariance > 0, moments.predictionVariance > 0 else { return .number(.nan) }
      return .number(formula(moments))
    }
  }

  /// NaN when a class is empty.
  private static func meansByClass(
    _ formula: @escaping @Sendable (Double, Double) -> Double
  ) -> MetricComputation {
    MetricComputation(sums: [
      .formula("y * p"), .label, .formula("(1 - y) * p"), .formula("1 - y"),
    ]) { .number(formula(ratio($0[0], $0[1]), ratio($0[2], $0[3]))) }
  }
}
