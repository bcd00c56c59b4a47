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
  private let pipeline: Pipeline
  private let source: any Source
  private let options: RunOptions
  private let coordinator: Locked<Coordinator>
  private let board: LeaseBoard
  private let workers: [Worker]
  private let collector: PaneCollector
  private let queue: SinkQueue
  private let prefixes = PrefixMaxima()
  private let failure = Locked<(any Error)?>(nil)
  private let activeCount: Locked<Int>
  /// Signalled when a worker ends.
  private let ended = NSCondition()

  /// - Throws: What the source throws when its splits or decoders cannot be had.
  public init(
    _ pipeline: Pipeline, source: any Source, sink: any PaneSink, options: RunOptions
  ) throws {
    self.pipeline = pipeline
    self.source = source
    self.options = options
    coordinator = Locked(
      Coordinator(pipeline, isUnbounded: source.isUnbounded, now: Self.clock()))
    board = LeaseBoard(
      source: source, coordinator: coordinator, alignment: pipeline.eventTime.alignment)
    workers = try (0..<options.workers).map { _ in
      Worker(
        pipeline: pipeline, decoder: try source.makeDecoder(), batchRows: options.batchRows)
    }
    activeCount = Locked(options.workers)
    queue = SinkQueue(sink, capacity: options.maxQueuedPanes)
    collector = PaneCollector(
      stages: pipeline.stages, workers: workers, coordinator: coordinator,
      publish: { [queue] in queue.publish($0) })
    try discoverSplits()
  }

  /// Runs until the input ends, `stop` is called or something fails.
  ///
  /// - Parameter onTick: Called several times a second with the state so far.
  /// - Returns: What was done.
  /// - Throws: The first error of source or sink; what was published stays, nothing is half done.
  public func run(onTick: (RunReport) -> Void = { _ in }) throws -> RunReport {
    queue.start()
    for worker in workers { start(worker) }
    while activeCount.withLock({ $0 }) > 0 {
      waitForWorkers(0.02)
      collector.collect { $0.tick(Self.clock()) }
      if let error = failure.withLock({ $0 }) ?? queue.error { return try fail(error) }
      if source.isUnbounded { try discoverSplits() }
      onTick(report(isComplete: false))
    }
    if let error = failure.withLock({ $0 }) ?? queue.error { return try fail(error) }
    let isComplete = !board.hasStopped
    if isComplete { collector.collect { $0.endOfInput() } }
    try queue.drain()
    let report = report(isComplete: isComplete)
    try queue.finish(report)
    return report
  }

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
      coordinator.withLock { $0.addSplit(name) }
      board.add(name)
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
        step in collector.collect(step)
      }
      guard let lease else { return }
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
      collector.collect { $0.record(report, at: Self.clock()) }
      if let error = queue.error { throw error }
    }
  }

  private func report(isComplete: Bool) -> RunReport {
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
