public import Dataflow
public import EventTime

/// What a checkpoint says of its run, for people to look at.
public struct CheckpointSummary: Sendable {
  public struct OpenWindow: Sendable {
    public var stage: Int
    public var window: Window
    /// Of keyed windows; empty for others.
    public var key: [KeyValue]
    public var partCount: Int
  }

  public var isComplete: Bool
  /// Whether the run was ended before the end of its input, with every window closed.
  public var isDrained: Bool
  public var watermark: Timestamp
  public var splits: [SplitStatus]
  public var paneCount: Int
  /// Windows that hold content, by stage.
  public var windows: [OpenWindow]

  /// - Parameter state: The `state` of a checkpoint.
  /// - Throws: A decoding error, or `CheckpointStateError` for another format.
  public init(state: [UInt8]) throws {
    let run = try RunState(state)
    isComplete = run.isComplete
    isDrained = run.isDrained ?? false
    watermark = run.coordinator.watermark
    splits = run.coordinator.splits.map {
      SplitStatus(name: $0.name, offset: $0.offset, ledger: $0.ledger)
    }
    paneCount = run.paneCount
    windows = run.contents.map {
      OpenWindow(
        stage: $0.stage, window: $0.window, key: $0.key ?? [],
        partCount: $0.parts.count + $0.behind.count)
    }
  }

  public var total: Ledger { splits.reduce(into: Ledger()) { $0 += $1.ledger } }
}
