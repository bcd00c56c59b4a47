public import Accumulators
public import Dataflow
import EventTime
import Foundation
import Columns

/// How a pipeline is run.
public struct RunOptions: Sendable {
  public var workers: Int
  public var batchRows: Int
  /// Bytes of input that one worker decodes at a time.
  public var chunkBytes: Int
  /// Fired panes that may wait for the sink.
  public var maxQueuedPanes: Int
  /// Bytes of panes and dead letters that may wait for the sink, or be with it.
  public var maxQueuedBytes: Int
  /// Whether what fails to be written and may pass (a full disk) is tried again until it succeeds.
  public var retriesDelivery = false
  /// The most bytes of states and distinct strings; a run that holds more ends with an error.
  public var memoryLimit: Int?
  /// Where states go that find no room in memory; `nil` if all are to stay there.
  public var spilling: Spilling?

  /// The share of the budget that one of those may have who hold states: each worker, and who
  /// collects from them.
  var spillShare: Spilling? {
    spilling.map { Spilling($0.store, budget: $0.budget / (workers + 1)) }
  }

  public init(
    workers: Int, batchRows: Int = 2048, chunkBytes: Int = 256 << 10, maxQueuedPanes: Int = 16,
    maxQueuedBytes: Int = 64 << 20
  ) {
    self.maxQueuedBytes = maxQueuedBytes
    self.workers = workers
    self.batchRows = batchRows
    self.chunkBytes = chunkBytes
    self.maxQueuedPanes = maxQueuedPanes
  }
}

/// Runs a pipeline in this process: threads, clock and queue around the coordinator.
///
/// Threads: one a worker, one for the sink, and the caller's, which keeps the time.
public final class Runner: Sendable {
  let pipeline: Pipeline
  let source: any Source
  let options: RunOptions
  private let checkpointing: Checkpointing?
  /// Whether the run to resume had ended.
  private let wasComplete: Bool
  /// Whether the run is to close all windows when it has stopped reading, or had done so.
  private let isDraining: Locked<Bool>
  private let phase = Locked(RunReport.Phase.starting)
  let coordinator: Locked<Coordinator>
  let board: LeaseBoard
  private let workers: [Worker]
  let collector: PaneCollector
  let queue: SinkQueue
  let journal: RunJournal?
  private let memory: MemoryWatch?
  private let prefixes = PrefixMaxima()
  private let failure = Locked<(any Error)?>(nil)
  private let activeCount: Locked<Int>
  /// Signalled when a worker ends.
  private let ended = NSCondition()

  /// A run without checkpoints: what is published, is visible at once.
  ///
  /// - Throws: What the source throws when its splits or decoders cannot be had.
  public convenience init(
    _ pipeline: Pipeline, source: any Source, sink: any PaneSink, options: RunOptions
  ) throws {
    try self.init(pipeline, source, SinkOutlet(sink), options, nil)
  }

  /// A run with checkpoints, from its begin or from one of them; panes become visible with the
  /// checkpoint after them.
  ///
  /// - Throws: What the source throws when its splits or decoders cannot be had;
  ///   `CheckpointStateError` if the checkpoint does not fit the pipeline.
  public convenience init(
    _ pipeline: Pipeline, source: any Source, sink: any TransactionalSink, options: RunOptions,
    checkpointing: Checkpointing
  ) throws {
    try self.init(pipeline, source, SinkOutlet(sink, checkpointing.store), options, checkpointing)
  }

  private init(
    _ pipeline: Pipeline, _ source: any Source, _ outlet: SinkOutlet, _ options: RunOptions,
    _ checkpointing: Checkpointing?
  ) throws {
    self.pipeline = pipeline
    self.source = source
    var options = options
    // Where nothing can be put away, nobody has to ask all that is held whether it is too much.
    if !pipeline.stages.contains(where: \.canSpill) { options.spilling = nil }
    self.options = options
    self.checkpointing = checkpointing
    let saved = try checkpointing?.resuming.map {
      (state: try RunState($0.state, stageCount: pipeline.stages.count), parts: $0.parts)
    }
    wasComplete = saved?.state.isComplete ?? false
    isDraining = Locked(saved?.state.isDrained ?? false)
    coordinator = Locked(
      try saved.map { saved in
        try Coordinator(
          pipeline, restoring: saved.state.coordinator, join: saved.state.join(saved.parts))
      } ?? Coordinator(pipeline))
    let journal = checkpointing.map { _ in RunJournal() }
    self.journal = journal
    board = LeaseBoard(
      source: source, coordinator: coordinator, journal: journal,
      alignment: pipeline.eventTime.alignment)
    memory = options.memoryLimit.map { MemoryWatch(limit: $0, workerCount: options.workers) }
    workers = try (0..<options.workers).map { number in
      Worker(
        number, pipeline: pipeline, decoders: try source.makeDecoders(),
        batchRows: options.batchRows, journal: journal)
    }
    activeCount = Locked(0)
    queue = SinkQueue(
      outlet, limits: options, stageCount: pipeline.stages.count,
      published: saved?.state.paneCount ?? 0)
    collector = PaneCollector(
      stages: pipeline.stages, workers: workers, coordinator: coordinator, journal: journal,
      held: try saved.map { try $0.state.held($0.parts, stages: pipeline.stages) }
        ?? PaneCollector.start(of: pipeline),
      isJoined: pipeline.join != nil, spilling: options.spillShare,
      publish: { [queue] in queue.publish($0) })
  }

