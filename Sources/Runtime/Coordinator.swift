import ByteCoding
import Dataflow
import EventTime

/// A pane that is due.
struct DueFiring: Sendable {
  var stage: Int
  /// Of keyed windows; empty for others.
  var key: [KeyValue]
  var firing: PaneFiring
  /// Rows behind belong to the pane if they are released at this time or before.
  var horizon: Timestamp
  /// The job's watermark when the pane fired.
  var watermark: Timestamp
  /// Every split with its position and ledger when the pane fired.
  var splits: [SplitStatus]
  /// Of a label join: what the pane gets that no pane had.
  var content: PaneContent?
}

/// Moves the watermark and says which panes fire: a state machine without clock, thread or file.
///
/// Workers report chunks, the shell reports time; what comes back are the panes to collect.
struct Coordinator: Sendable {
  private let policy: Pipeline.EventTimePolicy
  /// By side of a label join; one for a job of one input.
  private let policies: [Pipeline.EventTimePolicy]
  private var stages: [any StageProgress]
  private(set) var splits: [SplitState] = []
  private var tracker = WatermarkTracker()
  private(set) var watermark = Timestamp.distantPast
  /// When the watermark last moved.
  private var movedAt: Timestamp?
  private var now = Timestamp.distantPast
  /// The last tick: idleness is noticed then, and at no other time.
  private var ticked = Timestamp.distantPast
  private var joined: JoinedStages?

  init(_ pipeline: Pipeline) {
    policy = pipeline.eventTime
    policies = Self.policies(pipeline)
    joined = pipeline.join.map { JoinedStages(pipeline, $0) }
    stages = pipeline.stages.map { $0.makeProgress() }
    for state in pipeline.start { stages[state.stage].begin(state.window) }
  }

  /// As it was when it had `state`, which was made with the same pipeline.
  ///
  /// - Parameters:
  ///   - pipeline: The one that the state is of.
  ///   - state: What it knew.
  ///   - join: What the label join held.
  /// - Throws: `ByteCodingError` if it is not that.
  init(_ pipeline: Pipeline, restoring state: State, join: [UInt8]? = nil) throws(ByteCodingError) {
    policy = pipeline.eventTime
    policies = Self.policies(pipeline)
    joined = pipeline.join.map { JoinedStages(pipeline, $0) }
    stages = zip(pipeline.stages, state.stages).map { $0.makeProgress(restoring: $1) }
    watermark = state.watermark
    splits = state.splits.map { SplitState(restoring: $0) }
    movedAt = state.movedAt
    now = state.now
    ticked = state.ticked ?? state.now
    for split in splits { joined?.addSplit(split.name) }
    if let join { try joined?.restore(join) }
    tracker = WatermarkTracker(watermark: state.watermark, splits: progress)
  }

  private static func policies(_ pipeline: Pipeline) -> [Pipeline.EventTimePolicy] {
    pipeline.join.map { $0.inputs.map(\.eventTime) } ?? [pipeline.eventTime]
  }

  /// What the watermark depends on, by split.
  private var progress: [SplitProgress] { splits.map { progress(of: $0) } }

  private func progress(of split: SplitState) -> SplitProgress {
    split.progress(at: ticked, policies[split.side.rawValue])
  }

  /// All that a coordinator knows while no chunk is in work, for checkpoints.
  struct State: Hashable, Codable, Sendable {
    var now: Timestamp
    /// `nil` in states of earlier versions.
    var ticked: Timestamp?
    var watermark: Timestamp
    var splits: [SplitState.State]
    var stages: [StageState]
    /// `nil` in states of earlier versions, as what follows.
    var movedAt: Timestamp?
    /// How far each split is, for people.
    var progress: [SplitProgress]?
  }

  var state: State {
    State(
      now: now, ticked: ticked, watermark: watermark, splits: splits.map(\.state),
      stages: stages.map(\.state), movedAt: movedAt, progress: tracker.splits)
  }

  /// A process takes the run up: of every split there may be more to read by now.
  mutating func restart(at now: Timestamp) -> [DueFiring] {
    for split in splits.indices { splits[split].restart(watermark: watermark) }
    // At once: one that was idle must not look idle while the others go on.
    tracker.update(to: progress)
    return tick(now)
  }

  /// Makes a split known; it holds the watermark until it is read, idle or finished.
  mutating func addSplit(_ name: String, side: JoinSide = .predictions) {
    splits.append(SplitState(name: name, side: side))
    joined?.addSplit(name)
    _ = tracker.add()
  }

  /// A worker is about to read the split.
  ///
  /// - Returns: The watermark its rows are at least judged by: that of the job if the split did
  ///   not hold it, else the distant past.
  mutating func beginLease(split: Int) -> Timestamp {
    let wasResting = !progress(of: splits[split]).holds
    // Of splits known from the start one that has not delivered holds the watermark there.
    let isNew = splits[split].lastDelivery == nil && watermark > .distantPast
    splits[split].beginLease(floor: wasResting || isNew ? watermark : nil)
    track(split)
    return splits[split].floor
  }

