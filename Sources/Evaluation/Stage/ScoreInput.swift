import Accumulators
import Expressions

/// The inputs of one score histogram, and how it is kept.
struct ScoreInput: Hashable {
  /// Label, prediction and, if there is one, the weight.
  let columns: [Expression]
  /// The scores that are put at 0…1, where others than these are looked at.
  let range: ClosedRange<Double>?

  init(_ columns: [Expression], range: ClosedRange<Double>? = nil) {
    self.range = range
    guard let range else {
      self.columns = columns
      return
    }
    var scaled = columns
    scaled[1] = .of(
      "divide", .of("subtract", columns[1], .number(range.lowerBound)),
      .number(range.upperBound - range.lowerBound))
    self.columns = scaled
  }

  func parameters(
    _ compatibility: EvaluationCompatibility, keepsPredictions: Bool
  ) -> ScoreHistogramParameters {
    ScoreHistogramParameters(
      compatibility == .tfma || range != nil ? .uniform(10_000) : .logit(1000),
      keepsPredictions: keepsPredictions,
      labels: range == nil ? 0...1 : -.greatestFiniteMagnitude ... .greatestFiniteMagnitude)
  }
}
