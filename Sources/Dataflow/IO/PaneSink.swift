public import EventTime

/// A pane that has fired, with its content merged over all workers.
public struct FiredPane: Sendable {
  /// The stage's position in the pipeline.
  public var stage: Int
  public var window: Window
  /// Of keyed windows; empty for others.
  public var key: [KeyValue] = []
  public var pane: PaneInfo
  /// Panes of other windows that are part of this one now, and that it replaces.
  public var merged: [PaneReference] = []
  public var content: PaneContent
  /// The job's watermark at the firing.
  public var watermark: Timestamp
  /// Every split with its position and ledger at the firing.
  public var splits: [SplitStatus]

  public init(
    stage: Int, window: Window, pane: PaneInfo, content: PaneContent, watermark: Timestamp,
    splits: [SplitStatus]
  ) {
    self.stage = stage
    self.window = window
    self.pane = pane
    self.content = content
    self.watermark = watermark
    self.splits = splits
  }
}

/// How far a split has been processed, and what became of its rows.
public struct SplitStatus: Hashable, Sendable {
  public var name: String
  /// Where processing goes on: bytes, decompressed, or records.
  public var offset: Int
  public var ledger: Ledger

  public init(name: String, offset: Int, ledger: Ledger) {
    self.name = name
    self.offset = offset
    self.ledger = ledger
  }
}

/// Where fired panes and dead letters go; called by one thread at a time.
public protocol PaneSink: Sendable {
  /// Takes panes in order of firing; returns once they are visible.
  func publish(_ panes: [FiredPane]) throws
  func quarantine(_ letters: [DeadLetter]) throws
  /// Makes everything durable; nothing is published after it.
  func finish(_ report: RunReport) throws
}

/// A sink whose panes become visible only when a checkpoint that knows of them is durable.
///
/// Between two checkpoints: ``stage(_:)`` and ``quarantine(_:)``; then ``seal(_:)``, the checkpoint is
/// written with what it returns, and ``release()``. A sink taken up from a checkpoint makes visible
/// what that had sealed.
public protocol TransactionalSink: PaneSink {
  /// Makes panes ready, in order of firing; nobody sees them yet.
  func stage(_ panes: [FiredPane]) throws
  /// Makes all that is staged durable; `splits` says where processing stands in each.
  ///
  /// - Returns: What the sink must know to be taken up here, and to make visible what is staged.
  func seal(_ splits: [SplitStatus]) throws -> [UInt8]
  /// Makes visible what was sealed.
  func release() throws
}
