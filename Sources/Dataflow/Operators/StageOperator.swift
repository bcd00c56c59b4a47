public import Accumulators
public import EventTime

/// Where rows of a stage are collected until their pane fires.
public struct RowSlot: Hashable, Sendable {
  /// Of keyed windows; empty for others.
  public var key: [KeyValue]
  public var window: Window
  /// The watermark at which rows that were behind their own split's are counted to the window.
  ///
  /// The distant past for rows on time. Of a slice of windows, rows count only to those that end
  /// after it.
  public var release: Timestamp

  public init(key: [KeyValue] = [], window: Window, release: Timestamp) {
    self.key = key
    self.window = window
    self.release = release
  }
}

extension RowSlot: Comparable {
  /// By key, window and release.
  public static func < (one: RowSlot, two: RowSlot) -> Bool {
    if !one.key.isEmpty || !two.key.isEmpty, one.key != two.key {
      return KeyTable.isOrdered(one.key, before: two.key)
    }
    return (one.window, one.release) < (two.window, two.release)
  }
}

/// How many rows a slot has taken since this was last asked.
public struct AdmittedRows: Sendable {
  public var slot: RowSlot
  public var count: Int

  public init(_ slot: RowSlot, count: Int) {
    self.slot = slot
    self.count = count
  }
}

/// What became of a batch in one stage.
public struct BatchOutcome: Sendable {
  /// Rows that the stage refused because all their windows were closed; ascending.
  public var refused: [UInt32] = []
  /// How many rows each closed window refused; sessions count by spans of their gap.
  public var refusedByWindow: [Window: Int] = [:]
}

/// What one worker keeps of one stage: adds batches, gives out what windows hold when they fire.
public protocol StageOperator: Sendable {
  /// Adds every kept row of `batch` that is not late.
  mutating func process(_ batch: EvaluatedBatch) -> BatchOutcome
  /// Rows admitted since the last call, in an order that hangs on the batches alone.
  mutating func takeCounts() -> [AdmittedRows]
  /// Takes out what was collected for a window since the last time, or `nil` if nothing was:
  /// rows on time, and rows behind that are released at `horizon` or before.
  mutating func extract(
    _ window: Window, of key: [KeyValue], upTo horizon: Timestamp
  ) -> PaneContent?
  /// Takes out everything that was collected and not taken out yet, each slot once, ascending.
  mutating func extractAll() -> [(slot: RowSlot, content: PaneContent)]
  /// Bytes held by accumulator states.
  var byteCount: Int { get }
  /// Those of them that ``spill(to:)`` would put away.
  var spillableByteCount: Int { get }
  /// Puts away what states can have outside of memory.
  mutating func spill(to store: any SpillStore)
}

extension Stage {
  public func makeOperator() -> any StageOperator {
    windowing.windowFn is Sessions ? SessionCombine(self) : WindowedCombine(self)
  }
}
