import Accumulators

/// Weighted counts of rows predicted positive as the threshold rises.
///
/// Point 0 predicts every row positive. Between points that are left out nothing changes, so sums
/// over neighbouring points are those over all thresholds.
struct ScoreCurve {
  /// `thresholds`, but for a last one at ∞ where the greatest score is not known.
  private var bounds: [Double] = []
  private(set) var truePositives: [Double] = []
  private(set) var falsePositives: [Double] = []
  let positives: Double
  let negatives: Double
  /// Whether there is a point at every score, so that no order of rows is left open.
  private(set) var isExact = false
  /// How many points `ScoreCurve` may have had rounding in: for the slack of certificates.
  var count: Int { truePositives.count }
  /// Where each point stands, ascending; shape `[points]`.
  var thresholds: [Double] { bounds.count < count ? bounds + [.infinity] : bounds }

  /// A point at the lower bound of every bin, and the origin.
  init(_ bins: ScoreBins) {
    truePositives = Self.sumsFrom(bins.positives)
    falsePositives = Self.sumsFrom(bins.negatives)
    bounds = bins.lowerBounds
    isExact = bins.isExact
    // Nothing is above the greatest score.
    if isExact, let greatest = bins.upperBounds.last { bounds.append(greatest) }
    positives = truePositives[0]
    negatives = falsePositives[0]
  }

  /// The sums of `values` from each index on, the last of which is 0.
  private static func sumsFrom(_ values: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: values.count + 1)
    var sum = 0.0
    for index in values.indices.reversed() {
      sum += values[index]
      sums[index] = sum
    }
    return sums
  }

  /// The points of TFMA's `num_thresholds`, from its 10,000 uniform bins.
  ///
  /// Thresholds are `i / (count − 1)`, the first −10⁻⁷ and the last 1 + 10⁻⁷; a bin counts from
  /// the threshold `t` on for which its lower bound is `≥ t + 10⁻⁷`. Nothing is above the last one.
  /// Source: TFMA `binary_confusion_matrices.py`, `calibration_histogram.rebin`.
  ///
  /// - Precondition: `thresholdCount > 1`.
  init(_ bins: ScoreBins, thresholdCount: Int) {
    precondition(thresholdCount > 1, "\(thresholdCount) thresholds")
    let last = thresholdCount - 1
    var slots: [Int] = []
    slots.reserveCapacity(bins.count + 2)
    for bound in bins.lowerBounds {
      slots.append(Self.slot(of: bound, last: last))
    }
    var thresholds = [Self.threshold(last, of: last)]
    var tp = [0.0]
    var fp = [0.0]
    var current = last
    for index in slots.indices.reversed() {
      if slots[index] != current {
        // The next point is that of the bin's slot; right above it lies the same count.
        if slots[index] + 1 != current {
          thresholds.append(Self.threshold(slots[index] + 1, of: last))
          tp.append(tp[tp.count - 1])
          fp.append(fp[fp.count - 1])
        }
        current = slots[index]
        thresholds.append(Self.threshold(current, of: last))
        tp.append(tp[tp.count - 1])
        fp.append(fp[fp.count - 1])
      }
      tp[tp.count - 1] += bins.positives[index]
      fp[fp.count - 1] += bins.negatives[index]
    }
    if current != 0 {
      thresholds.append(Self.threshold(0, of: last))
      tp.append(tp[tp.count - 1])
      fp.append(fp[fp.count - 1])
    }
    bounds = thresholds.reversed()
    truePositives = tp.reversed()
    falsePositives = fp.reversed()
    positives = truePositives[0]
    negatives = falsePositives[0]
  }

  /// Without the threshold below all scores, if some of them are 0 or as good as that: those of boxes
  /// that were not found.
  func withoutScoresOfZero(_ bins: ScoreBins) -> ScoreCurve {
    guard let least = bins.upperBounds.first, least <= 1e-12 else { return self }
    var curve = self
    curve.bounds.removeFirst()
    curve.truePositives.removeFirst()
    curve.falsePositives.removeFirst()
    return curve
  }

  private static let epsilon = 1e-7

  private static func threshold(_ index: Int, of last: Int) -> Double {
    if index == 0 { return -epsilon }
    return index == last ? 1 + epsilon : Double(index) / Double(last)
  }

  /// The greatest index whose threshold, moved up by ε, is at most `bound`.
  private static func slot(of bound: Double, last: Int) -> Int {
    if bound >= 1 { return last - 1 }
    guard bound > 0 else { return 0 }
    var index = min(last - 1, Int(bound * Double(last)) + 1)
    while index > 0, Double(index) / Double(last) + epsilon > bound { index -= 1 }
    return index
  }

  /// The counts at point `index`.
  func matrix(_ index: Int) -> ConfusionMatrix {
    ConfusionMatrix(
      threshold: index < bounds.count ? bounds[index] : .infinity,
      tp: truePositives[index], fp: falsePositives[index],
      tn: max(0, negatives - falsePositives[index]),
      fn: max(0, positives - truePositives[index]))
  }
}
