import Accumulators
import Expressions

/// The inputs of one score histogram, and how it is kept.
struct ScoreInput: Hashable {
  /// Label, prediction and, if there is one, the weight.
  let columns: [Expression]
  /// The scores that are put at 0…1, where others than these are looked at.
  let range: ClosedRange<Double>?
  /// How they are kept, if not as the evaluation's.
  let binning: ScoreBinning?
  /// Whether labels and predictions are lists, of which each element is a row.
  let isOfLists: Bool

  init(
    _ columns: [Expression], range: ClosedRange<Double>? = nil, binning: ScoreBinning? = nil,
    isOfLists: Bool = false
  ) {
    self.range = range
    self.binning = binning
    self.isOfLists = isOfLists
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

  func plan(
    _ compatibility: EvaluationCompatibility, keepsPredictions: Bool, exactRows: Int
  ) -> AccumulatorPlan {
    let parameters = ScoreHistogramParameters(
      binning ?? (compatibility == .tfma || range != nil ? .uniform(10_000) : .logit(1000)),
      keepsPredictions: keepsPredictions,
      labels: range == nil ? 0...1 : -.greatestFiniteMagnitude ... .greatestFiniteMagnitude,
      exactRows: range == nil ? exactRows : 0)
    return isOfLists
      ? AccumulatorPlan(
        GroupedElements<GroupedScoreHistograms>.self, ElementsParameters(parameters, listCount: 2))
      : AccumulatorPlan(GroupedScoreHistograms.self, parameters)
  }
}
