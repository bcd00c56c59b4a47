/// The windows of many keys, those of each as a ``PaneMachine`` keeps them.
///
/// Keys are small numbers that the caller gives out; one whose windows have all closed costs
/// nothing and its number may be given out again. Cost of time passing is O(log *keys*) a key that
/// has something to do.
public struct KeyedPaneMachine: Sendable {
  public struct Firing: Hashable, Sendable {
    public var key: Int
    public var firing: PaneFiring
  }

  public let strategy: WindowingStrategy
  public private(set) var watermark = Timestamp.distantPast
  public private(set) var processingTime = Timestamp.distantPast
  /// Windows that take rows, over all keys.
  public private(set) var windowCount = 0

  private struct Entry: Sendable {
    var machine: PaneMachine
    /// When the queue says to look at the key again: never later than there is something to do.
    var eventTimer: Timestamp?
    var processingTimer: Timestamp?
  }

  private let new: PaneMachine
  private var entries: [Entry?] = []
  private var eventTimers = TimerQueue<Int>()
  private var processingTimers = TimerQueue<Int>()
  private var emptied: [Int] = []

  public init(_ strategy: WindowingStrategy) {
    self.strategy = strategy
    new = PaneMachine(strategy)
  }

  /// Whether `key` has no window.
  public func isEmpty(_ key: Int) -> Bool { key >= entries.count || entries[key] == nil }

  /// Keys that have no window any more since this was last asked.
  public mutating func takeEmptied() -> [Int] {
    defer { emptied.removeAll() }
    return emptied.filter(isEmpty)
  }

  /// The windows of `key` that still take rows, in order.
  public func openWindows(of key: Int) -> [OpenWindow] {
    isEmpty(key) ? [] : entries[key]?.machine.openWindows ?? []
  }

  /// Adds rows of `key` at a watermark and fires what all of them make due.
  ///
  /// - Returns: Firings, those that were due by the time before the rows first.
  public mutating func add(
    _ rows: [(window: Window, count: Int)], key: Int, watermark: Timestamp
  ) -> [Firing] {
    while entries.count <= key { entries.append(nil) }
    if entries[key] == nil { entries[key] = Entry(machine: new) }
    let processingTime = processingTime
    return update(key) { machine in
      var firings = machine.advance(watermark: watermark)
      firings += machine.advance(processingTime: processingTime)
      for (window, count) in rows {
        machine.add(
          rows: count, to: window, earliest: window.start, latest: window.maxTimestamp)
      }
      return firings + machine.fireDue()
    }
  }

  /// Moves the watermark of one key only, ahead of the others'.
  public mutating func advance(_ key: Int, watermark time: Timestamp) -> [Firing] {
    update(key) { $0.advance(watermark: time) }
  }

  /// Moves the watermark; firings by the time of the first thing that a key has to do.
  public mutating func advance(watermark time: Timestamp) -> [Firing] {
    guard time > watermark else { return [] }
    watermark = time
    var firings: [Firing] = []
    while let timer = eventTimers.first, timer.time <= time {
      eventTimers.popFirst()
      let key = timer.subject
      guard !isEmpty(key), entries[key]?.eventTimer == timer.time else { continue }
      entries[key]?.eventTimer = nil
      // Looked at too early, a machine is left as it is: what it knows hangs on no timer.
      firings += update(key) { machine in
        (machine.nextWatermark ?? .distantFuture) <= time ? machine.advance(watermark: time) : []
      }
    }
    return firings
  }

  /// Moves the processing time.
  public mutating func advance(processingTime time: Timestamp) -> [Firing] {
    guard time > processingTime else { return [] }
    processingTime = time
    var firings: [Firing] = []
    while let timer = processingTimers.first, timer.time <= time {
      processingTimers.popFirst()
      let key = timer.subject
      guard !isEmpty(key), entries[key]?.processingTimer == timer.time else { continue }
      entries[key]?.processingTimer = nil
      firings += update(key) { machine in
        (machine.nextTimer ?? .distantFuture) <= time
          ? machine.advance(processingTime: time) : []
      }
    }
    return firings
  }

  /// Has the machine of `key`, if there is one, do something, and drops it when it has no window.
  private mutating func update(
    _ key: Int, _ body: (inout PaneMachine) -> [PaneFiring]
  ) -> [Firing] {
    guard !isEmpty(key), var entry = entries[key] else { return [] }
    // Taken out, so that it is not copied.
    entries[key] = nil
    let before = entry.machine.windows.count
    let firings = body(&entry.machine)
    windowCount += entry.machine.windows.count - before
    if !entry.machine.windows.isEmpty {
      schedule(&entry, of: key)
      entries[key] = entry
    } else {
      emptied.append(key)
    }
    return firings.map { Firing(key: key, firing: $0) }
  }

  /// Sees to it that the key is looked at no later than there is something to do.
  private mutating func schedule(_ entry: inout Entry, of key: Int) {
    if let time = entry.machine.nextWatermark, entry.eventTimer.map({ time < $0 }) ?? true {
      entry.eventTimer = time
      eventTimers.push(.init(time: time, subject: key))
    }
    if let time = entry.machine.nextTimer, entry.processingTimer.map({ time < $0 }) ?? true {
      entry.processingTimer = time
      processingTimers.push(.init(time: time, subject: key))
    }
  }
}

extension KeyedPaneMachine {
  /// All that is known of the keys that have windows, for checkpoints.
  public struct State: Hashable, Codable, Sendable {
    var watermark: Timestamp
    var processingTime: Timestamp
    /// In order of the keys' numbers.
    var machines: [PaneMachine.State]
  }

  /// The state, and the keys whose machines it holds, in order.
  public var state: (state: State, keys: [Int]) {
    let keys = entries.indices.filter { !isEmpty($0) }
    return (
      State(
        watermark: watermark, processingTime: processingTime,
        machines: keys.compactMap { entries[$0]?.machine.state }), keys
    )
  }

  /// Resumes from a state made with the same strategy; its keys are numbered anew from 0.
  public init(_ strategy: WindowingStrategy, restoring state: State) {
    self.init(strategy)
    watermark = state.watermark
    processingTime = state.processingTime
    for (key, saved) in state.machines.enumerated() {
      entries.append(Entry(machine: PaneMachine(strategy, restoring: saved)))
      windowCount += saved.windows.count
      _ = update(key) { _ in [] }
    }
  }

  /// The watermark at which every window that is open now has closed, but for the global one.
  public var closingTime: Timestamp? {
    entries.lazy.compactMap { $0 }.flatMap { $0.machine.windows.keys }
      .map { strategy.closingTime(of: $0) }.filter { $0 < .distantFuture }.max()
  }
}
