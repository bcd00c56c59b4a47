public import EventTime

/// The panes of a list of events, by brute force; the naive twin of `PaneMachine`.
///
/// No timers or queues: at each event every window is looked at. Rows go in one by one, with their
/// values. Source: Beam's `ReduceFnRunner`; held to the same 1,476 cases.
public struct PaneOracle {
  public enum Event {
    case rows([(value: Int, time: Timestamp)])
    case watermark(Timestamp)
    case processingTime(Timestamp)
  }

  public struct Pane: Hashable, Comparable {
    public var window: Window
    /// Sorted.
    public var values: [Int]
    public var info: PaneInfo
    public var timestamp: Timestamp
    public var supersedes: [PaneReference]

    public init(
      window: Window, values: [Int], info: PaneInfo, timestamp: Timestamp,
      supersedes: [PaneReference]
    ) {
      self.window = window
      self.values = values
      self.info = info
      self.timestamp = timestamp
      self.supersedes = supersedes
    }

    public static func < (lhs: Pane, rhs: Pane) -> Bool {
      (lhs.window, lhs.info.index) < (rhs.window, rhs.info.index)
    }
  }

  private final class Record {
    var trigger: TriggerPart
    var values: [Int] = []
    var freshCount = 0
    var last: PaneInfo?
    var elementHold: Timestamp?
    var closingHold: Timestamp?
    var supersedes: [PaneReference] = []
    var asksAtEnd = false
    /// When the window goes; `nil` while no row was taken.
    var closesAt: Timestamp?
    var isActive = false
    var isGone = false

    init(_ trigger: Trigger) { self.trigger = TriggerPart(trigger) }
  }

  private let strategy: WindowingStrategy
  private var records: [Window: Record] = [:]
  private var watermark = Timestamp.distantPast
  private var outputWatermark = Timestamp.distantPast
  private var processingTime = Timestamp.distantPast
  private var panes: [Pane] = []
  /// Rows of closed windows, a count a window.
  public private(set) var expiredCount = 0
  /// Rows of windows whose trigger has finished.
  public private(set) var finishedCount = 0

  public init(_ strategy: WindowingStrategy) { self.strategy = strategy }

  /// What fires, by window.
  public mutating func panes(of event: Event) -> [Pane] {
    panes = []
    switch event {
    case .rows(let rows): add(rows)
    case .watermark(let time):
      guard time > watermark else { break }
      watermark = time
      for (window, record) in sorted where !record.isGone {
        if record.closesAt.map({ $0 <= time }) ?? false {
          if !record.trigger.isFinished { emit(window, record, isLast: true) }
          record.isGone = true
          record.isActive = false
        } else if record.asksAtEnd && window.end <= time {
          record.asksAtEnd = false
          look(window, record)
        }
      }
      outputWatermark = max(outputWatermark, min(watermark, hold ?? watermark))
    case .processingTime(let time):
      guard time > processingTime else { break }
      let before = processingTime
      processingTime = time
      for (window, record) in sorted where !record.isGone {
        let alarms = record.trigger.all.compactMap(\.fireAfter)
        if alarms.contains(where: { $0 >= before && $0 < time }) { look(window, record) }
      }
    }
    return panes
  }

  public var hold: Timestamp? {
    records.values.flatMap { [$0.elementHold, $0.closingHold] }.compactMap { $0 }.min()
  }

  private var sorted: [(Window, Record)] { records.sorted { $0.key < $1.key } }

  private func moment(of window: Window) -> TriggerPart.Moment {
    TriggerPart.Moment(
      isPastEnd: watermark >= window.end, isMerging: strategy.windowFn.isMerging,
      processingTime: processingTime)
  }

  private func closing(_ window: Window) -> Timestamp {
    window.end.advanced(by: strategy.allowedLateness)
  }

  private mutating func record(_ window: Window) -> Record {
    let record = records[window] ?? Record(strategy.trigger)
    records[window] = record
    return record
  }

