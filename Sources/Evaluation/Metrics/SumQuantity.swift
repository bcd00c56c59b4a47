/// What is summed exactly over the usable rows of a slice, for one model.
///
/// `w` is the weight or 1, `y` the label, `p` the prediction; a row with `y` between 0 and 1 is
/// `w·y` of a positive and `w·(1 − y)` of a negative, as in TFMA. A prediction is positive when
/// `p > threshold`.
enum SumQuantity: Hashable, Sendable {
  /// 1 a usable row.
  case examples
  /// `w`.
  case weight
  /// `w·y`.
  case label
  /// `w·p`.
  case prediction
  /// `w·(−y′ ln p − (1 − y′) ln(1 − p))`, with `y′ = y·(1 − s) + s/2` for a smoothing `s`.
  case logLoss(smoothing: Double)
  /// `w·(y − p)²`.
  case squaredError
  case truePositives(threshold: Double)
  case falsePositives(threshold: Double)
  case trueNegatives(threshold: Double)
  case falseNegatives(threshold: Double)
  /// True positives and true negatives.
  case correct(threshold: Double)
  /// `w` times a row formula over `y`, `p` and, of a comparison, the baseline's prediction `b`; of
  /// several classes `y` is the class that is right, `labels` the label as it is and `p` the scores.
  case formula(String)
  /// `w` times what is attributed to a feature, or how much that is.
  case attribution(String, isAbsolute: Bool)
  /// `w` times a column, of rows that have a finite number there.
  case feature(String)
  /// `w` of these rows.
  case featureWeight(String)
  /// A row formula as in `formula`, not weighed.
  case count(String)
  /// The cosine of the angle between the predictions of the model and of the baseline.
  case cosine
  /// `w` of rows that have none, as a prediction is 0.
  case withoutCosine
}
