/// A point in event time, in microseconds since the Unix epoch.
///
/// Arithmetic saturates at ``distantPast`` and ``distantFuture`` instead of trapping,
/// so "the end of the global window plus allowed lateness" stays a valid timestamp.
public struct Timestamp: Hashable, Codable, Sendable, Comparable {
  public let microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  public static let distantPast = Timestamp(microseconds: .min)
  public static let distantFuture = Timestamp(microseconds: .max)

  public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
    lhs.microseconds < rhs.microseconds
  }

  /// The timestamp `interval` later, saturating at the representable range.
  public func advanced(by interval: Interval) -> Timestamp {
    let (sum, overflow) = microseconds.addingReportingOverflow(interval.microseconds)
    guard overflow else { return Timestamp(microseconds: sum) }
    return interval.microseconds < 0 ? .distantPast : .distantFuture
  }
}
