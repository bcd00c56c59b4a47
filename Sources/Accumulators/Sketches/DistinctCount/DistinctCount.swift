/// How many distinct values a column has, with its error.
public struct DistinctCount: Hashable, Sendable {
  public var estimate: Double
  /// The standard deviation of the estimate relative to it; 0 when exact.
  public var relativeStandardError: Double
  /// Counted one by one, by 64-bit hashes: of 1,024 values two share a hash, and count as one,
  /// with a probability below 3e-14.
  public var isExact: Bool
}

/// How finely distinct values are counted beyond those counted one by one.
public struct DistinctCountParameters: Hashable, Sendable {
  /// The state has 2^precision bytes.
  ///
  /// From 4 to 16; the relative standard error is about 1.04 / 2^(precision/2).
  public var precision: Int

  public init(precision: Int = 14) {
    precondition((4...16).contains(precision), "precision \(precision)")
    self.precision = precision
  }
}
