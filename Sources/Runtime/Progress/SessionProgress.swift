import Dataflow
import EventTime

/// The sessions of one stage, by key.
///
/// Rows that were behind their own split's watermark are told to the pane machine when the job's
/// comes there, and windows that end before that have fired: so which sessions there are, and what
/// is in the pane on time of each, does not depend on when rows came. For that a session stays open
/// for one gap longer than the lateness: until no row that is not late can reach it.
struct SessionProgress: StageProgress {
  private var machine: KeyedPaneMachine
  private var ids: [[KeyValue]: Int] = [:]
  /// By the number of a key; that of a free number means nothing.
  private var keys: [[KeyValue]] = []
  private var free: [Int] = []
  /// The time up to which rows behind of a key have been released.
  private var released: [Int: Timestamp] = [:]
  /// Rows behind that are not released, by that time, ascending.
  private var waiting: [AdmittedRows] = []
  private var watermark = Timestamp.distantPast
  private(set) var refused: [Window: Int] = [:]

  init(_ windowing: WindowingStrategy) {
    machine = KeyedPaneMachine(Self.strategy(windowing))
  }

  /// What the pane machine goes by.
  ///
  /// A trigger that ends at the watermark would lose rows behind that join a session later.
  private static func strategy(_ windowing: WindowingStrategy) -> WindowingStrategy {
    guard let sessions = windowing.windowFn as? Sessions else {
      preconditionFailure("\(windowing.windowFn) are no sessions")
    }
    var strategy = windowing
    let closing = Timestamp(microseconds: windowing.allowedLateness.microseconds)
      .advanced(by: sessions.gap)
    strategy.allowedLateness = Interval(microseconds: closing.microseconds)
    if case .afterWatermark(let early, late: nil) = windowing.trigger,
      windowing.allowedLateness == .zero
    {
      strategy.trigger = .afterWatermark(early: early, late: .afterCount(1))
    }
    return strategy
  }

  var openWindowCount: Int { machine.windowCount }

  var closingTime: Timestamp? {
    (waiting.map { machine.strategy.closingTime(of: $0.slot.window) } + [machine.closingTime])
      .compactMap { $0 }.max()
  }

  mutating func add(_ rows: [AdmittedRows]) -> [StageFiring] {
    var firings: [StageFiring] = []
    var next = 0
    while next < rows.count {
      let first = next
      while next < rows.count, rows[next].slot.key == rows[first].slot.key { next += 1 }
      let ready = rows[first..<next].filter { $0.slot.release <= watermark }
      for rows in rows[first..<next] where rows.slot.release > watermark { wait(rows) }
      if !ready.isEmpty { firings += tell(ready, at: watermark) }
    }
    return firings
  }

  private mutating func wait(_ rows: AdmittedRows) {
    let place = waiting.firstIndex { $0.slot.release > rows.slot.release } ?? waiting.endIndex
    waiting.insert(rows, at: place)
  }

  mutating func begin(_ window: Window) {
    preconditionFailure("sessions begin with rows, not with \(window)")
  }

  mutating func refuse(_ counts: [Window: Int]) { refused.merge(counts, uniquingKeysWith: +) }

  mutating func advance(watermark time: Timestamp) -> [StageFiring] {
    guard time > watermark else { return [] }
    watermark = time
    var firings: [StageFiring] = []
    let count = waiting.firstIndex { $0.slot.release > time } ?? waiting.endIndex
    let due = waiting[..<count]
    waiting.removeFirst(count)
    for (release, rows) in Dictionary(grouping: due, by: \.slot.release)
      .sorted(by: { $0.key < $1.key })
    {
      for (key, rows) in Dictionary(grouping: rows, by: \.slot.key)
        .sorted(by: { KeyTable.isOrdered($0.key, before: $1.key) })
      {
        // What ends by now fires without them.
        let before = release.advanced(by: Interval(microseconds: -1))
        firings += name(machine.advance(number(of: key), watermark: release), upTo: before)
        firings += tell(rows, at: release)
      }
    }
    firings += name(
      machine.advance(watermark: time), upTo: time.advanced(by: Interval(microseconds: -1)))
    return firings
  }

  mutating func advance(processingTime: Timestamp) -> [StageFiring] {
    name(machine.advance(processingTime: processingTime), upTo: .distantPast)
  }