  private mutating func add(_ rows: [(value: Int, time: Timestamp)]) {
    var admitted: [(value: Int, time: Timestamp, window: Window)] = []
    for row in rows {
      for window in NaiveWindows.windows(of: row.time, strategy.windowFn) {
        if closing(window) <= watermark {
          expiredCount += 1
        } else {
          admitted.append((row.value, row.time, window))
        }
      }
    }
    let targets = strategy.windowFn.isMerging ? merge(Set(admitted.map(\.window))) : [:]
    var touched: Set<Window> = []
    for row in admitted {
      let window = targets[row.window] ?? row.window
      if take(row.value, row.time, window) { touched.insert(window) }
    }
    for window in touched.sorted() { look(window, record(window)) }
  }

  private mutating func take(_ value: Int, _ time: Timestamp, _ window: Window) -> Bool {
    let record = record(window)
    guard !record.trigger.isFinished else {
      finishedCount += 1
      record.values = []
      if record.isActive && record.closesAt == nil {
        let reach = NaiveWindows.windows(of: window.maxTimestamp, strategy.windowFn).last ?? window
        record.closesAt = closing(max(window, reach))
      }
      return false
    }
    record.values.append(value)
    record.freshCount += 1
    hold(for: time, window, record)
    let asks = record.trigger.addRow(moment(of: window))
    if asks && watermark < window.end { record.asksAtEnd = true }
    record.closesAt = closing(window)
    record.isActive = true
    return true
  }

  private mutating func look(_ window: Window, _ record: Record) {
    let moment = moment(of: window)
    guard !record.trigger.isFinished, record.trigger.isReady(moment) else { return }
    record.trigger.fire(moment)
    emit(window, record, isLast: record.trigger.isFinished)
    guard record.trigger.isFinished else { return }
    record.isActive = false
    record.last = nil
    record.supersedes = []
    record.values = []
  }

  private mutating func emit(_ window: Window, _ record: Record, isLast: Bool) {
    let holds = [record.elementHold, record.closingHold, window.maxTimestamp]
    let isMoved = strategy.timestampCombiner == .earliestTransformed
    let timestamp =
      (isMoved ? record.elementHold : holds.compactMap { $0 }.min()) ?? window.maxTimestamp
    record.elementHold = nil
    let keepsHold = !isLast && strategy.closingBehavior == .always
    record.closingHold = keepsHold ? closingHold(window) : nil
    let info = info(window, record.last, isLast: isLast)
    let isShown =
      record.freshCount > 0 || (info.timing == .onTime && strategy.onTimeBehavior == .always)
      || (isLast && strategy.closingBehavior == .always)
    record.freshCount = 0
    guard isShown else { return }
    panes.append(
      Pane(
        window: window, values: record.values.sorted(), info: info, timestamp: timestamp,
        supersedes: record.supersedes))
    record.last = info
    if strategy.accumulation == .discarding {
      record.values = []
    } else {
      record.supersedes = [PaneReference(window: window, index: info.index)]
    }
  }

  private func info(_ window: Window, _ last: PaneInfo?, isLast: Bool) -> PaneInfo {
    let wasOnTime = last.map { $0.timing != .early } ?? false
    let timing: PaneTiming =
      window.maxTimestamp < outputWatermark || wasOnTime
      ? .late : watermark >= window.end ? .onTime : .early
    return PaneInfo(
      index: (last?.index ?? -1) + 1,
      nonSpeculativeIndex: timing == .early ? nil : (last?.nonSpeculativeIndex ?? -1) + 1,
      timing: timing, isFirst: last == nil, isLast: isLast)
  }
}

/// Holds and merging.
extension PaneOracle {
  private func closingHold(_ window: Window) -> Timestamp? {
    let last = closing(window).advanced(by: .microseconds(-1))
    return last >= watermark ? last : nil
  }

