extension MetricDefinition {
  static let meanLabel = MetricDefinition(
    "mean_label", "weighted mean of the label: Σwy / Σw", task: .regression
  ) { _ in MetricComputation(sums: [.label, .weight]) { .number(quotient($0[0], $0[1])) } }

  static let meanPrediction = MetricDefinition(
    "mean_prediction", "weighted mean of the prediction: Σwp / Σw", task: .regression
  ) { _ in MetricComputation(sums: [.prediction, .weight]) { .number(quotient($0[0], $0[1])) } }

  static let calibration = MetricDefinition(
    "calibration", "predicted over observed: Σwp / Σwy", task: .regression
  ) { _ in MetricComputation(sums: [.prediction, .label]) { .number(quotient($0[0], $0[1])) } }
}

/// NaN when the denominator is 0; one below zero (labels of a regression) divides.
private func quotient(_ numerator: Double, _ denominator: Double) -> Double {
  denominator == 0 ? .nan : numerator / denominator
}
