/// A gate on a metric: `lowerBound ≤ value ≤ upperBound`, or a change from the baseline.
public struct MetricThreshold: Hashable, Sendable {
  /// Which way a metric gets better.
  public enum Direction: String, Hashable, Sendable, CaseIterable {
    case higher, lower
  }

  /// How a model must differ from the baseline: by at least (higher is better) or at most (lower is
  /// better) `absolute`, and in relation to the baseline's value by `relative`.
  public struct Change: Hashable, Sendable {
    public var direction: Direction
    public var absolute: Double?
    public var relative: Double?

    public init(direction: Direction, absolute: Double? = nil, relative: Double? = nil) {
      self.direction = direction
      self.absolute = absolute
      self.relative = relative
    }
  }

  /// The metric's name in the snapshot.
  public var metric: String
  public var lowerBound: Double?
  public var upperBound: Double?
  /// The model it holds for; `nil` for each.
  public var model: String?
  /// The slices it holds for; `nil` for every slice (as TFMA's `threshold`).
  public var slices: [SlicingSpec]?
  /// What holds instead of the bounds.
  public var change: Change?
  /// The comparisons of slices that it holds for, instead of slices.
  public var crossSlices: [CrossSlicingSpec]?

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

  /// Whether it holds for what `baseline` and `key` compare.
  func holds(for key: SliceKey, against baseline: SliceKey) -> Bool {
    (crossSlices ?? []).contains { cross in
      cross.baseline.makes(baseline) && cross.comparisons.contains { $0.makes(key) }
    }
  }
}
