/// A gate on a metric: `lowerBound ≤ value ≤ upperBound`.
public struct MetricThreshold: Hashable, Sendable {
  /// The metric's name in the snapshot.
  public var metric: String
  public var lowerBound: Double?
  public var upperBound: Double?
  /// The model it holds for; `nil` for each.
  public var model: String?
  /// The slices it holds for; `nil` for every slice (as TFMA's `threshold`).
  public var slices: [SlicingSpec]?

  public init(
    _ metric: String, lowerBound: Double? = nil, upperBound: Double? = nil, model: String? = nil,
    slices: [SlicingSpec]? = nil
  ) {
    self.metric = metric
    self.lowerBound = lowerBound
    self.upperBound = upperBound
    self.model = model
    self.slices = slices
  }
}
