import Dataflow
import EventTime

/// The windows of one stage: which are open, and which fire as rows and time come.
///
/// Rows that were behind their own split's watermark are told to the pane machine only once the
/// job's watermark has passed the end of their window: the on-time pane holds the rows that were
/// on time, whatever the interleaving.
struct WindowProgress: StageProgress {
  private(set) var machine: PaneMachine
  var waiting: [Window: Int] = [:]
  /// Open windows of which rows that were behind have been told to the machine.
  var hasBehind: Set<Window> = []
  var watermark = Timestamp.distantPast
  var refused: [Window: Int] = [:]

  var open: Set<Window> = []
  /// The rows of windows that are put together from slices; the machine is told of these when they
  /// end.
  private var sliced: SlicedRows?

  init(_ windowing: WindowingStrategy) { self.init(PaneMachine(windowing)) }

  init(_ machine: PaneMachine) {
    self.machine = machine
    sliced = SlicedWindows(machine.strategy).map { SlicedRows($0) }
  }

  var openWindowCount: Int {
    let untold = untoldRows
    return untold.isEmpty ? open.count : open.union(untold.keys).count
  }

  /// Rows on time of the windows that the machine has not been told of.
  var untoldRows: [Window: Int] {
    let untold = sliced?.windows(endingAfter: watermark, upTo: .distantFuture) ?? []
    return Dictionary(uniqueKeysWithValues: untold)
  }

  /// The watermark at which all windows with rows are closed, apart from the global one.
  var closingTime: Timestamp? {
    open.union(waiting.keys).union(untoldRows.keys).map {
      machine.strategy.closingTime(of: $0)
    }
    .filter { $0 < .distantFuture }.max()
  }

  mutating func add(_ rows: [AdmittedRows]) -> [StageFiring] {
    rows.reduce(into: []) { $0 += add($1) }
  }

  private mutating func add(_ rows: AdmittedRows) -> [StageFiring] {
    let window = rows.slot.window
    if sliced?.add(rows) ?? false { return [] }
    let isBehind = rows.slot.release > .distantPast
    if isBehind && rows.slot.release > watermark {
      waiting[window, default: 0] += rows.count
      return []
    }
    return tell(rows.count, window, isBehind: isBehind)
  }

  mutating func begin(_ window: Window) {
    if machine.add(rows: 1, to: window, earliest: window.start, latest: window.maxTimestamp) {
      open.insert(window)
    }
  }

  mutating func refuse(_ counts: [Window: Int]) { refused.merge(counts, uniquingKeysWith: +) }

  mutating func advance(watermark: Timestamp) -> [StageFiring] {
    guard watermark > self.watermark else { return [] }
    var firings: [StageFiring] = []
    tellSlices(upTo: watermark)
    for window in waiting.keys.filter({ $0.end <= watermark }).sorted() {
      firings += close(machine.advance(watermark: max(self.watermark, window.end)))
      firings += tell(waiting.removeValue(forKey: window) ?? 0, window, isBehind: true)
    }
    firings += close(machine.advance(watermark: watermark))
    self.watermark = watermark
    return firings
  }

  /// Tells the machine of the windows of slices that end by `time`.
  private mutating func tellSlices(upTo time: Timestamp) {
    for (window, rows) in sliced?.windows(endingAfter: watermark, upTo: time) ?? []
    where machine.add(
      rows: rows, to: window, earliest: window.start, latest: window.maxTimestamp)
    {
      open.insert(window)
    }
    sliced?.drop(upTo: time)
  }

  mutating func advance(processingTime: Timestamp) -> [StageFiring] {
    close(machine.advance(processingTime: processingTime))
  }

  private mutating func tell(
    _ rows: Int, _ window: Window, isBehind: Bool
  ) -> [StageFiring] {
    let latest = window.maxTimestamp
    if machine.add(rows: rows, to: window, earliest: window.start, latest: latest) {
      open.insert(window)
      if isBehind { hasBehind.insert(window) }
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
      // By what was counted and not by the pane's timing: the first pane of a window that only
      // rows behind came for can be one on time.
      return StageFiring(
        firing: firing, horizon: takesBehind ? firing.window.end : .distantPast)
    }
  }
}

extension WindowProgress {
  var state: StageState {
    StageState(
      machine: machine.state, watermark: watermark, waiting: StageState.counts(waiting),
      hasBehind: hasBehind.sorted(), open: open.sorted(), refused: StageState.counts(refused),
      slices: sliced?.counts)
  }

  /// Resumes with the windowing the state was made with.
  init(_ windowing: WindowingStrategy, restoring state: StageState) {
    self.init(state.machine.map { PaneMachine(windowing, restoring: $0) } ?? PaneMachine(windowing))
    watermark = state.watermark
    waiting = StageState.rows(state.waiting)
    hasBehind = Set(state.hasBehind)
    open = Set(state.open)
    refused = StageState.rows(state.refused)
    for count in state.slices ?? [] {
      let release = count.after ?? .distantPast
      let rows = AdmittedRows(RowSlot(window: count.window, release: release), count: count.rows)
      // Earlier versions counted rows that were late for some windows to each of the others.
      if sliced?.add(rows) != true { _ = tell(rows.count, count.window, isBehind: false) }
    }
  }
}
