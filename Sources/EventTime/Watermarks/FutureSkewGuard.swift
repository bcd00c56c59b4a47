/// Refuses rows whose event time is too far ahead of when they were ingested.
///
/// One such row would push the watermark past all others and make them late.
public struct FutureSkewGuard: Hashable, Codable, Sendable {
  /// How far ahead a row may be; `nil`: any distance.
  public var limit: Interval?

  public init(limit: Interval?) { self.limit = limit }

  public func accepts(eventTime: Timestamp, ingestedAt ingestion: Timestamp) -> Bool {
    eventTime <= latestAccepted(ingestedAt: ingestion)
  }

  /// The latest event time that is accepted of a row ingested then.
  public func latestAccepted(ingestedAt ingestion: Timestamp) -> Timestamp {
    limit.map { ingestion.advanced(by: $0) } ?? .distantFuture
  }
}
