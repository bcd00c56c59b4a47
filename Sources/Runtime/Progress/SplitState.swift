import Dataflow
import EventTime

/// What the coordinator knows of one split: reports may come in any order, progress is made in the
/// order of reading.
struct SplitState: Sendable {
  let name: String
  let side: JoinSide
  private(set) var ledger = Ledger()
  /// Rows refused, by stage and window; shape `[stages]`, empty before the first report.
  private(set) var refused: [[Window: Int]] = []
  /// The position up to which every chunk is processed.
  private(set) var offset = 0
  private(set) var maximum = Int64.min
  /// Nothing is left to read; chunks may still be in work.
  private(set) var hasEnded = false
  private(set) var isCaughtUp = false
  /// When rows last came; `nil` before the first.
  private(set) var lastDelivery: Timestamp?
  /// When the end of what there was, or the end for good, was found first.
  private var restSince: Timestamp?
  /// Chunks being read or processed; while there are any, the split holds the watermark.
  private(set) var leaseCount = 0
  /// Whether it is read again after a rest and rows have not come yet: it may have none, and then
  /// must not have moved the job's watermark.
  private var isReturning = false
  /// The watermark when the split last came back from being idle, or was found.
  private(set) var floor = Timestamp.distantPast
  /// Everything is read and processed.
  var isFinished: Bool { hasEnded && leaseCount == 0 }
  /// Of the chunk that comes next in the order of reading.
  private(set) var next = 0
  private var waiting: [Int: ChunkReport] = [:]

  init(name: String, side: JoinSide = .predictions) {
    self.name = name
    self.side = side
  }

  /// The fate of rows became known that a label join held.
  mutating func settle(_ change: Ledger) { ledger += change }

  /// - Parameter floor: The job's watermark, if the split did not hold it or is new.
  mutating func beginLease(floor: Timestamp?) {
    leaseCount += 1
    guard let floor else { return }
    self.floor = max(self.floor, floor)
    isReturning = true
  }

  /// A lease that found nothing to read.
  mutating func endLease(isCaughtUp: Bool, isFinished: Bool, at now: Timestamp) {
    leaseCount -= 1
    if leaseCount == 0 { isReturning = false }
    if restSince == nil || isFinished { restSince = now }
    self.isCaughtUp = isCaughtUp
    if isFinished { hasEnded = true }
  }

  /// Whether a lease that finds nothing to read tells something new.
  func isChanged(byCatchingUp isCaughtUp: Bool) -> Bool {
    restSince == nil || self.isCaughtUp != isCaughtUp
  }

  mutating func add(_ report: ChunkReport, at now: Timestamp) {
    leaseCount -= 1
    isReturning = false
    ledger += report.ledger
    if refused.isEmpty { refused = Array(repeating: [:], count: report.refused.count) }
    for (stage, counts) in report.refused.enumerated() where !counts.isEmpty {
      refused[stage].merge(counts, uniquingKeysWith: +)
    }
    lastDelivery = now
    waiting[report.sequence] = report
    while let report = waiting.removeValue(forKey: next) {
      next += 1
      maximum = max(maximum, report.maximum)
      // Before the first chunk it is not known where reading starts.
      if offset > 0 { ledger.gone += max(0, report.start - offset) }
      offset = report.offset
      isCaughtUp = report.isCaughtUp
    }
  }

  private func watermark(_ policy: Pipeline.EventTimePolicy) -> Timestamp {
    guard maximum != .min else { return floor }
    return max(floor, policy.watermark(after: Timestamp(microseconds: maximum)))
  }

  /// What the job's watermark depends on.
  func progress(at now: Timestamp, _ policy: Pipeline.EventTimePolicy) -> SplitProgress {
    // While chunks are in work there is more to come.
    let isAtEnd = isCaughtUp && leaseCount == 0
    return SplitProgress(
      watermark: isReturning ? floor : watermark(policy),
      hasDelivered: lastDelivery != nil, isCaughtUp: isAtEnd,
      isIdle: policy.idleness.isIdle(
        isCaughtUp: isAtEnd, quietSince: lastDelivery ?? .distantPast, now: now),
      isFinished: isFinished)
  }

  /// Since when the split, which no longer holds the watermark, does not.
  func restingSince(_ policy: Pipeline.EventTimePolicy) -> Timestamp {
    guard !isFinished, let lastDelivery else { return restSince ?? .distantPast }
    return policy.idleness.idleTime(quietSince: lastDelivery) ?? .distantFuture
  }
}

extension SplitState {
  /// What is known of a split between chunks, for checkpoints.
  struct State: Hashable, Codable, Sendable {
    var name: String
    var offset: Int
    var maximum: Int64
    var floor: Timestamp
    var lastDelivery: Timestamp?
    var hasEnded: Bool
    var isCaughtUp: Bool
    var ledger: Ledger
    /// By stage, in order of windows; `nil` in states of earlier versions.
    var refused: [[Refusals]]?
    var restSince: Timestamp?
    /// `nil` for the first side, and in states of earlier versions.
    var side: JoinSide?
  }

  struct Refusals: Hashable, Codable, Sendable {
    var window: Window
    var rows: Int
  }

  /// - Precondition: No chunk is in work.
  var state: State {
    precondition(leaseCount == 0, "\(leaseCount) chunks of '\(name)' are in work")
    return State(
      name: name, offset: offset, maximum: maximum, floor: floor, lastDelivery: lastDelivery,
      hasEnded: hasEnded, isCaughtUp: isCaughtUp, ledger: ledger,
      refused: refused.map { counts in
        counts.sorted { $0.key < $1.key }.map { Refusals(window: $0.key, rows: $0.value) }
      }, restSince: restSince, side: side == .predictions ? nil : side)
  }

  init(restoring state: State) {
    self.init(name: state.name, side: state.side ?? .predictions)
    floor = state.floor
    isCaughtUp = state.isCaughtUp
    offset = state.offset
    maximum = state.maximum
    lastDelivery = state.lastDelivery
    hasEnded = state.hasEnded
    ledger = state.ledger
    refused = (state.refused ?? []).map { counts in
      Dictionary(uniqueKeysWithValues: counts.map { ($0.window, $0.rows) })
    }
    restSince = state.restSince
  }

  /// A process takes the run up: there may be more to read by now.
  ///
  /// If the job's watermark was past the split's own (it was idle), it returns at that.
  mutating func restart(watermark: Timestamp) {
    guard !hasEnded else { return }
    isCaughtUp = false
    floor = max(floor, watermark)
  }
}
