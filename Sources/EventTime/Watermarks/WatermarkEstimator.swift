/// Says how far the event time of one split has come, from the rows seen in order.
public protocol WatermarkEstimator: Sendable {
  /// A lower bound of the event times still to come; `.distantPast` before any row. Monotone.
  var watermark: Timestamp { get }

  /// The next rows have event times up to `maximum`.
  mutating func observe(maximum: Timestamp)
}

/// Watermark = latest event time seen − a fixed bound.
public struct BoundedOutOfOrderness: WatermarkEstimator, Hashable, Codable {
  public let bound: Interval
  /// The latest event time seen; `.distantPast` before any row.
  public private(set) var latest = Timestamp.distantPast

  /// - Precondition: `bound` is not negative.
  public init(bound: Interval) {
    precondition(bound >= .zero, "a bound on disorder is not negative: \(bound)")
    self.bound = bound
  }

  public var watermark: Timestamp {
    latest.advanced(by: Interval(microseconds: -bound.microseconds))
  }

  public mutating func observe(maximum: Timestamp) { latest = max(latest, maximum) }
}
