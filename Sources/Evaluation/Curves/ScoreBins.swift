/// Weights of positives and negatives by score, one entry a bin that is not empty, ascending.
///
/// Arrays are parallel; shape `[bins]`.
struct ScoreBins: Sendable {
  /// −∞ for the bin of scores below the range.
  var lowerBounds: [Double] = []
  /// +∞ for the bin of scores above the range.
  var upperBounds: [Double] = []
  var positives: [Double] = []
  var negatives: [Double] = []
  /// Σ w·p; empty unless a calibration plot needs it.
  var predictions: [Double] = []

  static let empty = ScoreBins()

  var count: Int { positives.count }
}
