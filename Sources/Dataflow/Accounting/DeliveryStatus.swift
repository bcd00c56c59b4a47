public import EventTime

/// What the sink and the checkpoints of a run have done, and what waits for them.
public struct DeliveryStatus: Hashable, Sendable {
  /// Panes published, by stage; of a run that was taken up, since then.
  public var paneCounts: [Int]
  /// Panes that wait for the sink, or are with it.
  public var queuedPaneCount = 0
  /// What these and the dead letters that wait hold.
  public var queuedByteCount = 0
  /// Time the sink took, for each group of panes and dead letters.
  public var deliveries = DurationHistogram()
  /// Time that checkpoints took, from the barrier until they were durable and their panes visible.
  public var checkpoints = DurationHistogram()
  /// When the last checkpoint was durable.
  public var lastCheckpoint: Timestamp?
  /// What windows held outside the workers at the last checkpoint.
  public var heldByteCount = 0
  /// How often something that failed has been tried again.
  public var retryCount = 0
  /// What is being tried again just now, if anything: what failed, and since when.
  public var failure: Failure?

  public struct Failure: Hashable, Sendable {
    public var reason: String
    public var since: Timestamp

    public init(reason: String, since: Timestamp) {
      self.reason = reason
      self.since = since
    }
  }

  public init(stageCount: Int) { paneCounts = Array(repeating: 0, count: stageCount) }
}

/// An error that may pass by itself, such as a full disk: what failed is then tried again, by a run
/// that goes on without end.
public protocol TransientError: Error {
  var isTransient: Bool { get }
}