  /// Runs until the input ends, `stop` is called or something fails.
  ///
  /// - Parameters:
  ///   - onTick: Called several times a second with the state so far.
  ///   - onDrain: Called when reading has stopped to drain, with the positions by split: a run that
  ///     goes on from an earlier checkpoint and drains there gives the same.
  /// - Returns: What was done.
  /// - Throws: The first error of source or sink; what was published stays, nothing is half done.
  public func run(
    onTick: (RunReport) -> Void = { _ in }, onDrain: ([String: Int]) throws -> Void = { _ in }
  ) throws -> RunReport {
    queue.start()
    if wasComplete { return try end(isComplete: true) }
    do {
      try begin()
    } catch {
      return try fail(error)
    }
    phase.withLock { $0 = .running }
    activeCount.withLock { $0 = workers.count }
    for worker in workers { start(worker) }
    var checkpointTime = Date()
    let tick = min(0.02, checkpointing?.interval ?? 0.02)
    while activeCount.withLock({ $0 }) > 0 {
      waitForWorkers(tick)
      collector.collect(.tick(Self.clock()))
      if let error = failure.withLock({ $0 }) ?? queue.error ?? overuse { return try fail(error) }
      if source.isUnbounded { try discoverSplits() }
      if let checkpointing, -checkpointTime.timeIntervalSinceNow >= checkpointing.interval,
        !queue.isCheckpointing
      {
        checkpointTime = Date()
        checkpoint(isComplete: false)
      }
      onTick(report(isComplete: false))
    }
    if let error = failure.withLock({ $0 }) ?? queue.error { return try fail(error) }
    let isDrained = isDraining.withLock { $0 } && board.isAtLimits
    let isComplete = isDrained || !board.hasStopped
    if isDrained {
      let positions = coordinator.withLock { $0.splits.map { ($0.name, $0.offset) } }
      do {
        try onDrain(Dictionary(uniqueKeysWithValues: positions))
      } catch {
        return try fail(error)
      }
    }
    if isComplete { collector.collect(isDrained ? .drain : .endOfInput) }
    if checkpointing != nil { checkpoint(isComplete: isComplete, isDrained: isDrained) }
    return try end(isComplete: isComplete)
  }

  /// Why the run may not go on, if it holds too much.
  private var overuse: (any Error)? {
    if let failure = options.spilling?.store.failure { return failure }
    do throws(JoinMemoryError) {
      try coordinator.withLock { coordinator throws(JoinMemoryError) in
        try coordinator.checkJoinMemory()
      }
    } catch {
      return error
    }
    do throws(MemoryLimitError) {
      try memory?.check(held: collector.heldByteCounts, pipeline.stages)
      return nil
    } catch {
      return error
    }
  }

  /// Brings the run to where reading starts.
  private func begin() throws {
    // A drain that a lost checkpoint had let out: what came after it must not be read now.
    if let saved = checkpointing?.resuming, try replay(saved.journal) == .drain { drain() }
    journal?.begin()
    collector.collect(.start(at: Self.clock()))
    for (number, split) in coordinator.withLock({ $0.splits }).enumerated() {
      prefixes.begin(split: number, sequence: split.next, at: split.maximum)
      board.add(split)
    }
    try discoverSplits()
    guard checkpointing != nil && checkpointing?.resuming == nil else { return }
    checkpoint(isComplete: false)
    try queue.drain()
  }

  private func end(isComplete: Bool) throws -> RunReport {
    try queue.drain()
    phase.withLock { $0 = .ended }
    let report = report(isComplete: isComplete)
    // A run that will be resumed has not ended.
    if checkpointing != nil && !isComplete { queue.abandon() } else { try queue.finish(report) }
    return report
  }

