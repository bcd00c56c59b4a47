import Accumulators

extension Plot {
  static let maximumPoints = 200

  /// The plot of `bins`, whose bounds are those of the scores themselves.
  init(
    _ request: PlotRequest, of bins: ScoreBins, model: String, output: String = "",
    _ compatibility: EvaluationCompatibility
  ) {
    let spacing = request.points(compatibility)
    let points: [[Double]]
    switch request.kind {
    case .calibration, .scoreDistribution:
      let ranges = spacing.map { Self.ranges(bins, $0) } ?? Self.joinedRanges(bins)
      points = request.kind == .calibration ? ranges : ranges.map { Array($0[..<3]) }
    case .roc, .precisionRecall, .confusionMatrix:
      let curve = ScoreCurve(bins)
      let matrices =
        spacing.map { curve.matrices(at: $0) }
        ?? Self.thinned(curve.count).map { curve.matrix($0) }
      points = matrices.map { Self.point(request.kind, $0) }
    }
    self.init(
      kind: request.kind, name: request.name, model: model, output: output, points: points)
    subKey = request.boxes.map { .classID($0.classID) }
  }

  private static func point(_ kind: PlotKind, _ matrix: ConfusionMatrix) -> [Double] {
    let tp = matrix.truePositives
    let fp = matrix.falsePositives
    let tn = matrix.trueNegatives
    let fn = matrix.falseNegatives
    return switch kind {
    case .roc: [matrix.threshold, ratio(fp, fp + tn), ratio(tp, tp + fn)]
    case .precisionRecall: [matrix.threshold, ratio(tp, tp + fn), ratio(tp, tp + fp)]
    case .confusionMatrix, .calibration, .scoreDistribution: [matrix.threshold, tp, fp, tn, fn]
    }
  }

  /// Indices of at most `maximumPoints` of `count` points, evenly spread, both ends kept.
  static func thinned(_ count: Int) -> [Int] {
    if count <= maximumPoints { return Array(0..<count) }
    return (0..<maximumPoints).map { $0 * (count - 1) / (maximumPoints - 1) }
  }

  /// Neighbouring bins joined until at most `maximumPoints` are left; each bin is in one range.
  private static func joinedRanges(_ bins: ScoreBins) -> [[Double]] {
    let width = max(1, (bins.count + maximumPoints - 1) / maximumPoints)
    let (lower, upper) = (bins.lowerBounds, bins.upperBounds)
    return stride(from: 0, to: bins.count, by: width).map { start in
      let end = min(start + width, bins.count)
      return range(bins, start..<end, from: lower[start], to: upper[end - 1])
    }
  }

  /// What lies below the first of `bounds`, between each two, and from the last on; a bin is where
  /// its lower bound is.
  ///
  /// Source: TFMA `calibration_histogram.rebin`.
  private static func ranges(_ bins: ScoreBins, _ bounds: [Double]) -> [[Double]] {
    let edges = [-.infinity] + bounds + [.infinity]
    let lowerBounds = bins.lowerBounds
    var start = 0
    return zip(edges, edges.dropFirst()).map { lower, upper in
      var end = start
      while end < bins.count, upper == .infinity || lowerBounds[end] < upper { end += 1 }
      defer { start = end }
      return range(bins, start..<end, from: lower, to: upper)
    }
  }

  /// Lower and upper bound, Σw, Σwy, Σwp.
  private static func range(
    _ bins: ScoreBins, _ range: Range<Int>, from lower: Double, to upper: Double
  ) -> [Double] {
    let positives = bins.positives[range].reduce(0, +)
    let predictions = bins.predictions.isEmpty ? 0 : bins.predictions[range].reduce(0, +)
    return [
      lower, upper, positives + bins.negatives[range].reduce(0, +), positives, predictions,
    ]
  }
}

extension ScoreCurve {
  /// The counts at a threshold below all, and at each of `thresholds`, ascending.
  ///
  /// Source: TFMA `binary_confusion_matrices.py`: a bin is above a threshold if its lower bound is
  /// by 10⁻⁷, or above 0 at all.
  func matrices(at thresholds: [Double]) -> [ConfusionMatrix] {
    let bounds = self.thresholds
    var index = 0
    var matrices = [matrix(0)]
    matrices[0].threshold = -1e-6
    for threshold in thresholds {
      let least = threshold == 0 ? 0 : threshold + 1e-7
      while index + 1 < count, bounds[index] < least { index += 1 }
      var found = matrix(index)
      found.threshold = threshold
      matrices.append(found)
    }
    return matrices
  }
}

extension ScoreBins {
  /// The bins of scores of `range` that were put at 0…1, as bins of the scores themselves.
  func stretched(over range: ClosedRange<Double>?) -> ScoreBins {
    guard let range else { return self }
    let (left, width) = (range.lowerBound, range.upperBound - range.lowerBound)
    return ScoreBins(
      lowerBounds: lowerBounds.map { $0 * width + left },
      upperBounds: upperBounds.map { $0 * width + left },
      positives: positives, negatives: negatives,
      predictions: predictions.indices.map {
        predictions[$0] * width + left * (positives[$0] + negatives[$0])
      })
  }
}
