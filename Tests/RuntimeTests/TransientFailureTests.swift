import Dataflow
import DataflowTesting
import EventTime
import FileIOTesting
import Foundation
import Runtime
import Synchronization
import Testing

@testable import CommandLineTool

/// A world in which every step fails now and then, and would succeed if it were tried again.
private final class UnsteadyWorld: TransactionalSink, CheckpointStore {
  struct Passing: TransientError { var isTransient: Bool { true } }

  private let world: RecoveringWorld
  private let generator: Mutex<SeededGenerator>
  let failureCount = Mutex(0)
  /// Of `finish`, which is handed the report.
  let lateFailureCount = Mutex(0)

  init(_ world: RecoveringWorld, seed: UInt64) {
    self.world = world
    generator = Mutex(SeededGenerator(seed: seed))
  }

  private func maybeFail() throws {
    guard generator.withLock({ Int.random(in: 0..<40, using: &$0) }) == 0 else { return }
    failureCount.withLock { $0 += 1 }
    throw Passing()
  }

  func publish(_ panes: [FiredPane]) throws { preconditionFailure("without a checkpoint") }
  func stage(_ panes: [FiredPane]) throws {
    try maybeFail()
    world.stage(panes)
  }
  func seal(_ splits: [SplitStatus]) throws -> [UInt8] {
    try maybeFail()
    return world.seal(splits)
  }
  func release() throws {
    try maybeFail()
    world.release()
  }
  func quarantine(_ letters: [DeadLetter]) throws {
    try maybeFail()
    world.quarantine(letters)
  }
  func finish(_ report: RunReport) throws {
    do {
      try maybeFail()
    } catch {
      lateFailureCount.withLock { $0 += 1 }
      throw error
    }
    world.finish(report)
  }
  func write(_ checkpoint: Checkpoint) throws {
    try maybeFail()
    try world.write(checkpoint)
  }
}

/// What fails for a while and is tried again changes nothing.
extension OneAnswerTests {
  @Test func `failures that pass change nothing`() throws {
    var failureCount = 0
    for index in 0..<6 {
      let seed = Self.seed &+ UInt64(1 << 26 + index)
      var generator = SeededGenerator(seed: seed)
      let job = RandomJob(isOrderly: index % 3 == 0, &generator)
      let directory = try TemporaryDirectory()
      let plan = try Self.plan(job, in: directory, "a")
      let world = RecoveringWorld()
      world.crash(after: .max, isWritten: false)
      world.restart()
      let unsteady = UnsteadyWorld(world, seed: seed)
      var options = RunOptions(workers: 2, batchRows: 17, chunkBytes: 500, maxQueuedBytes: 2000)
      options.retriesDelivery = true
      let runner = try Runner(
        plan.pipeline, source: plan.source, sink: unsteady, options: options,
        checkpointing: Checkpointing(store: unsteady, interval: 0))
      let report = try runner.run()
      let failures = unsteady.failureCount.withLock { $0 }
      let late = unsteady.lateFailureCount.withLock { $0 }
      #expect(report.delivery.retryCount == failures - late, "seed \(seed)")
      #expect(report.delivery.failure == nil && report.delivery.queuedByteCount == 0)
      #expect(report.delivery.queuedPaneCount == 0)
      #expect(
        report.delivery.paneCounts.reduce(0, +) == world.contents.panes.count, "seed \(seed)")
      failureCount += failures
      try check(EngineRun(plan, world.contents), job, NaiveFates(job), "seed \(seed)")
    }
    #expect(failureCount > 0)
  }

  @Test func `a failure that passes ends a run that does not wait for that`() throws {
    let directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: 3)
    let plan = try Self.plan(RandomJob(isOrderly: true, &generator), in: directory, "a")
    final class Full: PaneSink {
      func publish(_ panes: [FiredPane]) throws { throw UnsteadyWorld.Passing() }
      func quarantine(_ letters: [DeadLetter]) throws { throw UnsteadyWorld.Passing() }
      func finish(_ report: RunReport) throws { throw UnsteadyWorld.Passing() }
    }
    let runner = try Runner(
      plan.pipeline, source: plan.source, sink: Full(), options: RunOptions(workers: 1))
    #expect(throws: UnsteadyWorld.Passing.self) { try runner.run() }
  }
}
