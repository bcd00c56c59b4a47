import Dataflow
import DataflowTesting
import EventTime
import FileIOTesting
import Runtime
import Testing

@testable import CommandLineTool

/// A run that crashed, however often, gives the answer of one that did not.
extension OneAnswerTests {
  @Test(arguments: 0..<8)
  func `crashes between and in checkpoints change nothing`(part: Int) throws {
    var crashCount = 0
    for index in 0..<12 {
      let seed = Self.seed &+ UInt64(1 << 24 + part * 1000 + index)
      var generator = SeededGenerator(seed: seed)
      let job = RandomJob(isOrderly: index % 3 == 0, &generator)
      let directory = try TemporaryDirectory()
      let plan = try Self.plan(job, in: directory, "a")
      let world = RecoveringWorld()
      crashCount += try runThroughCrashes(plan, atMost: 5, world, &generator, "seed \(seed)")
      let contents = world.contents
      try check(EngineRun(plan, contents), job, NaiveFates(job), "seed \(seed)")
      let letters = Set(contents.letters.map { "\($0.split) \($0.offset)" })
      #expect(letters.count == contents.letters.count, "seed \(seed): a dead letter came twice")
      #expect(letters.count == contents.report?.total.quarantined, "seed \(seed)")
      #expect(contents.panes.count == contents.report?.paneCount, "seed \(seed)")
      let replayed = try replay(plan, world.frames)
      let isEqual =
        replayed.panes.map(RecoveringWorld.text) == contents.panes.map(RecoveringWorld.text)
      #expect(isEqual, "seed \(seed): the journal gives every pane again")
      #expect(replayed.report?.total == contents.report?.total, "seed \(seed)")
      #expect(replayed.report?.isComplete == true, "seed \(seed)")
    }
    #expect(crashCount > 0)
  }

  /// Runs to the end, with crashes and lost checkpoints on the way.
  ///
  /// - Returns: How many crashes.
  func runThroughCrashes(
    _ plan: JobPlan, atMost count: Int, _ world: RecoveringWorld,
    _ generator: inout SeededGenerator, _ place: Comment
  ) throws -> Int {
    var crashCount = 0
    for settings in Self.settings(count, &generator) {
      world.crash(
        after: Int.random(in: 0...2, using: &generator),
        isWritten: Bool.random(using: &generator))
      if try run(plan, settings, world) { break }
      crashCount += 1
      world.restart(isLosing: Bool.random(using: &generator))
    }
    world.crash(after: .max, isWritten: false)
    #expect(try run(plan, Self.settings(1, &generator)[0], world), place)
    #expect(world.differences == [], place)
    return crashCount
  }

  /// Whether the run came to its end.
  func run(
    _ plan: JobPlan, _ settings: EngineRun.Settings, _ world: RecoveringWorld
  ) throws -> Bool {
    world.restart()
    let runner = try Runner(
      plan.pipeline, source: plan.source, sink: world,
      options: RunOptions(
        workers: settings.workers, batchRows: settings.batchRows, chunkBytes: settings.chunkBytes),
      checkpointing: Checkpointing(store: world, interval: 0, resuming: world.saved))
    do {
      return try runner.run().isComplete
    } catch is RecoveringWorld.Crash {
      return false
    }
  }

  func replay(
    _ plan: JobPlan, _ frames: [[UInt8]]
  ) throws -> CollectingSink.Contents {
    let sink = CollectingSink()
    let runner = try Runner(
      plan.pipeline, source: plan.source, sink: sink, options: RunOptions(workers: 1))
    _ = try runner.replayRun(frames)
    return sink.contents
  }

  @Test func `a run that is stopped goes on where it was, and a complete one stays so`() throws {
    let directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: 7)
    var job = RandomJob(isOrderly: false, &generator)
    while job.files.joined().count < 50 { job = RandomJob(isOrderly: false, &generator) }
    let plan = try Self.plan(job, in: directory, "a")
    let world = RecoveringWorld()
    var runCount = 0
    while world.contents.report == nil {
      world.restart()
      let runner = try Runner(
        plan.pipeline, source: plan.source, sink: world,
        options: RunOptions(workers: 2, chunkBytes: 100),
        checkpointing: Checkpointing(store: world, interval: 10, resuming: world.saved))
      let before = runner.progress.total.read
      let report = try runner.run { if $0.total.read > before { runner.stop() } }
      #expect(report.total.read > before || report.isComplete)
      runCount += 1
      try #require(runCount < 200)
    }
    try check(EngineRun(plan, world.contents), job, NaiveFates(job), "\(runCount) runs")
    let count = world.checkpointCount
    world.restart()
    let again = try Runner(
      plan.pipeline, source: plan.source, sink: world, options: RunOptions(workers: 1),
      checkpointing: Checkpointing(store: world, resuming: world.saved))
    #expect(again.progress.isComplete)
    #expect(try again.run().isComplete)
    #expect(world.checkpointCount == count, "there was nothing to do")
  }
}
