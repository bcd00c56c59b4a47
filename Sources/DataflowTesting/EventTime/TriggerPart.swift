import EventTime

/// One part of a trigger as an object that remembers; the naive twin of `TriggerProgram`.
///
/// Source: the `*StateMachine` classes of Beam's `runners/core-java`, package `triggers`.
final class TriggerPart {
  /// What a part may look at.
  struct Moment {
    var isPastEnd: Bool
    var isMerging: Bool
    var processingTime: Timestamp
  }

  let trigger: Trigger
  /// For `afterWatermark` with parts: early, then late if there is one.
  let parts: [TriggerPart]
  var isFinished = false
  private(set) var rows = 0
  private(set) var fireAfter: Timestamp?

  init(_ trigger: Trigger) {
    self.trigger = trigger
    let inner: [Trigger] =
      switch trigger {
      case .afterWatermark(nil, nil): []
      case .afterWatermark(let early, let late): [early ?? .never] + (late.map { [$0] } ?? [])
      case .afterAll(let list), .afterAny(let list), .afterEach(let list): list
      case .repeatedly(let part): [part]
      case .orFinally(let part, let until): [part, until]
      default: []
      }
    parts = inner.map(TriggerPart.init)
  }

  /// This part and all below it.
  var all: [TriggerPart] { [self] + parts.flatMap(\.all) }

  private var current: TriggerPart? { parts.first { !$0.isFinished } }

  /// One row came.
  ///
  /// - Returns: Whether the window is to be looked at when it ends.
  func addRow(_ moment: Moment) -> Bool {
    var listeners = parts
    switch trigger {
    case .afterCount: rows += 1
    case .afterProcessingTime(let delay, let alignment):
      guard fireAfter == nil else { break }
      let target = moment.processingTime.advanced(by: delay)
      fireAfter = alignment.map { Self.next($0, from: target) } ?? target
    case .afterWatermark, .afterEach:
      if !moment.isMerging { listeners = current.map { [$0] } ?? [] }
    case .afterAll: listeners = parts.filter { !$0.isFinished }
    default: break
    }
    let asks = listeners.map { $0.addRow(moment) }.contains(true)
    switch trigger {
    case .default, .afterWatermark: return true
    default: return asks
    }
  }

  /// The first instant of the alignment that is not before `time`, by trying one after the other from near the epoch on.
  private static func next(_ alignment: Trigger.Alignment, from time: Timestamp) -> Timestamp {
    var instant = alignment.offset.microseconds
    while instant > time.microseconds { instant -= alignment.period.microseconds }
    while instant < time.microseconds { instant += alignment.period.microseconds }
    return Timestamp(microseconds: instant)
  }

  func isReady(_ moment: Moment) -> Bool {
    switch trigger {
    case .default, .afterWatermark(nil, nil): moment.isPastEnd
    case .never: false
    case .always: true
    case .afterCount(let target): rows >= target
    case .afterProcessingTime: fireAfter.map { $0 < moment.processingTime } ?? false
    case .afterWatermark where !parts[0].isFinished:
      moment.isPastEnd || parts[0].isReady(moment)
    case .afterWatermark: parts.count > 1 && parts[1].isReady(moment)
    case .afterAll: parts.allSatisfy { $0.isFinished || $0.isReady(moment) }
    case .afterAny: parts.contains { $0.isFinished || $0.isReady(moment) }
    case .afterEach: current?.isReady(moment) ?? false
    case .repeatedly, .orFinally: parts.contains { $0.isReady(moment) }
    }
  }

  func fire(_ moment: Moment) {
    switch trigger {
    case .default, .never, .always: break
    case .afterWatermark(nil, nil): isFinished = true
    case .afterCount, .afterProcessingTime:
      forget()
      isFinished = true
    case .afterWatermark: fireAfterWatermark(moment)
    case .afterAll:
      for part in parts { part.fire(moment) }
      isFinished = true
    case .afterAny:
      for part in parts { if part.isReady(moment) { part.fire(moment) } else { part.forget() } }
      isFinished = true
    case .afterEach:
      current?.fire(moment)
      if moment.isMerging { forget() }
      isFinished = current == nil
    case .repeatedly:
      parts[0].fire(moment)
      if parts[0].isFinished {
        parts[0].forget()
        for part in parts[0].all { part.isFinished = false }
      }
    case .orFinally:
      let isLast = parts[1].isReady(moment)
      parts[isLast ? 1 : 0].fire(moment)
      if isLast { parts[0].forget() }
      isFinished = parts[0].isFinished || parts[1].isFinished
    }
  }

  private func fireAfterWatermark(_ moment: Moment) {
    let late = parts.count > 1 ? parts[1] : nil
    guard !parts[0].isFinished else {
      late?.fire(moment)
      late?.forget()
      late?.isFinished = false
      return isFinished = late == nil
    }
    if !moment.isPastEnd || parts[0].isReady(moment) { parts[0].fire(moment) }
    parts[0].forget()
    parts[0].isFinished = moment.isPastEnd
    guard moment.isPastEnd else { return }
    late?.forget()
    isFinished = late == nil
  }

  /// Forgets rows and times, not what has finished.
  private func forget() {
    for part in all {
      part.rows = 0
      part.fireAfter = nil
    }
  }

  /// `sources`, the same part in windows with rows, become one window, whose part this is.
  func merge(_ sources: [TriggerPart], _ moment: Moment) {
    func mergePart(_ index: Int) { parts[index].merge(sources.map { $0.parts[index] }, moment) }
    let areFinished = sources.allSatisfy(\.isFinished)
    switch trigger {
    case .default, .never, .always: break
    case .afterWatermark(nil, nil): isFinished = areFinished && moment.isPastEnd
    case .afterCount:
      if sources.contains(where: \.isFinished) { isFinished = true }
      rows = isFinished ? 0 : sources.reduce(0) { $0 + $1.rows }
    case .afterProcessingTime:
      fireAfter = isFinished ? nil : sources.compactMap(\.fireAfter).min()
    case .afterWatermark:
      let isOver = sources.allSatisfy { $0.parts[0].isFinished } && moment.isPastEnd
      if !isOver { mergePart(0) }
      parts[0].isFinished = isOver
      guard parts.count > 1 else { return }
      if isOver { mergePart(1) } else { parts[1].isFinished = false }
    case .repeatedly: mergePart(0)
    case .afterAll, .afterAny, .orFinally, .afterEach:
      for index in parts.indices {
        if case .afterEach = trigger, parts[..<index].contains(where: { !$0.isFinished }) { break }
        mergePart(index)
      }
      let bits = parts.map(\.isFinished)
      if case .afterAny = trigger { return isFinished = bits.contains(true) }
      if case .orFinally = trigger { return isFinished = bits.contains(true) }
      isFinished = !bits.contains(false)
    }
  }
}
