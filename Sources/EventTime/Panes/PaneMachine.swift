/// The windows of one key: which are open, when their panes fire, and when they close.
///
/// A pure value: time is an argument, rows are only counted, their content is kept elsewhere by
/// window. The behaviour is that of Beam's `ReduceFnRunner` (runners-core 2.54). The caller:
///
/// 1. ``add(rows:to:earliest:latest:)`` for each window of a batch, with the window as the window
///    function assigned it;
/// 2. ``fireDue()`` after the batch;
/// 3. ``advance(watermark:)`` and ``advance(processingTime:)`` as time passes;
/// 4. for each ``PaneFiring`` in order: moves the content of `mergedFrom` to `window`, publishes
///    if there is a pane, drops the content if it `closes` or the mode is discarding.
///
/// Rows for a window that has closed, or whose trigger has finished, are counted and ignored;
/// if their window has content of its own, a firing without a pane tells to drop it. Cost is
/// O(log *w*) a firing window, not O(*w*), for *w* open windows.
public struct PaneMachine: Sendable {
  public let strategy: WindowingStrategy
  /// Rows ignored because their window had closed.
  public internal(set) var expiredRowCount = 0
  /// Rows ignored because the trigger of their window had finished.
  public internal(set) var finishedRowCount = 0
  public internal(set) var watermark = Timestamp.distantPast
  public internal(set) var processingTime = Timestamp.distantPast
  /// What a stage behind this one may take as its watermark: ``watermark``, but never past a hold.
  public internal(set) var outputWatermark = Timestamp.distantPast

  let program: TriggerProgram
  let isMerging: Bool
  var windows: [Window: WindowState] = [:]
  var eventTimers = TimerQueue<Window>()
  var processingTimers = TimerQueue<Window>()
  var holds = TimerQueue<Window>()
  /// Windows that rows were added to since ``fireDue()``; not merging.
  var touched: [Window] = []
  /// Rows since ``fireDue()``; merging.
  var pending: [PendingRows] = []
  /// The earliest hold of a window that merging finished and nothing released.
  var abandonedHold: Timestamp?
  /// Windows that new ones merge with, by start, disjoint; merging.
  var active: [Window] = []

  struct PendingRows: Hashable, Codable, Sendable {
    var count: Int
    var window: Window
    var earliest: Timestamp
    var latest: Timestamp
  }

  public init(_ strategy: WindowingStrategy) {
    self.strategy = strategy
    program = TriggerProgram(strategy.trigger)
    isMerging = strategy.windowFn.isMerging
  }

  /// Takes note of rows for `window`, whose earliest and latest event times are given.
  ///
  /// Nothing fires before ``fireDue()``. Where rows of one call lie on both sides of the output
  /// watermark, those behind it do not count towards the pane's timestamp, and the earliest of the
  /// others is taken to be the output watermark itself (Beam looks at each row; the difference is
  /// only in that timestamp, and only when rows are behind).
  ///
  /// - Returns: Whether the rows were taken. `false`: the window has closed, or its trigger has
  ///   finished; content made from them is to be dropped. When the window function merges, a
  ///   finished trigger shows only in the firings of ``fireDue()``.
  @discardableResult
  public mutating func add(
    rows count: Int, to window: Window, earliest: Timestamp, latest: Timestamp
  ) -> Bool {
    guard count > 0 else { return true }
    guard !isExpired(window) else {
      expiredRowCount += count
      return false
    }
    let rows = PendingRows(count: count, window: window, earliest: earliest, latest: latest)
    if isMerging {
      pending.append(rows)
      return true
    }
    defer { dropStaleEntries() }
    return take(rows, in: window)
  }

  /// Fires what is due; call after the rows of a batch have been added.
  ///
  /// - Returns: Firings by window.
  public mutating func fireDue() -> [PaneFiring] {
    guard !touched.isEmpty || !pending.isEmpty else { return [] }
    var firings: [PaneFiring] = []
    if isMerging { mergePending(&firings) }
    touched.sort()
    var previous: Window?
    for window in touched where window != previous {
      previous = window
      if let state = windows[window], !program.isClosed(state.trigger),
        program.shouldFire(in: context(of: window), state.trigger)
      {
        fire(window, &firings)
      }
    }
    touched.removeAll(keepingCapacity: true)
    dropStaleEntries()
    return firings
  }

  /// Moves the watermark, and fires what is due by it; an earlier time than before is ignored.
  ///
  /// - Returns: Firings by time, then window. Rows added before are taken into account first.
  public mutating func advance(watermark time: Timestamp) -> [PaneFiring] {
    var firings = fireDue()
    guard time > watermark else { return firings }
    watermark = time
    while let timer = eventTimers.first, timer.time <= time {
      eventTimers.popFirst()
      guard windows[timer.subject]?.eventTimer == timer.time else { continue }
      lookAt(timer.subject, &firings)
    }
    deactivateExpired()
    dropStaleEntries()
    advanceOutputWatermark()
    return firings
  }

  /// Moves the processing time, and fires what is due by it; an earlier time is ignored.
  ///
  /// - Returns: Firings by time, then window. Rows added before are taken into account first.
  public mutating func advance(processingTime time: Timestamp) -> [PaneFiring] {
    var firings = fireDue()
    guard time > processingTime else { return firings }
    processingTime = time
    while let timer = processingTimers.first, timer.time < time {
      processingTimers.popFirst()
      guard windows[timer.subject]?.processingTimer == timer.time else { continue }
      lookAt(timer.subject, &firings)
    }
    dropStaleEntries()
    return firings
  }

  /// The earliest processing time at which ``advance(processingTime:)`` may fire something.
  public var nextTimer: Timestamp? {
    processingTimers.first?.time.advanced(by: .microseconds(1))
  }

  /// The earliest watermark at which ``advance(watermark:)`` may do something.
  public var nextWatermark: Timestamp? { eventTimers.first?.time }

  /// The time at which a later stage's watermark has to wait for panes of open windows.
  ///
  /// As in Beam a session that merges into one whose trigger has finished leaves a hold for ever;
  /// only triggers that ``WindowingStrategy/mayLoseRows`` warns of can do that.
  public var hold: Timestamp? {
    guard let abandonedHold else { return holds.first?.time }
    return min(abandonedHold, holds.first?.time ?? abandonedHold)
  }
}
