public import EventTime

/// When nothing can come of a row any more: when all its windows, of every stage, are closed.
public struct ClosingTimes: Sendable {
  private struct Entry {
    let windowing: WindowingStrategy
    /// Finds the window of a row that ends last.
    var cursor: WindowCursor
  }

  private var entries: [Entry]

  /// - Precondition: No stage has sessions.
  public init(_ stages: [Stage]) {
    entries = stages.map {
      Entry(windowing: $0.windowing, cursor: WindowCursor.all($0.windowing.windowFn)[0])
    }
  }

  /// The watermark from which on rows of `time` are late for every stage.
  mutating func closing(of time: Int64) -> Int64 {
    var latest = Int64.min
    for index in entries.indices {
      guard let window = entries[index].cursor.span(at: time)?.window else { continue }
      latest = max(latest, entries[index].windowing.closingTime(of: window).microseconds)
    }
    return latest
  }

  /// The last window of `time` in the stage at `index`.
  public mutating func window(of time: Int64, stage index: Int) -> Window? {
    entries[index].cursor.span(at: time)?.window
  }
}
