import Dataflow
import DataflowTesting
import EventTime

/// What watermarks, idleness and lateness are by their definitions; everything is computed again at
/// each step from the list of what has happened.
struct NaiveClockwork {
  fileprivate struct Chunk {
    var rows: Range<Int>
    /// The watermark that its rows are at least judged by.
    var floor: Timestamp
    var isCaughtUp: Bool
    var processedAt: Timestamp?
    var isReported = false
  }

  struct Split {
    let script: ScriptedSplit
    fileprivate var chunks: [Chunk] = []
    fileprivate var isReading = false
    /// It was at rest before it was read, and nothing has come of that yet.
    fileprivate var isReturning = false
    fileprivate var hasEnded = false
    fileprivate var lastReport: Timestamp?
    /// By the last empty read, or the last chunk of which all before are reported.
    fileprivate var isCaughtUp = false
    fileprivate var foundEmptyAt: Timestamp?
    fileprivate var floor = Timestamp.distantPast
    /// As of the last tick, or its own last step.
    fileprivate var holds = true
    var readCount: Int { chunks.last?.rows.upperBound ?? 0 }

    fileprivate var isFinished: Bool { hasEnded && chunks.allSatisfy(\.isReported) }
  }

  private let policy: Pipeline.EventTimePolicy
  private let windowings: [WindowingStrategy]
  private let scripts: [ScriptedSplit]
  private(set) var splits: [Split] = []
  private(set) var watermark = Timestamp.distantPast
  private var now: Timestamp
  /// Idleness is noticed at ticks.
  private var ticked: Timestamp

  init(_ script: SimulationScript, now: Timestamp) {
    policy = script.policy
    windowings = script.windowings
    scripts = script.splits
    self.now = now
    ticked = now
  }

  func knows(_ name: String) -> Bool { splits.contains { $0.script.name == name } }

  mutating func add(_ name: String) {
    splits += scripts.filter { $0.name == name }.map { Split(script: $0) }
  }

  /// - Returns: The least watermark for the rows about to be read.
  mutating func beginRead(_ split: Int) -> Timestamp {
    let isNew = splits[split].lastReport == nil && watermark > .distantPast
    if !isHolding(split) || isNew {
      splits[split].floor = max(splits[split].floor, watermark)
      splits[split].isReturning = true
    }
    splits[split].isReading = true
    splits[split].holds = true
    return splits[split].floor
  }

  mutating func nothingRead(_ split: Int, isEnded: Bool) {
    splits[split].isReading = false
    if splits[split].chunks.allSatisfy(\.isReported) { splits[split].isReturning = false }
    splits[split].isCaughtUp = !isEnded
    splits[split].hasEnded = isEnded
    if splits[split].foundEmptyAt == nil || isEnded { splits[split].foundEmptyAt = now }
    splits[split].holds = isHolding(split)
    move()
  }

  mutating func read(_ split: Int, rows: Int, isCaughtUp: Bool) {
    splits[split].isReading = false
    let start = splits[split].readCount
    splits[split].chunks.append(
      Chunk(rows: start..<start + rows, floor: splits[split].floor, isCaughtUp: isCaughtUp))
  }

  mutating func processed(_ split: Int, now: Timestamp) {
    guard let index = splits[split].chunks.firstIndex(where: { $0.processedAt == nil }) else {
      preconditionFailure("no chunk of \(split) is in work")
    }
    splits[split].chunks[index].processedAt = now
  }

  mutating func reported(_ split: Int, sequence: Int, now: Timestamp) {
    self.now = max(self.now, now)
    splits[split].chunks[sequence].isReported = true
    splits[split].lastReport = now
    splits[split].isReturning = false
    let settled = splits[split].chunks.prefix(while: \.isReported)
    if sequence < settled.count, let last = settled.last {
      splits[split].isCaughtUp = last.isCaughtUp
    }
    splits[split].holds = isHolding(split)
    move()
  }

  mutating func tick(_ now: Timestamp) {
    self.now = max(self.now, now)
    ticked = self.now
    for split in splits.indices { splits[split].holds = isHolding(split) }
    move()
    closeIdle()
  }

  private func isHolding(_ index: Int) -> Bool {
    let split = splits[index]
    if split.isFinished { return false }
    if split.isReading || split.chunks.contains(where: { !$0.isReported }) { return true }
    guard split.isCaughtUp else { return true }
    guard let last = split.lastReport else { return false }
    return policy.idleness.idleAfter.map { ticked < last.advanced(by: $0) } ?? true
  }

  private mutating func move() {
    let holding = splits.indices.filter { splits[$0].holds }
    guard let least = holding.map(ownWatermark).min() else { return }
    watermark = max(watermark, least)
  }

