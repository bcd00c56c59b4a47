import Checkpoints
import EventTime
import FileIO
import FileIOTesting
import Foundation
import Snapshots
import Testing

@testable import CommandLineTool

/// Runs with checkpoints, as users run them.
@Suite struct RecoveryTests {
  private static func job(
    _ directory: TemporaryDirectory, rows: Int, windows: String = "fixed: 5s", source: String = ""
  ) throws -> String {
    // Long lines: a run of many chunks with few rows.
    let padding = String(repeating: "x", count: 250)
    let lines = (0..<rows).map { row in
      let at = 1_788_220_800_000 + row * 10 - (row % 7 == 0 ? 900 : 0)
      return "{\"at\": \(at), \"company\": \"c\(row % 13)\", \"fare\": \(row % 40), "
        + "\"pad\": \"\(padding)\"}\n"
    }
    let input = try directory.write("in/a.jsonl", lines.joined())
    return try directory.write(
      "job.yaml",
      """
      job: recovery
      source: { files: { paths: [\(input)], format: jsonl\(source) } }
      schema: { at: timestamp_ms, company: string, fare: int }
      event_time: { column: at, late: drop }
      windows:
        \(windows)
        allowed_lateness: 2s
        trigger: { after_watermark: { early: { after_count: 200 }, late: { after_count: 1 } } }
        accumulation: accumulating
      aggregate: { keys: [company], values: { n: count(), total: sum(fare) } }
      output: { snapshots: \(directory.path)/out }
      checkpoint: { directory: \(directory.path)/state, every: 10ms }

      """)
  }

  private static func expectSame(_ directory: TemporaryDirectory, _ comment: Comment) throws {
    let out = SnapshotStore(directory: directory.path + "/out")
    #expect(try out.verify().faults == [], comment)
    let diff = try Limno.run("snapshot", "diff", directory.path + "/plain", out.directory)
    #expect(diff.status == 0, "\(comment): \(diff)")
  }

  private static func runPlain(_ directory: TemporaryDirectory, _ job: String) throws {
    let outcome = try Limno.run("replay", job, "--out", directory.path + "/plain")
    try #require(outcome.status == 0, "\(outcome)")
  }