  /// The worker found nothing to read.
  mutating func endLease(split: Int, isCaughtUp: Bool, isFinished: Bool) -> [DueFiring] {
    splits[split].endLease(isCaughtUp: isCaughtUp, isFinished: isFinished, at: now)
    track(split)
    return advance()
  }

  mutating func record(_ report: ChunkReport, at now: Timestamp) -> [DueFiring] {
    self.now = max(self.now, now)
    var due: [DueFiring] = []
    for stage in stages.indices {
      stages[stage].refuse(report.refused[stage])
      // Apart: a call on self with it inside would copy the stage.
      let firings = stages[stage].add(report.admitted[stage])
      due += name(firings, of: stage)
    }
    splits[report.split].add(report, at: now)
    if let rows = report.joining { joined?.add(rows) }
    track(report.split)
    return due + advance()
  }

  /// Time passes: processing-time triggers and idleness.
  mutating func tick(_ now: Timestamp) -> [DueFiring] {
    self.now = max(self.now, now)
    ticked = self.now
    var due: [DueFiring] = []
    for stage in stages.indices {
      let firings = stages[stage].advance(processingTime: self.now)
      due += name(firings, of: stage)
    }
    if policy.idleness.idleAfter != nil {
      tracker.update(to: progress)
    }
    return due + advance() + closeIdle()
  }

  /// Passes the ends of the open windows when all splits have been idle for long enough.
  private mutating func closeIdle() -> [DueFiring] {
    guard let delay = policy.closeAfterIdle, tracker.isStalled,
      let since = splits.map({ $0.restingSince(policy) }).max(), now >= since.advanced(by: delay)
    else { return [] }
    let ends = stages.map(\.closingTime) + [joined?.closingTime()]
    guard let end = ends.compactMap({ $0 }).max(), end > watermark else { return [] }
    return advance(to: end)
  }

  /// The input has ended: every window fires and closes.
  mutating func endOfInput() -> [DueFiring] { advance(to: .distantFuture) }

  var openWindowCount: Int { openWindowCounts.reduce(0, +) }

  /// By stage.
  var openWindowCounts: [Int] { stages.map(\.openWindowCount) }

  /// Rows refused by stage and window.
  var refused: [[Window: Int]] { stages.map(\.refused) }

  /// The split that holds the watermark, or `nil`.
  var holder: Int? { tracker.holder }

  private mutating func track(_ split: Int) {
    tracker.update(split, to: progress(of: splits[split]))
  }

  private mutating func advance() -> [DueFiring] {
    // All finished is for the shell to say: a source may still find new splits.
    guard tracker.watermark > watermark, tracker.watermark < .distantFuture else { return [] }
    return advance(to: tracker.watermark)
  }

  private mutating func advance(to time: Timestamp) -> [DueFiring] {
    watermark = time
    movedAt = now
    var due = join(upTo: time)
    for stage in stages.indices {
      let firings = stages[stage].advance(watermark: time)
      due += name(firings, of: stage)
    }
    return due
  }

  /// Has the rows that are released before `time` take part in the label join, if there is one.
  private mutating func join(upTo time: Timestamp) -> [DueFiring] {
    guard let outcome = joined?.advance(to: time) else { return [] }
    for (split, change) in outcome.ledgers { splits[split].settle(change) }
    var due: [DueFiring] = []
    for stage in stages.indices {
      stages[stage].refuse(outcome.refused[stage])
      let firings = stages[stage].add(outcome.admitted[stage])
      due += name(firings, of: stage)
    }
    return due
  }

  private mutating func name(_ firings: [StageFiring], of stage: Int) -> [DueFiring] {
    guard !firings.isEmpty else { return [] }
    let status = splitStatus
    return firings.map {
      var due = DueFiring(
        stage: stage, key: $0.key, firing: $0.firing, horizon: $0.horizon, watermark: watermark,
        splits: status)
      due.content = joined?.extract(due)
      return due
    }
  }
}

extension Coordinator {
  /// What the label join holds, for a checkpoint; `nil` without one.
  var joinContent: [UInt8]? { joined?.encoded() }

  /// What windows hold of joined rows that no pane had.
  mutating func takeJoined(stage: Int) -> [(slot: RowSlot, content: PaneContent)] {
    joined?.extractAll(stage: stage) ?? []
  }

  /// - Throws: `JoinMemoryError` if the label join holds more than it may.
  func checkJoinMemory() throws(JoinMemoryError) {
    guard let joined, joined.byteCount > joined.memoryLimit else { return }
    throw JoinMemoryError(byteCount: joined.byteCount, limit: joined.memoryLimit)
  }
}
