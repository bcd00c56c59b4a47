/// Pauses the reading of a split that has run too far ahead of the others in event time.
///
/// Of files in order of time, one that runs ahead keeps its windows open until the others follow.
public struct SplitAlignment: Hashable, Codable, Sendable {
  /// How far ahead; `nil`: any distance.
  public var maxDrift: Interval?

  public init(maxDrift: Interval?) { self.maxDrift = maxDrift }

  /// Whether a split waits whose rows reach up to `latest`.
  ///
  /// `slowest` is the same of the split furthest behind among those with unread data,
  /// `.distantPast` for one of which nothing has been read yet; that one itself never waits.
  public func isPaused(latest: Timestamp, slowest: Timestamp) -> Bool {
    guard let maxDrift else { return false }
    return latest > slowest.advanced(by: maxDrift)
  }
}
