import Dataflow
import EventTime

/// The windows of one stage: which are open, and which fire as rows and time come.
///
/// Rows that were behind their own split's watermark are told to the pane machine only once the
/// job's watermark has passed the end of their window: the on-time pane holds the rows that were
/// on time, whatever the interleaving.
struct StageProgress: Sendable {
  private var machine: PaneMachine
  private var waiting: [Window: Int] = [:]
  private var watermark = Timestamp.distantPast
  private(set) var refused: [Window: Int] = [:]

  init(_ windowing: WindowingStrategy) { machine = PaneMachine(windowing) }

  private var open: Set<Window> = []

  var openWindowCount: Int { open.count }

  mutating func add(_ rows: ChunkReport.SlotRows) -> [PaneFiring] {
    if rows.timing == .behind && rows.window.end > watermark {
      waiting[rows.window, default: 0] += rows.rows
      return []
    }
    return tell(rows.rows, rows.window)
  }

  mutating func refuse(_ counts: [Window: Int]) { refused.merge(counts, uniquingKeysWith: +) }

  mutating func advance(watermark: Timestamp) -> [PaneFiring] {
    guard watermark > self.watermark else { return [] }
    var firings: [PaneFiring] = []
    for window in waiting.keys.filter({ $0.end <= watermark }).sorted() {
      firings += close(machine.advance(watermark: max(self.watermark, window.end)))
      firings += tell(waiting.removeValue(forKey: window) ?? 0, window)
    }
    firings += close(machine.advance(watermark: watermark))
    self.watermark = watermark
    return firings
  }

  mutating func advance(processingTime: Timestamp) -> [PaneFiring] {
    close(machine.advance(processingTime: processingTime))
  }

  private mutating func tell(_ rows: Int, _ window: Window) -> [PaneFiring] {
    let latest = window.maxTimestamp
    if machine.add(rows: rows, to: window, earliest: window.start, latest: latest) {
      open.insert(window)
    }
    return close(machine.fireDue())
  }

  private mutating func close(_ firings: [PaneFiring]) -> [PaneFiring] {
    for firing in firings where firing.closes { open.remove(firing.window) }
    return firings
  }
}
