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
    "mean_squared_error", "weighted mean of (y − p)²", task: .regression
  ) { _ in MetricComputation(sums: [.squaredError, .weight]) { .number(ratio($0[0], $0[1])) } }

  static let rootMeanSquaredError = MetricDefinition(
    "root_mean_squared_error", "√ of the weighted mean of (y − p)²", task: .regression
  ) { _ in
    MetricComputation(sums: [.squaredError, .weight]) {
      .number(ratio($0[0], $0[1]).squareRoot())
    }
  }

  /// Losses that are a mean over rows; rows where a loss is not defined are left out.
  static let losses: [MetricDefinition] = [
    loss("mean_absolute_error", "|y − p|", "abs(y - p)"),
    loss(
      "mean_absolute_percentage_error", "100 |y − p| / |y|, without rows where y = 0",
      "100 * abs((y - p) / y)", where: "y != 0"),
    loss(
      "mean_squared_logarithmic_error", "(ln(1 + y) − ln(1 + p))², without y or p ≤ −1",
      "squared_error(log1p(y), log1p(p))", where: "y > -1 and p > -1"),
    loss("log_cosh", "ln cosh(p − y)", "abs(p - y) + log1p(exp(-2 * abs(p - y))) - log(2.0)"),
    loss("poisson", "p − y ln p, without p ≤ 0", "p - y * log(p)", where: "p > 0"),
    loss("hinge", "max(0, 1 − (2y − 1) p)", "maximum(1 - (2 * y - 1) * p, 0)", task: .binary),
    loss(
      "squared_hinge", "max(0, 1 − (2y − 1) p)²",
      "squared_error(maximum(1 - (2 * y - 1) * p, 0), 0)", task: .binary),
    loss("accuracy", "whether y = p", "where(y == p, 1.0, 0.0)"),
  ]

  private static func loss(
    _ name: String, _ summary: String, _ formula: String, where condition: String? = nil,
    task: MetricTask = .regression
  ) -> MetricDefinition {
    MetricDefinition(name, "weighted mean of \(summary)", task: task) { _ in
      let sums: [SumQuantity] =
        condition.map {
          [.formula("where(\($0), \(formula), 0.0)"), .formula("where(\($0), 1.0, 0.0)")]
        } ?? [.formula(formula), .weight]
      return MetricComputation(sums: sums) { .number(ratio($0[0], $0[1])) }
    }
  }
}
