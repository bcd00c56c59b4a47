import Dataflow
import DataflowTesting
import EventTime
import FileIOTesting
import Foundation
import Testing

@testable import CommandLineTool
@testable import Runtime

/// Followed files that grow in fits and starts, splits that fall idle and come back, processes that
/// end in the middle: the journal gives every pane again, and a plain replay every final result.
extension OneAnswerTests {
  /// `LIMNO_RUNS=500` for the whole number.
  static let runCount =
    ProcessInfo.processInfo.environment["LIMNO_RUNS"].flatMap { Int($0) } ?? 40

  @Test func `a run of fits and starts is replayed byte for byte`() throws {
    var plainCount = 0
    var restartCount = 0
    for index in 0..<Self.runCount {
      let seed = Self.seed &+ UInt64(1 << 28 + index)
      var generator = SeededGenerator(seed: seed)
      let job = RandomJob(isOrderly: index % 2 == 0, &generator)
      let directory = try TemporaryDirectory()
      let growing = try GrowingFiles(job, in: directory, &generator)
      let world = RecoveringWorld()
      world.crash(after: .max, isWritten: false)
      while try growing.grow(&generator) {
        try follow(growing.followed, world, &generator)
        restartCount += 1
      }
      #expect(try run(growing.bounded, Self.settings(1, &generator)[0], world), "seed \(seed)")
      #expect(world.differences == [], "seed \(seed)")
      let replayed = try replay(growing.bounded, world.frames)
      let isEqual =
        replayed.panes.map(RecoveringWorld.text) == world.contents.panes.map(RecoveringWorld.text)
      #expect(isEqual, "seed \(seed): the journal gives every pane again")
      #expect(replayed.report?.total == world.contents.report?.total, "seed \(seed)")
      if try Self.hasException(world.frames, job) { continue }
      plainCount += 1
      let plain = try EngineRun(growing.bounded, Self.settings(1, &generator)[0])
      let finals = try EngineRun(growing.bounded, world.contents).finals()
      let isSame = finals == (try plain.finals())
      #expect(isSame, "seed \(seed): the final results of a plain replay")
    }
    #expect(plainCount > 0 && restartCount > Self.runCount)
    print("\(Self.runCount) runs, \(restartCount) restarts, \(plainCount) without an exception")
  }

  /// Runs for a moment, long enough for what has ended to fall idle, or not.
  private func follow(
    _ plan: JobPlan, _ world: RecoveringWorld, _ generator: inout SeededGenerator
  ) throws {
    world.restart()
    let workers = Int.random(in: 1...8, using: &generator)
    let chunkBytes = [7, 300, 4096].randomElement(using: &generator) ?? 300
    let runner = try Runner(
      plan.pipeline, source: plan.source, sink: world,
      options: RunOptions(workers: workers, batchRows: 17, chunkBytes: chunkBytes),
      checkpointing: Checkpointing(store: world, interval: 0.01, resuming: world.saved))
    let end = Date(timeIntervalSinceNow: Double.random(in: 0.005...0.08, using: &generator))
    let report = try runner.run { _ in if Date() > end { runner.stop() } }
    #expect(!report.isComplete)
  }

  /// Whether a split came back, or appeared, behind the job's watermark.
  private static func hasException(_ frames: [[UInt8]], _ job: RandomJob) throws -> Bool {
    try frames.flatMap { try JournalRecord.all(in: $0) }.contains { record in
      guard case .chunk(let chunk) = record, chunk.watermarkFloor > .distantPast else {
        return false
      }
      return chunk.priorMaximum == .min
        || chunk.watermarkFloor.microseconds > chunk.priorMaximum - job.outOfOrderness * 1_000_000
    }
  }
}

/// The files of a job, written piece by piece.
private final class GrowingFiles {
  let followed: JobPlan
  let bounded: JobPlan
  private let paths: [String]
  private var rest: [[UInt8]]

  init(
    _ job: RandomJob, in directory: TemporaryDirectory, _ generator: inout SeededGenerator
  ) throws {
    rest = job.files.map { Array(job.text($0).utf8) }
    paths = try job.files.indices.map { try directory.write("\($0).\(job.format)", "") }
    let idle = Bool.random(using: &generator) ? "15ms" : "10s"
    let yaml = job.yaml(paths: paths)
      .replacing("late: drop }", with: "late: drop, idle_after: \(idle) }")
    let format = "format: \(job.format)"
    let follows = yaml.replacing("\(format) }", with: "\(format), follow: true }")
    bounded = try EngineRun.plan(yaml, at: try directory.write("bounded.yaml", yaml))
    followed = try EngineRun.plan(follows, at: try directory.write("followed.yaml", follows))
  }

  /// Writes some more of some files.
  ///
  /// - Returns: Whether there was something left to write.
  func grow(_ generator: inout SeededGenerator) throws -> Bool {
    guard rest.contains(where: { !$0.isEmpty }) else { return false }
    for (file, path) in paths.enumerated() where Int.random(in: 0..<3, using: &generator) > 0 {
      let count = min(rest[file].count, Int.random(in: 0...4000, using: &generator))
      let handle = try FileHandle(forWritingTo: URL(filePath: path))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(rest[file].prefix(count)))
      try handle.close()
      rest[file].removeFirst(count)
    }
    return true
  }
}
