/// Slices that are compared with others: every metric of a baseline slice minus that of each of the
/// comparison slices.
///
/// Source: TFMA `CrossSlicingSpec`.
public struct CrossSlicingSpec: Hashable, Sendable {
  public var baseline: SlicingSpec
  public var comparisons: [SlicingSpec]

  public init(baseline: SlicingSpec, comparisons: [SlicingSpec]) {
    self.baseline = baseline
    self.comparisons = comparisons
  }
}
