import Dataflow
import EventTime
import FileIOTesting
import Foundation
import Runtime
import Synchronization
import Testing

@testable import CommandLineTool

/// A followed directory: files grow and appear while the job runs.
@Suite struct FollowingRunTests {
  /// A run on a thread of its own, looked at from outside.
  private final class Following: Sendable {
    struct Timeout: Error {}

    let sink = CollectingSink()
    private let runner: Runner
    private let outcome = Mutex<Result<RunReport, any Error>?>(nil)
    private let latest = Mutex<RunReport?>(nil)

    init(_ directory: TemporaryDirectory, idleAfter: String? = nil) throws {
      let idle = idleAfter.map { ", idle_after: \($0)" } ?? ""
      let yaml = """
        job: follow
        source: { files: { paths: [\(directory.path)/in/*.jsonl], format: jsonl, follow: true } }
        schema: { at: timestamp_s, n: int }
        event_time: { column: at, max_out_of_orderness: 2s, late: drop\(idle) }
        windows: { fixed: 10s }
        aggregate: { values: { n: count(), total: sum(n) } }
        output: { snapshots: out }
        """
      let plan = try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
      runner = try Runner(
        plan.pipeline, source: plan.source, sink: sink, options: RunOptions(workers: 2))
      let thread = Thread { [self] in
        let result = Result<RunReport, any Error> {
          try runner.run { report in latest.withLock { $0 = report } }
        }
        outcome.withLock { $0 = result }
      }
      thread.stackSize = 8 << 20
      thread.start()
    }

    func waits(_ what: Comment, for condition: () -> Bool) throws {
      let deadline = Date(timeIntervalSinceNow: 20)
      while !condition() {
        guard Date() < deadline, outcome.withLock({ $0 == nil }) else {
          Issue.record(what)
          runner.stop()
          throw Timeout()
        }
        Thread.sleep(forTimeInterval: 0.002)
      }
    }

    var report: RunReport? { latest.withLock { $0 } }

    var readCount: Int { report?.total.read ?? 0 }

    /// `start timing` of the panes so far, in seconds.
    var panes: [String] {
      sink.contents.panes.map { "\($0.window.start.microseconds / 1_000_000) \($0.pane.timing)" }
    }

    func stop() throws -> RunReport {
      runner.stop()
      let deadline = Date(timeIntervalSinceNow: 20)
      while outcome.withLock({ $0 == nil }) {
        guard Date() < deadline else { throw Timeout() }
        Thread.sleep(forTimeInterval: 0.002)
      }
      return try outcome.withLock { try $0?.get() ?? { throw Timeout() }() }
    }
  }

  private func rows(_ times: Int...) -> String {
    times.map { "{\"at\": \($0), \"n\": 1}\n" }.joined()
  }

  private func append(_ text: String, to path: String) throws {
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  @Test func `windows fire as a file grows, and open ones are not published on stop`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("in/a.jsonl", rows(1, 2))
    let run = try Following(directory)
    try run.waits("the first rows") { run.readCount == 2 }
    #expect(run.panes == [])
    try append(rows(11) + "{\"at\": 1", to: path)
    try run.waits("the third row") { run.readCount == 3 }
    #expect(run.panes == [], "the watermark is at 9")
    try append("2, \"n\": 5}\n", to: path)
    try run.waits("the first window") { run.panes == ["0 onTime"] }
    try append(rows(3, 25), to: path)
    try run.waits("the second window") { run.panes == ["0 onTime", "10 onTime"] }
    let report = try run.stop()
    #expect(!report.isComplete && report.openWindowCount == 1)
    #expect(report.total.read == 6 && report.total.late == 1 && report.total.isBalanced)
    #expect(run.panes == ["0 onTime", "10 onTime"])
    #expect(run.sink.contents.report?.total == report.total)
  }

  @Test func `a file that appears is read, and judged by the watermark there is`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("in/a.jsonl", rows(1, 30))
    let run = try Following(directory)
    try run.waits("the first file") { run.panes == ["0 onTime"] }
    try directory.write("in/b.jsonl", rows(5, 29, 31))
    try run.waits("the second file") { run.readCount == 5 }
    let report = try run.stop()
    #expect(report.splits.map(\.ledger.late) == [0, 1], "0…10 s had closed at 28")
    #expect(report.splits.map(\.ledger.aggregated) == [2, 2])
    #expect(report.watermark == Timestamp(microseconds: 28_000_000))
  }

  @Test func `it may start with no file at all`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("in/none.txt", "")
    let run = try Following(directory)
    try directory.write("in/a.jsonl", rows(1, 15))
    try run.waits("the window of the file") { run.panes == ["0 onTime"] }
    let report = try run.stop()
    #expect(report.total.aggregated == 2)
  }

  @Test func `an idle file no longer holds the watermark`() throws {
    let directory = try TemporaryDirectory()
    let ahead = try directory.write("in/a.jsonl", rows(1, 40))
    let behind = try directory.write("in/b.jsonl", rows(5))
    let run = try Following(directory, idleAfter: "300ms")
    try run.waits("both files") { run.readCount == 3 }
    // It is the rows of the file that is not idle that move the watermark.
    var time = 41
    try run.waits("the window that the idle file held") {
      time += 1
      try? append(rows(time), to: ahead)
      return run.panes.first == "0 onTime"
    }
    let before = run.readCount
    try append(rows(6), to: behind)
    try run.waits("the late row") { run.readCount > before && run.report?.total.late == 1 }
    let report = try run.stop()
    #expect(report.splits.map(\.ledger.late) == [0, 1])
    #expect(report.total.isBalanced)
  }

  @Test func `without idle_after a quiet file holds the watermark`() throws {
    let directory = try TemporaryDirectory()
    let ahead = try directory.write("in/a.jsonl", rows(1, 40))
    try directory.write("in/b.jsonl", rows(5))
    let run = try Following(directory)
    try append(rows(50, 60), to: ahead)
    try run.waits("all rows") { run.readCount == 5 }
    try run.waits("the holder") { run.report?.holder == "\(directory.path)/in/b.jsonl" }
    #expect(run.panes == [])
    #expect(try run.stop().openWindowCount == 4)
  }

  @Test func `a stopped batch run says that it is not complete`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("in/a.jsonl", (0..<2000).map { rows($0) }.joined())
    let yaml = """
      job: stopped
      source: { files: { paths: [\(path)], format: jsonl } }
      schema: { at: timestamp_s, n: int }
      event_time: { column: at }
      windows: { fixed: 10s }
      aggregate: { values: { n: count() } }
      output: { snapshots: out }
      """
    let plan = try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
    let sink = CollectingSink()
    let runner = try Runner(
      plan.pipeline, source: plan.source, sink: sink,
      options: RunOptions(workers: 2, chunkBytes: 100))
    runner.stop()
    let report = try runner.run()
    #expect(!report.isComplete && report.total.read == 0 && sink.contents.panes.isEmpty)
  }
}
