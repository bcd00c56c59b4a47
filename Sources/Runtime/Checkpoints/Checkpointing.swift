public import Dataflow

/// How a run writes checkpoints, and the one it starts from.
public struct Checkpointing: Sendable {
  public var store: any CheckpointStore
  /// Seconds between checkpoints.
  public var interval: Double
  /// What the run goes on from; `nil` for a run that begins.
  public var resuming: SavedCheckpoint?

  public init(
    store: any CheckpointStore, interval: Double = 10, resuming: SavedCheckpoint? = nil
  ) {
    self.store = store
    self.interval = interval
    self.resuming = resuming
  }
}
