public import EventTime

/// A pane that has fired, with its content merged over all workers.
public struct FiredPane: Sendable {
  /// The stage's position in the pipeline.
  public var stage: Int
  public var window: Window
  public var pane: PaneInfo
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
  /// Bytes processed, decompressed.
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
