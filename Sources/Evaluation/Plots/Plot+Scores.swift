import Accumulators

extension Plot {
  static let maximumPoints = 200

  /// The plot of `bins`.
  init(_ kind: PlotKind, of bins: ScoreBins, model: String, output: String = "") {
    let points: [[Double]]
    if kind == .calibration {
      points = Self.calibration(bins)
    } else {
      let curve = ScoreCurve(bins)
      points = Self.thinned(curve.count).map { Self.point(kind, curve.matrix($0)) }
    }
    self.init(kind: kind, model: model, output: output, points: points)
  }

  private static func point(_ kind: PlotKind, _ matrix: ConfusionMatrix) -> [Double] {
    let tp = matrix.truePositives
    let fp = matrix.falsePositives
    let tn = matrix.trueNegatives
    let fn = matrix.falseNegatives
    return switch kind {
    case .roc: [matrix.threshold, ratio(fp, fp + tn), ratio(tp, tp + fn)]
    case .precisionRecall: [matrix.threshold, ratio(tp, tp + fn), ratio(tp, tp + fp)]
    case .confusionMatrix, .calibration: [matrix.threshold, tp, fp, tn, fn]
    }
  }

  /// Indices of at most `maximumPoints` of `count` points, evenly spread, both ends kept.
  static func thinned(_ count: Int) -> [Int] {
    if count <= maximumPoints { return Array(0..<count) }
    return (0..<maximumPoints).map { $0 * (count - 1) / (maximumPoints - 1) }
  }

  /// Neighbouring bins joined until at most `maximumPoints` are left; each bin is in one range.
  private static func calibration(_ bins: ScoreBins) -> [[Double]] {
    let width = max(1, (bins.count + maximumPoints - 1) / maximumPoints)
    return stride(from: 0, to: bins.count, by: width).map { start in
      let range = start..<min(start + width, bins.count)
      let positives = bins.positives[range].reduce(0, +)
      return [
        bins.lowerBounds[start], bins.upperBounds[range.upperBound - 1],
        positives + bins.negatives[range].reduce(0, +), positives,
        bins.predictions[range].reduce(0, +),
      ]
    }
  }
}