  /// What each split does, for messages.
  var lines: String {
    splits.indices.map { index in
      "  \(splits[index].script.name) \(ownWatermark(index)) holds: \(splits[index].holds)\n"
    }.joined()
  }

  /// The watermark of a split by its chunks up to the first that is not reported.
  private func ownWatermark(_ split: Int) -> Timestamp {
    if splits[split].isReturning { return splits[split].floor }
    let settled = splits[split].chunks.prefix(while: \.isReported)
    let latest = settled.flatMap { usable(split, $0) }.max()
    guard let latest else { return splits[split].floor }
    return max(splits[split].floor, behind(latest))
  }

  private func behind(_ time: Timestamp) -> Timestamp {
    policy.estimator?.watermark(after: time)
      ?? time.advanced(by: Interval(microseconds: -policy.maxOutOfOrderness.microseconds))
  }

  private func isUsable(_ row: ScriptedRow, _ chunk: Chunk) -> Bool {
    guard !row.isBad, let processedAt = chunk.processedAt else { return false }
    guard let skew = policy.futureSkew.limit else { return true }
    let limit = processedAt.advanced(by: skew)
    return row.time <= limit && moves(row).map { $0 <= limit } ?? true
  }

  /// What moves the watermark of the row's split.
  private func moves(_ row: ScriptedRow) -> Timestamp? {
    policy.watermarkColumn == nil ? row.time : row.reached
  }

  private func usable(_ split: Int, _ chunk: Chunk) -> [Timestamp] {
    splits[split].script.rows[chunk.rows].filter { isUsable($0, chunk) }.compactMap(moves)
  }

  /// All splits have been idle for long enough: nothing stays open.
  private mutating func closeIdle() {
    guard let delay = policy.closeAfterIdle, !splits.isEmpty,
      !splits.contains(where: \.holds), !splits.allSatisfy(\.isFinished)
    else { return }
    let since = splits.map { split in
      guard !split.isFinished, let last = split.lastReport else {
        return split.foundEmptyAt ?? .distantPast
      }
      return last.advanced(by: policy.idleness.idleAfter ?? .zero)
    }.max()
    guard let since, now >= since.advanced(by: delay) else { return }
    let ends = fates(reportedOnly: true).flatMap { stage in
      stage.windows.filter { !$0.value.isEmpty }.map {
        windowings[stage.index].closingTime(of: $0.key)
      }
    }
    if let end = ends.filter({ $0 < .distantFuture }).max() { watermark = max(watermark, end) }
  }
}

/// What became of the rows.
extension NaiveClockwork {
  struct Row: Hashable {
    var key: Int64
    var value: Int64
    var isOnTime: Bool
  }

  struct StageFates {
    var index: Int
    /// The rows taken.
    var windows: [Window: [Row]] = [:]
    var refused: [Window: Int] = [:]
  }

  /// By the watermark of each row's own split just before it.
  func fates(reportedOnly: Bool = false) -> [StageFates] {
    var stages = windowings.indices.map { StageFates(index: $0) }
    forEachRow(reportedOnly: reportedOnly) { _, row, watermark in
      for stage in stages.indices {
        let window = windowings[stage].windowFn.windows(for: row.time)[0]
        if watermark >= windowings[stage].closingTime(of: window) {
          stages[stage].refused[window, default: 0] += 1
        } else {
          stages[stage].windows[window, default: []].append(
            Row(key: row.key, value: row.value, isOnTime: watermark < window.end))
        }
      }
    }
    return stages
  }

  var ledgers: [Ledger] {
    var ledgers = splits.map { split in
      var ledger = Ledger()
      ledger.read = split.readCount
      ledger.quarantined = split.readCount
      return ledger
    }
    forEachRow(reportedOnly: false) { split, row, watermark in
      let isTaken = windowings.contains {
        watermark < $0.closingTime(of: $0.windowFn.windows(for: row.time)[0])
      }
      ledgers[split].quarantined -= 1
      if isTaken { ledgers[split].aggregated += 1 } else { ledgers[split].late += 1 }
    }
    return ledgers
  }

  private func forEachRow(
    reportedOnly: Bool, _ body: (_ split: Int, ScriptedRow, _ watermark: Timestamp) -> Void
  ) {
    for (index, split) in splits.enumerated() {
      var latest: Timestamp?
      for chunk in split.chunks where chunk.isReported || !reportedOnly {
        for row in split.script.rows[chunk.rows] where isUsable(row, chunk) {
          body(index, row, max(chunk.floor, latest.map(behind) ?? .distantPast))
          latest = [latest, moves(row)].compactMap { $0 }.max()
        }
      }
    }
  }
}