  private func hold(for time: Timestamp, _ window: Window, _ record: Record) {
    let time =
      switch strategy.timestampCombiner {
      case .endOfWindow: window.maxTimestamp
      case .earliestTransformed: strategy.windowFn.outputTime(of: time, in: window)
      case .earliest, .latest: time
      }
    if watermark < window.end, time >= outputWatermark {
      record.elementHold = combined([record.elementHold, time])
    } else {
      record.closingHold = closingHold(window) ?? record.closingHold
    }
  }

  private func combined(_ times: [Timestamp?]) -> Timestamp? {
    let times = times.compactMap { $0 }
    switch strategy.timestampCombiner {
    case .earliest, .earliestTransformed: return times.min()
    case .latest, .endOfWindow: return times.max()
    }
  }

  /// Joins all windows that are connected, and says where each has gone.
  private mutating func merge(_ added: Set<Window>) -> [Window: Window] {
    var groups: [Set<Window>] = []
    for window in added.union(records.filter(\.value.isActive).keys) {
      let touching = groups.filter { $0.contains { $0.intersects(window) } }
      groups.removeAll { touching.contains($0) }
      groups.append(touching.reduce([window]) { $0.union($1) })
    }
    var targets: [Window: Window] = [:]
    for group in groups where group.count > 1 {
      let start = group.map(\.start).min() ?? .distantPast
      let end = group.map(\.end).max() ?? .distantFuture
      let result = Window(start: start, end: end)
      for window in group { targets[window] = result }
      merge(group, into: result)
    }
    return targets
  }

  private mutating func merge(_ group: Set<Window>, into window: Window) {
    let sources = sorted.filter { group.contains($0.0) && $0.1.isActive }.map(\.1)
    let old = records[window]
    for source in group where records[source]?.isActive ?? false { records[source] = nil }
    let merged = Record(strategy.trigger)
    for (part, before) in zip(merged.trigger.all, old?.trigger.all ?? []) {
      part.isFinished = before.isFinished
    }
    merged.last = old?.last
    merged.asksAtEnd = old?.asksAtEnd ?? false
    merged.closesAt = old?.closesAt
    merged.values = sources.flatMap(\.values)
    merged.freshCount = sources.reduce(0) { $0 + $1.freshCount }
    merged.supersedes = sources.flatMap(\.supersedes).sorted { $0.window < $1.window }
    merged.closingHold = closingHold(window)
    if strategy.timestampCombiner != .endOfWindow {
      merged.elementHold = combined(sources.map(\.elementHold))
    } else if !sources.isEmpty, watermark < window.end, window.maxTimestamp >= outputWatermark {
      merged.elementHold = window.maxTimestamp
    }
    merged.isActive = true
    records[window] = merged
    merged.trigger.merge(sources.map(\.trigger), moment(of: window))
    if merged.trigger.isFinished {
      finishedCount += merged.freshCount
      merged.freshCount = 0
    }
  }
}

/// Which windows hold a time, by trying all starts; sizes are small numbers of microseconds.
enum NaiveWindows {
  static func windows(of time: Timestamp, _ windowFn: any WindowFn) -> [Window] {
    switch windowFn {
    case let fixed as FixedWindows: all(time, fixed.size, every: fixed.size, fixed.offset)
    case let sliding as SlidingWindows:
      all(time, sliding.size, every: sliding.period, sliding.offset)
    case let sessions as Sessions:
      [Window(start: time, end: time.advanced(by: sessions.gap))]
    case is GlobalWindows: [.global]
    default: windowFn.windows(for: time)
    }
  }

  private static func all(
    _ time: Timestamp, _ size: Interval, every period: Interval, _ offset: Interval
  ) -> [Window] {
    let micros = time.microseconds
    return ((micros - size.microseconds)...micros).filter { start in
      (start - offset.microseconds).isMultiple(of: period.microseconds)
        && start + size.microseconds > micros
    }.map { start in
      Window(
        start: Timestamp(microseconds: start),
        end: Timestamp(microseconds: start + size.microseconds))
    }
  }
}
