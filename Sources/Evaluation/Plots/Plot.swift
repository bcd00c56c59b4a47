/// A picture of one model over one slice.
public enum PlotKind: String, Hashable, Sendable, CaseIterable {
  /// Points of the ROC curve: threshold, false positive rate, true positive rate.
  case roc
  /// Points of the precision-recall curve: threshold, recall, precision.
  case precisionRecall = "precision_recall"
  /// Score ranges: lower and upper bound, Σw, Σwy, Σwp.
  case calibration
  /// The four counts at thresholds of the score histogram.
  case confusionMatrix = "confusion_matrix"
  /// Score ranges: lower and upper bound, Σw.
  case scoreDistribution = "score_distribution"

  /// The names of a point's numbers.
  public var columns: [String] {
    switch self {
    case .roc: ["threshold", "false_positive_rate", "true_positive_rate"]
    case .precisionRecall: ["threshold", "recall", "precision"]
    case .calibration: ["lower", "upper", "weight", "label", "prediction"]
    case .confusionMatrix:
      ["threshold", "true_positives", "false_positives", "true_negatives", "false_negatives"]
    case .scoreDistribution: ["lower", "upper", "weight"]
    }
  }
}

/// At most 200 points, the first and last of the full curve among them; or evenly spaced ones, if
/// their number is given or under `compat: tfma`.
///
/// A threshold is the lower bound of a score bin: rows of that bin and above (native bins do not
/// hold their lower bound) are predicted positive. NaN where a rate is not defined.
public struct Plot: Hashable, Sendable {
  public var kind: PlotKind
  public var name: String
  public var model: String
  public var output: String
  /// The class of boxes.
  public var subKey: SubKey?
  /// Shape `[points, kind.columns]`.
  public var points: [[Double]]

  public init(
    kind: PlotKind, name: String = "", model: String, output: String = "", points: [[Double]]
  ) {
    self.kind = kind
    self.name = name
    self.model = model
    self.output = output
    self.points = points
  }
}
