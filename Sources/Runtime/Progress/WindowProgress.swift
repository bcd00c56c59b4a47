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
  /// Of windows that are put together from slices, the machine is told when they end: rows of
  /// slices, by the start of the slice.
  private var slices: [Timestamp: Int] = [:]
  /// Rows on time of such windows that are in no slice.
  private var unsliced: [Window: Int] = [:]
  private let sliced: SlicedWindows?

  init(_ windowing: WindowingStrategy) { self.init(PaneMachine(windowing)) }

  init(_ machine: PaneMachine) {
    self.machine = machine
    sliced = SlicedWindows(machine.strategy)
  }

  var openWindowCount: Int { open.union(untold(upTo: .distantFuture)).count }

  /// The windows that the machine has not been told of, up to those that end at `time`, in order.
  private func untold(upTo time: Timestamp) -> [Window] {
    guard let sliced, !(slices.isEmpty && unsliced.isEmpty) else { return [] }
    let windows = sliced.windows(holding: slices.keys, endingAfter: watermark, upTo: time)
    let others = unsliced.keys.filter { $0.end <= time }
    return others.isEmpty ? windows : Set(windows).union(others).sorted()
  }

  /// The watermark at which all windows with rows are closed, apart from the global one.
  var closingTime: Timestamp? {
    open.union(waiting.keys).union(untold(upTo: .distantFuture)).map {
      machine.strategy.closingTime(of: $0)
    }
    .filter { $0 < .distantFuture }.max()
  }

  mutating func add(_ rows: [AdmittedRows]) -> [StageFiring] {
    rows.reduce(into: []) { $0 += add($1) }
  }

  private mutating func add(_ rows: AdmittedRows) -> [StageFiring] {
    let window = rows.slot.window
    if let sliced, sliced.isSlice(window) {
      slices[window.start, default: 0] += rows.count
      return []
    }
    let isBehind = rows.slot.release > .distantPast
    if isBehind && rows.slot.release > watermark {
      waiting[window, default: 0] += rows.count
      return []
    }
    if sliced != nil && !isBehind {
      unsliced[window, default: 0] += rows.count
      return []
    }
    return tell(rows.count, window, isBehind: isBehind)
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

  /// Rows on time of the windows that the machine has not been told of.
  var untoldRows: [Window: Int] {
    untold(upTo: .distantFuture).reduce(into: [:]) { rows, window in
      rows[window] = slices.reduce(unsliced[window] ?? 0) {
        $0 + (window.contains($1.key) ? $1.value : 0)
      }
    }
  }

  /// Tells the machine of the windows of slices that end by `time`.
  private mutating func tellSlices(upTo time: Timestamp) {
    guard let sliced else { return }
    let windows = untold(upTo: time)
    guard !windows.isEmpty else { return }
    let held = slices.sorted { $0.key < $1.key }
    var first = held.startIndex
    for window in windows {
      while first < held.endIndex, held[first].key < window.start { first += 1 }
      let count = held[first...].prefix { $0.key < window.end }
        .reduce(unsliced.removeValue(forKey: window) ?? 0) { $0 + $1.value }
      if machine.add(
        rows: count, to: window, earliest: window.start, latest: window.maxTimestamp)
      {
        open.insert(window)
      }
    }
    slices = slices.filter { $0.key.advanced(by: sliced.windows.size) > time }
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
      slices: sliced.map { sliced in
        slices.sorted { $0.key < $1.key }.map {
          StageState.Count(window: sliced.slices.window(for: $0.key), rows: $0.value)
        } + StageState.counts(unsliced)
      })
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
      if sliced?.isSlice(count.window) ?? false {
        slices[count.window.start] = count.rows
      } else {
        unsliced[count.window] = count.rows
      }
    }
  }
}