  @Test func `a run that is stopped exits 0 and goes on, and its journal gives every pane`() throws
  {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, rows: 20_000)
    try Self.runPlain(directory, job)
    let process = try Limno.start(["run", job, "--workers", "2", "--output", "json"])
    let log = directory.path + "/out/log.jsonl"
    try #require(process.waits { ((try? FileSystem.size(of: log)) ?? 0) > 0 })
    kill(process.process.processIdentifier, SIGTERM)
    let stopped = try process.outcome(within: 60)
    #expect(stopped.status == 0 && stopped.output.contains("\"is_complete\":false"), "\(stopped)")
    let outcome = try Limno.run("run", job, "--workers", "3")
    #expect(outcome.status == 0 && outcome.output.hasPrefix("going on after"), "\(outcome)")
    try Self.expectSame(directory, "after the stop")
    let again = try Limno.run("run", job)
    #expect(again.status == 0 && again.output.contains("nothing is left to do"), "\(again)")
    let replay = try Limno.run("replay", job, "--journal", "--out", directory.path + "/replayed")
    #expect(replay.status == 0, "\(replay)")
    let published = try SnapshotStore(directory: directory.path + "/out").entries()
    let replayed = try SnapshotStore(directory: directory.path + "/replayed").entries()
    #expect(published.map(\.path) == replayed.map(\.path))
    #expect(
      published.map(\.manifest.payloadDigest) == replayed.map(\.manifest.payloadDigest),
      "every pane, early and late ones too")
    #expect(published.contains { $0.manifest.pane.timing == .early })
    #expect(published.contains { $0.manifest.pane.timing == .late })
  }

  /// The faults of `ops/faults`, once each; those of transactions need a broker.
  @Test(arguments: FaultPoint.ofDirectories)
  func `a run killed at a fault point gives the same answer`(point: FaultPoint) throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, rows: 8000)
    try Self.runPlain(directory, job)
    var killCount = 0
    for count in [1, 4, 9] {
      let outcome = try Limno.run(
        "run", job, "--quiet", environment: ["LIMNO_FAULT": "\(point.rawValue):\(count)"])
      if outcome.status == 0 { break }
      #expect(outcome.status == SIGKILL, "\(outcome)")
      killCount += 1
    }
    #expect(killCount > 0)
    let outcome = try Limno.run("run", job, "--quiet")
    #expect(outcome.status == 0, "\(outcome)")
    try Self.expectSame(directory, "\(point)")
  }

  /// What it let out is visible, and early and late panes hang on how rows arrived.
  @Test func `a damaged checkpoint is reported, and the one before gives the same answer`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, rows: 20_000)
    try Self.runPlain(directory, job)
    let process = try Limno.start(["run", job, "--workers", "2", "--quiet"])
    let catalog = CheckpointCatalog(path: directory.path + "/state")
    try #require(process.waits { ((try? catalog.numbers().last) ?? 0) >= 3 })
    kill(process.process.processIdentifier, SIGKILL)
    _ = try process.outcome(within: 60)
    let newest = try #require(try catalog.numbers().last)
    let name = String(newest)
    let folder = "state/checkpoint-" + String(repeating: "0", count: 8 - name.count) + name
    var bytes = try FileSystem.contents(of: "\(directory.path)/\(folder)/state.lz4")
    bytes[bytes.count / 2] ^= 1
    try directory.write("\(folder)/state.lz4", bytes)
    let verify = try Limno.run("checkpoint", "verify", catalog.path)
    #expect(verify.status == 1 && verify.output.contains("\(folder)/state.lz4"), "\(verify)")
    let outcome = try Limno.run("run", job, "--quiet")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.errors.contains("warning: ") && outcome.errors.contains("is put aside"))
    try Self.expectSame(directory, "with checkpoint \(newest) damaged")
  }

  @Test func `what there is, is not started over, and another job does not go on`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, rows: 2000)
    #expect(try Limno.run("run", job, "--quiet").status == 0)
    let fresh = try Limno.run("run", job, "--fresh")
    #expect(fresh.status == 1 && fresh.errors.contains("confirm with --force"), "\(fresh)")
    let changed = try Self.job(directory, rows: 2000, windows: "fixed: 7s")
    let refused = try Limno.run("run", changed)
    #expect(refused.status == 1 && refused.errors.contains("'windows' has changed"), "\(refused)")
    #expect(try Limno.run("run", changed, "--fresh", "--force", "--quiet").status == 0)
    try Self.runPlain(directory, changed)
    try Self.expectSame(directory, "started over")
  }

  @Test func `an earlier checkpoint can be gone on from`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, rows: 20_000)
    try Self.runPlain(directory, job)
    #expect(try Limno.run("run", job, "--quiet").status == 0)
    let catalog = CheckpointCatalog(path: directory.path + "/state")
    let oldest = try #require(try catalog.numbers().first)
    let list = try Limno.run("checkpoint", "list", catalog.path)
    #expect(list.status == 0 && list.output.contains("the end"), "\(list)")
    let shown = try Limno.run("checkpoint", "inspect", catalog.path, "\(oldest)")
    #expect(shown.status == 0 && shown.output.contains("job 'recovery'"), "\(shown)")
    let outcome = try Limno.run("run", job, "--quiet", "--from-checkpoint", "\(oldest)")
    #expect(outcome.status == 0, "\(outcome)")
    try Self.expectSame(directory, "from checkpoint \(oldest)")
    let missing = try Limno.run("run", job, "--from-checkpoint", "999")
    #expect(missing.status == 1 && missing.errors.contains("holds no checkpoint 999"), "\(missing)")
  }

  @Test func `a followed job goes on with what came while it was down`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, rows: 3000, source: ", follow: true")
    let log = directory.path + "/out/log.jsonl"
    for extra in [3000, 6000] {
      let process = try Limno.start(["run", job, "--quiet"])
      let before = (try? FileSystem.size(of: log)) ?? 0
      try #require(process.waits { ((try? FileSystem.size(of: log)) ?? 0) > before })
      kill(process.process.processIdentifier, extra == 3000 ? SIGKILL : SIGTERM)
      let outcome = try process.outcome(within: 30)
      #expect(extra == 3000 || outcome.status == 0, "\(outcome)")
      // The same file, longer.
      _ = try Self.job(directory, rows: 3000 + extra, source: ", follow: true")
    }
    let process = try Limno.start(["run", job, "--quiet"])
    let out = SnapshotStore(directory: directory.path + "/out")
    // The last window that the watermark passes.
    let last = "2026-09-01T00:01:20Z--2026-09-01T00:01:25Z"
    try #require(
      process.waits { ((try? out.entries()) ?? []).contains { $0.path.contains(last) } })
    kill(process.process.processIdentifier, SIGTERM)
    #expect(try process.outcome(within: 30).status == 0)
    try Self.runPlain(directory, job)
    #expect(try out.verify().faults == [])
    let expected = try SnapshotStore(directory: directory.path + "/plain").lastPanes()
    let digests = Dictionary(
      uniqueKeysWithValues: expected.map { ($0.manifest.window, $0.manifest.payloadDigest) })
    let found = try out.lastPanes()
    #expect(found.count >= 17)
    for entry in found where entry.manifest.pane.isLast {
      #expect(entry.manifest.payloadDigest == digests[entry.manifest.window], "\(entry.path)")
    }
  }
}
