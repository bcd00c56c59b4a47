extension MetricDefinition {
  /// Metrics of a model against the baseline, row by row.
  ///
  /// Source: TFMA `flip_metrics.py`, `prediction_difference_metrics.py`,
  /// `model_cosine_similarity.py`.
  static let comparisons: [MetricDefinition] =
    [
      MetricDefinition(
        "boolean_flip_rates", "flip_rate and the rate of each direction", task: .comparison,
        family: { arguments in
          [flipShare(anyFlip, arguments, name: "flip_rate")]
            + flips.map { flipShare($0.condition, arguments, name: $0.name) }
        }, parameters: flipParameters),
      MetricDefinition(
        "symmetric_flip_rate", "share of rows that the two models decide differently",
        task: .comparison, parameters: flipParameters
      ) { flipShare(anyFlip, $0) },
      MetricDefinition(
        "symmetric_prediction_difference", "weighted mean of 2 |p − b| / |p + b|",
        task: .comparison
      ) { _ in meanOfRows(.formula("where(p == b, 0.0, 2 * abs(p - b) / abs(p + b))")) },
      MetricDefinition(
        "model_cosine_similarity",
        "mean cosine of the angle between the two predictions, where neither is 0",
        task: .comparison, usesWeights: { _ in false }
      ) { arguments in
        let isKnown = arguments.compatibility == .native
        return MetricComputation(sums: [.cosine, .withoutCosine, .formula("1.0")]) {
          .number(isKnown || $0[1] == 0 ? ratio($0[0], $0[2] - $0[1]) : .nan)
        }
      },
    ]
    + flips.map { name, condition, summary in
      MetricDefinition(
        name, "share of rows that \(summary)", task: .comparison, parameters: flipParameters
      ) { flipShare(condition, $0) }
    }

  private static let flipParameters = [
    MetricParameter("threshold", .number(thresholdRange), default: "0.5")
  ]

  private static let anyFlip = "(p > T) != (b > T)"

  private static let flips: [(name: String, condition: String, summary: String)] = [
    ("neg_to_neg_flip_rate", "p <= T and b <= T", "both models call negative"),
    ("neg_to_pos_flip_rate", "p > T and b <= T", "only the baseline calls negative"),
    ("pos_to_neg_flip_rate", "p <= T and b > T", "only the baseline calls positive"),
    ("pos_to_pos_flip_rate", "p > T and b > T", "both models call positive"),
  ]

  private static func flipShare(
    _ condition: String, _ arguments: MetricArguments, name: String? = nil
  ) -> MetricComputation {
    let threshold = arguments.number("threshold", default: 0.5)
    let condition = condition.split(separator: "T", omittingEmptySubsequences: false)
      .joined(separator: threshold.description)
    return meanOfRows(.formula("where(\(condition), 1.0, 0.0)"), name: name)
  }

  private static func meanOfRows(
    _ quantity: SumQuantity, name: String? = nil
  ) -> MetricComputation {
    MetricComputation(sums: [quantity, .formula("1.0")], name: name) {
      .number(ratio($0[0], $0[1]))
    }
  }
}