  /// Where the run stands; before it, where the checkpoint stands that it goes on from.
  public var progress: RunReport { report(isComplete: wasComplete) }

  /// Asks the run to end: reading stops, chunks in work are finished, fired panes are published.
  public func stop() { board.stop() }

  /// Asks the run to end for good: reading stops, and every window fires and closes, as at the end of
  /// the input.
  ///
  /// - Parameter positions: Up to where splits are to be read first, by name, and no others; positions
  ///   that ``run(onTick:onDrain:)`` told of. Without, reading stops at once.
  public func drain(at positions: [String: Int]? = nil) {
    isDraining.withLock { $0 = true }
    if let positions { board.stop(at: positions) } else { board.stop() }
  }

  private func fail(_ error: any Error) throws -> RunReport {
    board.stop()
    while activeCount.withLock({ $0 }) > 0 { waitForWorkers(0.02) }
    queue.abandon()
    throw error
  }

  /// Returns after `seconds`, or when a worker ends.
  private func waitForWorkers(_ seconds: Double) {
    ended.lock()
    defer { ended.unlock() }
    guard activeCount.withLock({ $0 }) > 0 else { return }
    _ = ended.wait(until: Date(timeIntervalSinceNow: seconds))
  }

  private func discoverSplits() throws {
    let known = Set(coordinator.withLock { $0.splits.map(\.name) })
    for name in try source.splits() where !known.contains(name) {
      let split = coordinator.withLock { coordinator in
        journal?.note(.addSplit(name))
        coordinator.addSplit(name, side: source.side(of: name))
        return coordinator.splits[coordinator.splits.count - 1]
      }
      board.add(split)
    }
  }

  private func start(_ worker: Worker) {
    let thread = Thread { [self] in
      do {
        try work(worker)
      } catch {
        failure.withLock { if $0 == nil { $0 = error } }
        board.stop()
      }
      ended.lock()
      activeCount.withLock { $0 -= 1 }
      ended.broadcast()
      ended.unlock()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  private func work(_ worker: Worker) throws {
    let buffer = PaddedBuffer(capacity: options.chunkBytes + (64 << 10))
    let share = options.spillShare
    var last: Int?
    while true {
      let lease = try board.next(into: buffer, targetBytes: options.chunkBytes, last: last) {
        collector.collect($0)
      }
      guard let lease else { return }
      defer { board.finish(lease) }
      last = lease.split
      let split = coordinator.withLock { $0.splits[lease.split].name }
      let now = pipeline.eventTime.futureSkew.limit == nil ? nil : Self.clock()
      let done = worker.process(lease, buffer, split: split, now: now) { own in
        prefixes.pass(
          split: lease.split, sequence: lease.sequence, own: own,
          isStopped: { failure.withLock { $0 != nil } })
      }
      guard let (report, letters) = done else { return }
      if let share { worker.spill(share) }
      memory?.note(worker.memoryUse, ofWorker: worker.number)
      if !letters.isEmpty { try queue.quarantine(letters) }
      board.noteProgress(split: lease.split, maximum: report.maximum)
      collector.collect(.report(report, at: Self.clock()))
      if let error = queue.error { throw error }
    }
  }

  func report(isComplete: Bool) -> RunReport {
    let panes = queue.publishedCount
    let delivery = queue.status
    var report = coordinator.withLock { coordinator in
      let open = coordinator.openWindowCounts
      var report = RunReport(
        splits: coordinator.splitStatus, watermark: coordinator.watermark,
        refused: coordinator.refused, openWindowCount: open.reduce(0, +),
        paneCount: panes, byteCount: coordinator.splits.reduce(0) { $0 + $1.offset },
        holder: coordinator.holder.map { coordinator.splits[$0].name }, isComplete: isComplete,
        refusedBySplit: coordinator.splits.map(\.refused))
      report.openWindowCounts = open
      return report
    }
    let isDraining = isDraining.withLock { $0 }
    report.isDrained = isComplete && isDraining
    report.phase = phase.withLock { $0 }
    if report.phase == .running && isDraining { report.phase = .draining }
    if report.phase == .running && board.hasStopped { report.phase = .stopping }
    report.delivery = delivery
    return report
  }

  private static func clock() -> Timestamp {
    Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
  }
}

extension Coordinator {
  var splitStatus: [SplitStatus] {
    splits.map { SplitStatus(name: $0.name, offset: $0.offset, ledger: $0.ledger) }
  }
}
