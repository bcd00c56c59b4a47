public import EventTime

/// What a run has done so far.
public struct RunReport: Sendable {
  public enum Phase: String, Sendable {
    /// Nothing is read yet: what happened after the last checkpoint is done again.
    case starting
    case running
    /// Reading has stopped, and what is in work is finished.
    case stopping
    /// The same, and every window closes.
    case draining
    case ended
  }

  public var splits: [SplitStatus]
  public var watermark: Timestamp
  /// Rows refused because their window was closed, by stage and window.
  public var refused: [[Window: Int]]
  /// The same by split first; shape `[splits][stages]`, no stages where nothing was read.
  public var refusedBySplit: [[[Window: Int]]]
  public var openWindowCount: Int
  /// Panes published.
  public var paneCount: Int
  /// Decompressed bytes processed.
  public var byteCount: Int
  /// The split that holds the watermark, if one does.
  public var holder: String?
  /// Whether the input was read to its end and every window closed.
  public var isComplete: Bool
  /// Whether it was ended before the end of its input, with every window closed.
  public var isDrained = false
  public var phase = Phase.running
  /// Open windows, by stage.
  public var openWindowCounts: [Int] = []
  public var delivery = DeliveryStatus(stageCount: 0)

  public init(
    splits: [SplitStatus], watermark: Timestamp, refused: [[Window: Int]], openWindowCount: Int,
    paneCount: Int, byteCount: Int, holder: String?, isComplete: Bool,
    refusedBySplit: [[[Window: Int]]] = []
  ) {
    self.splits = splits
    self.watermark = watermark
    self.refused = refused
    self.refusedBySplit = refusedBySplit
    self.openWindowCount = openWindowCount
    self.paneCount = paneCount
    self.byteCount = byteCount
    self.holder = holder
    self.isComplete = isComplete
  }

  /// The ledger over all splits.
  public var total: Ledger {
    splits.reduce(into: Ledger()) { $0 += $1.ledger }
  }
}
