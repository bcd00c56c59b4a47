/// How predictions are put into bins, in ascending order.
///
/// Bin 0 and the last one take predictions outside (0, 1).
public enum ScoreBinning: Hashable, Sendable {
  /// So many bins, evenly spaced in `log(p / (1 − p))` from −12 to 12, of `(lower, upper]`; a
  /// threshold that is an edge therefore separates exactly as `prediction > threshold` does. 0.5
  /// is an edge when the number is even. The outermost reach to 0 and 1; `p ≤ 0` and `p ≥ 1` have
  /// bins of their own. Edges are rounded to 40 bits.
  case logit(Int)
  /// So many equal bins of `[lower, upper)`, and bins for `p < 0` and `p ≥ 1`; a prediction's bin
  /// is `Int(p · n + 1)`. TFMA: calibration histogram, `calibration_histogram.py`, with 10,000.
  case uniform(Int)
  /// `(lower, upper]` between so many thresholds: 10⁻¹², i / (n − 1), 1 − 10⁻¹². TFMA: COCO metrics,
  /// `object_detection_metrics.py`, with 10,000.
  case thresholds(Int)

  /// Interior bins; two more are for what lies outside (0, 1).
  public var interiorCount: Int {
    switch self {
    case .logit(let count), .uniform(let count): count
    case .thresholds(let count): count - 1
    }
  }

  /// All bins.
  public var binCount: Int { interiorCount + 2 }
}
