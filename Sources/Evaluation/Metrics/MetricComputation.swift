import Accumulators

/// What a metric reads of a row.
enum MetricTask: Hashable, Sendable {
  /// The rows of a slice, whatever their labels.
  case any
  /// A label in `[0, 1]` and a score: as they are, or one class of several.
  case binary
  /// A label and a prediction that are any numbers.
  case regression
  /// A label and a prediction that are texts.
  case texts
  /// A label and a prediction of which only is asked whether they are the same.
  case same
  /// Boxes that are there and boxes that were found, of each image.
  case boxes
  /// The class of each pixel, as it is and as it was found, of each image.
  case masks
  /// The label and the scores of all classes at once.
  case classes
  /// The predictions of a model and of the baseline.
  case comparison
  /// The rows of each query, ranked.
  case queries
}

/// The sums a metric needs and the formula over them.
struct MetricComputation: Sendable {
  /// What follows the metric's name, for one of a family.
  var suffix = ""
  /// The whole name, for one of a family whose members have names of their own.
  var name: String?
  var subKey: SubKey?
  /// In the order in which the formula reads them.
  var sums: [SumQuantity]
  var needsScores = false
  var value: @Sendable (MetricInputs) -> BoundedValue
  /// How scores are kept, if not as the evaluation's.
  var binning: ScoreBinning?
  /// Of boxes: which ones; the value is the mean over these, those left out that have none.
  var boxes: [BoxMatching] = []
  /// Whether rows weigh 1 even where the metric is said to be weighted.
  var ignoresWeights = false
  /// Of a sample, which is the value.
  var sample: RowSample?
  /// Of the rows of a slice's queries, for a metric by query.
  var queryValue: (@Sendable ([RankedQuery]) -> BoundedValue)?

  init(
    sums: [SumQuantity], suffix: String = "", name: String? = nil,
    value: @escaping @Sendable (MetricInputs) -> BoundedValue
  ) {
    self.sums = sums
    self.suffix = suffix
    self.name = name
    self.value = value
  }

  /// A metric over the score histogram.
  init(scores value: @escaping @Sendable (ScoreBins) -> BoundedValue) {
    sums = []
    needsScores = true
    self.value = { value($0.scores ?? .empty) }
  }

  /// A sample of the rows.
  init(sample: RowSample) {
    sums = []
    self.sample = sample
    value = { _ in .number(.nan) }
  }

  /// A metric over ranked queries.
  init(
    queries value: @escaping @Sendable ([RankedQuery]) -> BoundedValue, name: String? = nil,
    subKey: SubKey? = nil
  ) {
    sums = []
    self.name = name
    self.subKey = subKey
    self.value = { _ in .number(.nan) }
    queryValue = value
  }
}

/// What the metrics of one slice are made of.
///
/// A class: each metric refers to it instead of to every array.
final class SliceValues: Sendable {
  /// Its sums, by column.
  let row: [Double]
  /// Its score histograms.
  let scores: [ScoreBins]

  init(row: [Double], scores: [ScoreBins]) {
    self.row = row
    self.scores = scores
  }
}

/// Where a metric finds what it reads among the values of any slice.
final class MetricSources: Sendable {
  /// The columns of its sums, in the order of its formula.
  let positions: [Int]
  /// Its score histogram; `nil` unless it needs scores.
  let scores: Int?

  init(positions: [Int], scores: Int?) {
    self.positions = positions
    self.scores = scores
  }
}

/// What a formula reads of one slice: its sums by position, without copying them.
struct MetricInputs {
  private let slice: SliceValues
  private let sources: MetricSources

  init(_ slice: SliceValues, _ sources: MetricSources) {
    self.slice = slice
    self.sources = sources
  }

  /// Sums in the order in which the formula reads them.
  init(sums: [Double], scores: ScoreBins? = nil) {
    slice = SliceValues(row: sums, scores: scores.map { [$0] } ?? [])
    sources = MetricSources(positions: Array(sums.indices), scores: scores == nil ? nil : 0)
  }

  subscript(index: Int) -> Double { slice.row[sources.positions[index]] }

  /// `nil` unless the metric needs scores.
  var scores: ScoreBins? { sources.scores.map { slice.scores[$0] } }
}
