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

  init(_ histogram: ScoreHistogram) {
    let bins = histogram.bins
    lowerBounds = bins.map(\.lowerBound)
    upperBounds = bins.map(\.upperBound)
    positives = bins.map(\.positives)
    negatives = bins.map(\.negatives)
    predictions = bins.map(\.predictions)
  }
}
