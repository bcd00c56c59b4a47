/// Weights of positives and negatives by bin of the prediction.
public struct ScoreHistogram: Sendable {
  /// A bin with some weight in it.
  public struct Bin: Hashable, Sendable {
    /// The bin's number under its ``ScoreBinning``.
    public var index: Int
    /// See ``ScoreBinning`` for which bound belongs to the bin.
    public var lowerBound: Double
    public var upperBound: Double
    /// Σ w·y.
    public var positives: Double
    /// Σ w·(1 − y).
    public var negatives: Double
    /// Σ w·prediction; 0 unless predictions are kept.
    public var predictions: Double
  }

  /// In ascending order of prediction; empty bins left out.
  public var bins: [Bin]
  /// Each rounded once from the exact sum over all bins.
  public var totalPositives: Double
  public var totalNegatives: Double
  public var totalPredictions: Double
  /// Rows with a label outside the range, a negative or infinite weight, or something missing or NaN.
  public var unusableCount: Int64
  /// Rows used, whatever their weight.
  public var usableCount: Int64
}

/// How a score histogram is kept.
public struct ScoreHistogramParameters: Hashable, Sendable {
  public var binning: ScoreBinning
  /// Also keep Σ w·prediction by bin, for calibration plots.
  public var keepsPredictions: Bool
  /// The labels that can be used; of those outside [0, 1] the parts add up to the weight all the
  /// same.
  public var labels: ClosedRange<Double>
  /// Up to how many usable rows are kept as they are, instead of in bins.
  public var exactRows: Int

  public init(
    _ binning: ScoreBinning = .logit(1000), keepsPredictions: Bool = false,
    labels: ClosedRange<Double> = 0...1, exactRows: Int = 0
  ) {
    self.binning = binning
    self.keepsPredictions = keepsPredictions
    self.labels = labels
    self.exactRows = exactRows
  }

  /// Sums a bin.
  var laneCount: Int { keepsPredictions ? 3 : 2 }
  var keyCount: Int { binning.binCount * laneCount }
}

/// The weight of one row, divided between the labels.
struct ScoreRow {
  var positive: Double
  var negative: Double

  /// For a fractional label both parts are rounded once.
  init(_ label: Double, _ weight: Double) {
    positive = weight * label
    negative = weight.addingProduct(-weight, label)
  }

  @inline(__always)
  static func isUsable(
    _ label: Double, _ prediction: Double, _ weight: Double, _ labels: ClosedRange<Double>
  ) -> Bool {
    // Each comparison is false for NaN.
    label >= labels.lowerBound && label <= labels.upperBound && prediction == prediction
      && weight >= 0 && weight <= .greatestFiniteMagnitude
  }
}
