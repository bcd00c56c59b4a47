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
}

/// Moves the watermark and says which panes fire: a state machine without clock, thread or file.
///
/// Workers report chunks, the shell reports time; what comes back are the panes to collect.
struct Coordinator: Sendable {
  private let policy: Pipeline.EventTimePolicy
  private var stages: [any StageProgress]
  private(set) var splits: [SplitState] = []
  private var tracker = WatermarkTracker()
  private(set) var watermark = Timestamp.distantPast
  /// When the watermark last moved.
  private var movedAt: Timestamp?
  private var now = Timestamp.distantPast
  /// The last tick: idleness is noticed then, and at no other time.
  private var ticked = Timestamp.distantPast

  init(_ pipeline: Pipeline) {
    policy = pipeline.eventTime
    stages = pipeline.stages.map { $0.makeProgress() }
  }

  /// As it was when it had `state`, which was made with the same pipeline.
  init(_ pipeline: Pipeline, restoring state: State) {
    policy = pipeline.eventTime
    stages = zip(pipeline.stages, state.stages).map { $0.makeProgress(restoring: $1) }
    watermark = state.watermark
    splits = state.splits.map { SplitState(restoring: $0) }
    movedAt = state.movedAt
    now = state.now
    ticked = state.ticked ?? state.now
    tracker = WatermarkTracker(
      watermark: state.watermark, splits: splits.map { $0.progress(at: ticked, policy) })
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
    tracker.update(to: splits.map { $0.progress(at: ticked, policy) })
    return tick(now)
  }

  /// Makes a split known; it holds the watermark until it is read, idle or finished.
  mutating func addSplit(_ name: String) {
    splits.append(SplitState(name: name))
    _ = tracker.add()
  }

  /// A worker is about to read the split.
  ///
  /// - Returns: The watermark its rows are at least judged by: that of the job if the split did
  ///   not hold it, else the distant past.
  mutating func beginLease(split: Int) -> Timestamp {
    let wasResting = !splits[split].progress(at: ticked, policy).holds
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
      tracker.update(to: splits.map { $0.progress(at: ticked, policy) })
    }
    return due + advance() + closeIdle()
  }

  /// Passes the ends of the open windows when all splits have been idle for long enough.
  private mutating func closeIdle() -> [DueFiring] {
    guard let delay = policy.closeAfterIdle, tracker.isStalled,
      let since = splits.map({ $0.restingSince(policy) }).max(), now >= since.advanced(by: delay),
      let end = stages.compactMap(\.closingTime).max(), end > watermark
    else { return [] }
    return advance(to: end)
  }

  /// The input has ended: every window fires and closes.
  mutating func endOfInput() -> [DueFiring] { advance(to: .distantFuture) }

  var openWindowCount: Int { stages.reduce(0) { $0 + $1.openWindowCount } }

  /// Rows refused by stage and window.
  var refused: [[Window: Int]] { stages.map(\.refused) }

  /// The split that holds the watermark, or `nil`.
  var holder: Int? { tracker.holder }

  private mutating func track(_ split: Int) {
    tracker.update(split, to: splits[split].progress(at: ticked, policy))
  }

  private mutating func advance() -> [DueFiring] {
    // All finished is for the shell to say: a source may still find new splits.
    guard tracker.watermark > watermark, tracker.watermark < .distantFuture else { return [] }
    return advance(to: tracker.watermark)
  }

  private mutating func advance(to time: Timestamp) -> [DueFiring] {
    watermark = time
    movedAt = now
    var due: [DueFiring] = []
    for stage in stages.indices {
      let firings = stages[stage].advance(watermark: time)
      due += name(firings, of: stage)
    }
    return due
  }

  private func name(_ firings: [StageFiring], of stage: Int) -> [DueFiring] {
    guard !firings.isEmpty else { return [] }
    let status = splitStatus
    return firings.map {
      DueFiring(
        stage: stage, key: $0.key, firing: $0.firing, horizon: $0.horizon, watermark: watermark,
        splits: status)
    }
  }
}
