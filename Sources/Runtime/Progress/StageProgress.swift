import Dataflow
import EventTime

/// A firing, and what of its window's rows it is about.
struct StageFiring: Sendable {
  var firing: PaneFiring
  /// Whether rows that were behind belong to it: the machine has counted some.
  ///
  /// By what was counted and not by the pane's timing: the first pane of a window that only rows
  /// behind came for can be one on time.
  var takesBehind: Bool
}

/// The windows of one stage: which are open, and which fire as rows and time come.
///
/// Rows that were behind their own split's watermark are told to the pane machine only once the
/// job's watermark has passed the end of their window: the on-time pane holds the rows that were
/// on time, whatever the interleaving.
struct StageProgress: Sendable {
  private(set) var machine: PaneMachine
  var waiting: [Window: Int] = [:]
  /// Open windows of which rows that were behind have been told to the machine.
  var hasBehind: Set<Window> = []
  var watermark = Timestamp.distantPast
  var refused: [Window: Int] = [:]

  var open: Set<Window> = []

  init(_ windowing: WindowingStrategy) { self.init(PaneMachine(windowing)) }

  init(_ machine: PaneMachine) { self.machine = machine }

  var openWindowCount: Int { open.count }

  /// The watermark at which all windows with rows are closed, apart from the global one.
  var closingTime: Timestamp? {
    open.union(waiting.keys).map { machine.strategy.closingTime(of: $0) }
      .filter { $0 < .distantFuture }.max()
  }

  mutating func add(_ rows: ChunkReport.SlotRows) -> [StageFiring] {
    if rows.timing == .behind && rows.window.end > watermark {
      waiting[rows.window, default: 0] += rows.rows
      return []
    }
    return tell(rows.rows, rows.window, rows.timing)
  }

  mutating func refuse(_ counts: [Window: Int]) { refused.merge(counts, uniquingKeysWith: +) }

  mutating func advance(watermark: Timestamp) -> [StageFiring] {
    guard watermark > self.watermark else { return [] }
    var firings: [StageFiring] = []
    for window in waiting.keys.filter({ $0.end <= watermark }).sorted() {
      firings += close(machine.advance(watermark: max(self.watermark, window.end)))
      firings += tell(waiting.removeValue(forKey: window) ?? 0, window, .behind)
    }
    firings += close(machine.advance(watermark: watermark))
    self.watermark = watermark
    return firings
  }

  mutating func advance(processingTime: Timestamp) -> [StageFiring] {
    close(machine.advance(processingTime: processingTime))
  }

  private mutating func tell(
    _ rows: Int, _ window: Window, _ timing: RowTiming
  ) -> [StageFiring] {
    let latest = window.maxTimestamp
    if machine.add(rows: rows, to: window, earliest: window.start, latest: latest) {
      open.insert(window)
      if timing == .behind { hasBehind.insert(window) }
    }
    return close(machine.fireDue())
  }

  private mutating func close(_ firings: [PaneFiring]) -> [StageFiring] {
    firings.map { firing in
      let takesBehind = hasBehind.contains(firing.window) || firing.closes
      if firing.closes {
        open.remove(firing.window)
        hasBehind.remove(firing.window)
      }
      return StageFiring(firing: firing, takesBehind: takesBehind)
    }
  }
}
