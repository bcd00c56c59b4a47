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

  public init(
    workers: Int, batchRows: Int = 2048, chunkBytes: Int = 256 << 10, maxQueuedPanes: Int = 16
  ) {
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
  let coordinator: Locked<Coordinator>
  let board: LeaseBoard
  private let workers: [Worker]
  let collector: PaneCollector
  let queue: SinkQueue
  let journal: RunJournal?
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
    self.options = options
    self.checkpointing = checkpointing
    let saved = try checkpointing?.resuming.map {
      (state: try RunState($0.state, stageCount: pipeline.stages.count), parts: $0.parts)
    }
    wasComplete = saved?.state.isComplete ?? false
    coordinator = Locked(
      saved.map { Coordinator(pipeline, restoring: $0.state.coordinator) }
        ?? Coordinator(pipeline))
    let journal = checkpointing.map { _ in RunJournal() }
    self.journal = journal
    board = LeaseBoard(
      source: source, coordinator: coordinator, journal: journal,
      alignment: pipeline.eventTime.alignment)
    workers = try (0..<options.workers).map { number in
      Worker(
        number, pipeline: pipeline, decoder: try source.makeDecoder(),
        batchRows: options.batchRows, journal: journal)
    }
    activeCount = Locked(0)
    queue = SinkQueue(
      outlet, capacity: options.maxQueuedPanes, published: saved?.state.paneCount ?? 0)
    collector = PaneCollector(
      stages: pipeline.stages, workers: workers, coordinator: coordinator, journal: journal,
      held: try saved.map { try $0.state.held($0.parts, stages: pipeline.stages) },
      publish: { [queue] in queue.publish($0) })
  }

  /// Runs until the input ends, `stop` is called or something fails.
  ///
  /// - Parameter onTick: Called several times a second with the state so far.
  /// - Returns: What was done.
  /// - Throws: The first error of source or sink; what was published stays, nothing is half done.
  public func run(onTick: (RunReport) -> Void = { _ in }) throws -> RunReport {
    queue.start()
    if wasComplete { return try end(isComplete: true) }
    do {
      try begin()
    } catch {
      return try fail(error)
    }
    activeCount.withLock { $0 = workers.count }
    for worker in workers { start(worker) }
    var checkpointTime = Date()
    let tick = min(0.02, checkpointing?.interval ?? 0.02)
    while activeCount.withLock({ $0 }) > 0 {
      waitForWorkers(tick)
      collector.collect(.tick(Self.clock()))
      if let error = failure.withLock({ $0 }) ?? queue.error { return try fail(error) }
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
    let isComplete = !board.hasStopped
    if isComplete { collector.collect(.endOfInput) }
    if checkpointing != nil { checkpoint(isComplete: isComplete) }
    return try end(isComplete: isComplete)
  }

  /// Brings the run to where reading starts.
  private func begin() throws {
    if let saved = checkpointing?.resuming { try replay(saved.journal) }
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
    let report = report(isComplete: isComplete)
    // A run that will be resumed has not ended.
    if checkpointing != nil && !isComplete { queue.abandon() } else { try queue.finish(report) }
    return report
  }

  /// Where the run stands; before it, where the checkpoint stands that it goes on from.
  public var progress: RunReport { report(isComplete: wasComplete) }

  /// Asks the run to end: reading stops, chunks in work are finished, fired panes are published.
  public func stop() { board.stop() }

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
        coordinator.addSplit(name)
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
      if !letters.isEmpty { try queue.quarantine(letters) }
      board.noteProgress(split: lease.split, maximum: report.maximum)
      collector.collect(.report(report, at: Self.clock()))
      if let error = queue.error { throw error }
    }
  }

  func report(isComplete: Bool) -> RunReport {
    let panes = queue.publishedCount
    return coordinator.withLock { coordinator in
      RunReport(
        splits: coordinator.splitStatus, watermark: coordinator.watermark,
        refused: coordinator.refused, openWindowCount: coordinator.openWindowCount,
        paneCount: panes, byteCount: coordinator.splits.reduce(0) { $0 + $1.offset },
        holder: coordinator.holder.map { coordinator.splits[$0].name }, isComplete: isComplete,
        refusedBySplit: coordinator.splits.map(\.refused))
    }
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
