/// A plot asked for.
public struct PlotRequest: Hashable, Sendable {
  public var kind: PlotKind
  /// Empty unless several of a kind are asked for.
  public var name: String
  /// The scores that are looked at closely; others go to the two outer ranges.
  ///
  /// `nil` for [0, 1]. Of a range that is given, labels may be any number.
  public var range: ClosedRange<Double>?
  /// How many ranges or thresholds; `nil` for 1,000 under `compat: tfma` and at most 200 points
  /// otherwise.
  public var count: Int?
  /// Of boxes: which ones.
  var boxes: BoxMatching?

  public init(
    _ kind: PlotKind, name: String = "", range: ClosedRange<Double>? = nil, count: Int? = nil
  ) {
    self.kind = kind
    self.name = name
    self.range = range
    self.count = count
  }

  /// Where the evenly spaced points lie, or `nil` for those that the bins give.
  func points(_ compatibility: EvaluationCompatibility) -> [Double]? {
    guard kind != .roc, kind != .precisionRecall,
      let count = count ?? (compatibility == .tfma ? 1000 : range == nil ? nil : 100)
    else { return nil }
    let (left, right) = (range?.lowerBound ?? 0, range?.upperBound ?? 1)
    return (0...count).map { left + Double($0) * (right - left) / Double(count) }
  }
}
