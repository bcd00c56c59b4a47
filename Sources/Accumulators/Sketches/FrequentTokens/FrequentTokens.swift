/// The heaviest tokens with bounds of their weights, heaviest first.
public struct FrequentTokens: Hashable, Sendable {
  /// Those kept; `weight` is the upper bound, `weight − excess` the lower one.
  ///
  /// By weight descending, ties by token bytes descending.
  public var entries: [Vocabulary.Entry]
  /// By how much a weight may be too great, and the most that a token left out may weigh; 0 if all
  /// is exact.
  public var excess: Double
}

/// How many tokens are kept.
public struct FrequentTokensParameters: Hashable, Sendable {
  /// All weights are exact while there are no more distinct tokens than this, and within
  /// `1 / (capacity + 1)` of the total weight after that.
  public var capacity: Int

  /// - Precondition: `capacity` is positive.
  public init(capacity: Int) {
    precondition(capacity > 0, "a capacity of \(capacity) tokens")
    self.capacity = capacity
  }
}
