import Accumulators

extension ScoreBins {
  /// How scores are binned for `compatibility`.
  static func parameters(
    _ compatibility: EvaluationCompatibility, keepsPredictions: Bool
  ) -> ScoreHistogramParameters {
    ScoreHistogramParameters(
      compatibility == .tfma ? .uniform(10_000) : .logit(1000),
      keepsPredictions: keepsPredictions)
  }
}
