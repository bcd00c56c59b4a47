/// Says how far the event time of one split has come, from the latest one seen.
///
/// A function of the latest event time alone, so that chunks of a split can be judged at the same
/// time and the answer is still that of reading it row by row. A user's own may round down to the
/// hour, or know of a daily gap.
public protocol WatermarkEstimator: Sendable {
  /// A lower bound of the event times still to come; not later than `latest`, and never earlier for
  /// a later one.
  func watermark(after latest: Timestamp) -> Timestamp
}

/// Watermark = latest event time seen − a fixed bound.
public struct BoundedOutOfOrderness: WatermarkEstimator, Hashable, Codable {
  public let bound: Interval

  /// - Precondition: `bound` is not negative.
  public init(bound: Interval) {
    precondition(bound >= .zero, "a bound on disorder is not negative: \(bound)")
    self.bound = bound
  }

  public func watermark(after latest: Timestamp) -> Timestamp {
    latest.advanced(by: Interval(microseconds: -bound.microseconds))
  }
}