  /// Tells the machine of rows of one key.
  private mutating func tell(_ rows: [AdmittedRows], at time: Timestamp) -> [StageFiring] {
    let key = number(of: rows[0].slot.key)
    if machine.isEmpty(key) { released[key] = nil }
    let last = rows.reduce(Timestamp.distantPast) { max($0, $1.slot.release) }
    if last > .distantPast { released[key] = max(released[key] ?? last, last) }
    return name(
      machine.add(rows.map { ($0.slot.window, $0.count) }, key: key, watermark: time),
      upTo: .distantPast)
  }

  private mutating func number(of key: [KeyValue]) -> Int {
    if let id = ids[key] { return id }
    let id = free.popLast() ?? keys.count
    if id == keys.count { keys.append(key) } else { keys[id] = key }
    ids[key] = id
    return id
  }

  /// Names the keys of `firings`, puts these in their order, so that it does not hang on how keys
  /// are numbered, and forgets those that have no window any more.
  private mutating func name(
    _ firings: [KeyedPaneMachine.Firing], upTo horizon: Timestamp
  ) -> [StageFiring] {
    var named = firings.map { firing in
      StageFiring(
        key: keys[firing.key], firing: firing.firing,
        horizon: max(horizon, released[firing.key] ?? .distantPast))
    }
    // Of one key, which stand together, the order is that of the machine.
    if named.count > 1 { named.sort { KeyTable.isOrdered($0.key, before: $1.key) } }
    for key in machine.takeEmptied() where ids.removeValue(forKey: keys[key]) != nil {
      released[key] = nil
      keys[key] = []
      free.append(key)
    }
    return named
  }
}

extension SessionProgress {
  var openWindows: [RunExplanation.Window] {
    var behind = Dictionary(grouping: waiting, by: \.slot.key)
    var windows = ids.flatMap { key, id in
      machine.openWindows(of: id).map { open in
        let isPart: (AdmittedRows) -> Bool = { $0.slot.window.intersects(open.window) }
        let rows = behind[key]?.filter(isPart).reduce(0) { $0 + $1.count } ?? 0
        behind[key]?.removeAll(where: isPart)
        return RunExplanation.Window(
          key: key, window: open.window, rowsWaiting: open.rowsWaiting, rowsBehind: rows,
          lastPane: open.lastPane, closingTime: open.closingTime, firesWhen: open.firesWhen)
      }
    }
    windows += behind.values.joined().map { rows in
      RunExplanation.Window(
        key: rows.slot.key, window: rows.slot.window, rowsWaiting: 0, rowsBehind: rows.count,
        lastPane: nil, closingTime: machine.strategy.closingTime(of: rows.slot.window),
        firesWhen: "watermark \(rows.slot.window.end)")
    }
    return windows.sorted {
      $0.window == $1.window
        ? KeyTable.isOrdered($0.key, before: $1.key) : $0.window < $1.window
    }
  }

  struct State: Hashable, Codable, Sendable {
    struct Waiting: Hashable, Codable, Sendable {
      var key: [KeyValue]
      var window: Window
      var release: Timestamp
      var rows: Int
    }

    var machine: KeyedPaneMachine.State
    /// Of each of the machine's keys.
    var keys: [[KeyValue]]
    /// Parallel to `keys`.
    var released: [Timestamp]
    var waiting: [Waiting]
  }

  var state: StageState {
    let (saved, numbers) = machine.state
    let sessions = State(
      machine: saved, keys: numbers.map { keys[$0] },
      released: numbers.map { released[$0] ?? .distantPast },
      waiting: waiting.map {
        State.Waiting(
          key: $0.slot.key, window: $0.slot.window, release: $0.slot.release, rows: $0.count)
      })
    return StageState(
      machine: nil, watermark: watermark, waiting: [], hasBehind: [], open: [],
      refused: StageState.counts(refused), sessions: sessions)
  }

  /// Resumes with the windowing the state was made with.
  init(_ windowing: WindowingStrategy, restoring state: StageState) {
    self.init(windowing)
    watermark = state.watermark
    refused = StageState.rows(state.refused)
    guard let sessions = state.sessions else { return }
    machine = KeyedPaneMachine(Self.strategy(windowing), restoring: sessions.machine)
    for (key, time) in zip(sessions.keys, sessions.released) {
      let id = number(of: key)
      if time > .distantPast { released[id] = time }
    }
    waiting = sessions.waiting.map {
      AdmittedRows(
        RowSlot(key: $0.key, window: $0.window, release: $0.release), count: $0.rows)
    }
  }
}
