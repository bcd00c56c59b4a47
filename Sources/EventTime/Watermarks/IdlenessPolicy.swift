/// When a split stops holding the job's watermark because nothing comes from it.
public struct IdlenessPolicy: Hashable, Codable, Sendable {
  /// How long, in processing time, a split must have been quiet; `nil`: no split is ever idle.
  public var idleAfter: Interval?

  public init(idleAfter: Interval?) { self.idleAfter = idleAfter }

  /// Whether a split is idle at the processing time `now`.
  ///
  /// A split whose reader has not caught up to the end of what there is never is, however long it
  /// has been quiet. `quietSince` is the processing time of its last row, or of its start.
  public func isIdle(isCaughtUp: Bool, quietSince: Timestamp, now: Timestamp) -> Bool {
    guard isCaughtUp, let idleAfter else { return false }
    return now >= quietSince.advanced(by: idleAfter)
  }

  /// The processing time at which a split that is caught up becomes idle if nothing comes.
  public func idleTime(quietSince: Timestamp) -> Timestamp? {
    idleAfter.map { quietSince.advanced(by: $0) }
  }
}
