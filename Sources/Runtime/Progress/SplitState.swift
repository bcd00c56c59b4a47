import Dataflow
import EventTime

/// What the coordinator knows of one split: reports may come in any order, progress is made in the
/// order of reading.
struct SplitState: Sendable {
  let name: String
  private(set) var ledger = Ledger()
  /// Rows refused, by stage and window; shape `[stages]`, empty before the first report.
  private(set) var refused: [[Window: Int]] = []
  /// The position up to which every chunk is processed.
  private(set) var offset = 0
  private(set) var maximum = Int64.min
  /// Nothing is left to read; chunks may still be in work.
  private var hasEnded = false
  private(set) var isCaughtUp = false
  /// When rows last came; `nil` before the first.
  private(set) var lastDelivery: Timestamp?
  /// Chunks being read or processed; while there are any, the split holds the watermark.
  private(set) var leaseCount = 0
  /// The watermark when the split last came back from being idle, or was found.
  private(set) var floor = Timestamp.distantPast
  /// Everything is read and processed.
  var isFinished: Bool { hasEnded && leaseCount == 0 }
  private var next = 0
  private var waiting: [Int: ChunkReport] = [:]

  init(name: String) { self.name = name }

  mutating func beginLease(floor: Timestamp?) {
    leaseCount += 1
    if let floor { self.floor = max(self.floor, floor) }
  }

  /// A lease that found nothing to read.
  mutating func endLease(isCaughtUp: Bool, isFinished: Bool) {
    leaseCount -= 1
    self.isCaughtUp = isCaughtUp
    if isFinished { hasEnded = true }
  }

  mutating func add(_ report: ChunkReport, at now: Timestamp) {
    leaseCount -= 1
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
      offset = report.offset
      isCaughtUp = report.isCaughtUp
    }
  }

  func watermark(outOfOrderness: Interval) -> Timestamp {
    guard maximum != .min else { return floor }
    let bound = Interval(microseconds: -outOfOrderness.microseconds)
    return max(floor, Timestamp(microseconds: maximum).advanced(by: bound))
  }

  /// Whether the split does not hold the job's watermark: it has been caught up and quiet for
  /// `idleAfter`, or was caught up before it ever delivered a row.
  func isIdle(at now: Timestamp, idleAfter: Interval?) -> Bool {
    guard isCaughtUp, leaseCount == 0, !isFinished else { return false }
    guard let lastDelivery else { return true }
    guard let idleAfter else { return false }
    return now >= lastDelivery.advanced(by: idleAfter)
  }
}
