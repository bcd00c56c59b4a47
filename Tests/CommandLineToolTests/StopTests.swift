import Checkpoints
import Dataflow
import FileIO
import FileIOTesting
import Foundation
import Formats
import Runtime
import Snapshots
import Testing

@testable import CommandLineTool

/// A followed job that is ended from outside.
@Suite struct StopTests {
  private static func lines(_ rows: Range<Int>) -> String {
    rows.map { row in
      let at = 1_788_220_800_000 + row * 10 - (row % 7 == 0 ? 900 : 0)
      return "{\"at\": \(at), \"company\": \"c\(row % 13)\", \"fare\": \(row % 40)}\n"
    }.joined()
  }

  /// A job over 4,000 rows and one that is broken: when that is a dead letter, all were read.
  private static func job(
    _ directory: TemporaryDirectory, every: String = "20ms", rows: Int = 4000
  ) throws -> String {
    try directory.write("in/a.jsonl", lines(0..<rows) + "broken\n")
    return try directory.write(
      "job.yaml",
      """
      job: stopped
      source: { files: { paths: [\(directory.path)/in/*.jsonl], format: jsonl, follow: true } }
      schema: { at: timestamp_ms, company: string, fare: int }
      event_time: { column: at, late: drop }
      windows:
        fixed: 5s
        allowed_lateness: 2s
        trigger: { after_watermark: { early: { after_count: 200 }, late: { after_count: 1 } } }
        accumulation: accumulating
      aggregate: { keys: [company], values: { n: count(), total: sum(fare) } }
      output: { snapshots: \(directory.path)/out }
      checkpoint: { directory: \(directory.path)/state, every: \(every) }

      """)
  }

  private static func start(
    _ directory: TemporaryDirectory, _ job: String, environment: [String: String] = [:]
  ) throws -> RunningLimno {
    let process = try Limno.start(["run", job, "--output", "json"], environment: environment)
    let letters = directory.path + "/out/dead_letters/dead_letters.jsonl"
    try #require(process.waits { ((try? FileSystem.size(of: letters)) ?? 0) > 0 })
    return process
  }

  private static func stop(
    _ directory: TemporaryDirectory, _ more: String...
  ) throws
    -> Limno.Outcome
  {
    try Limno.start(["stop", directory.path + "/state"] + more).outcome(within: 60)
  }

  /// The final results are those of a run over the same rows to their end.
  private static func expectFinals(
    _ directory: TemporaryDirectory, _ job: String, _ comment: Comment
  ) throws {
    let plain = directory.path + "/plain"
    try FileSystem.removeTree(plain)
    let replayed = try Limno.run("replay", job, "--out", plain)
    #expect(replayed.status == 0, "\(replayed)")
    let out = SnapshotStore(directory: directory.path + "/out")
    #expect(try out.verify().faults == [], comment)
    let diff = try Limno.run("snapshot", "diff", plain, out.directory)
    #expect(diff.status == 0, "\(comment): \(diff)")
  }

  @Test func `a stopped job goes on, and a drained one is over`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory)
    var process = try Self.start(directory, job)
    let stopped = try Self.stop(directory)
    #expect(stopped.status == 0 && stopped.output.hasPrefix("stopped; checkpoint "), "\(stopped)")
    #expect(try process.outcome(within: 30).status == 0)
    let idle = try Self.stop(directory)
    #expect(idle.status == 0 && idle.output.hasPrefix("no run is on"), "\(idle)")
    let missed = try Self.stop(directory, "--drain")
    #expect(missed.status == 1 && missed.errors.contains("no run is on"), "\(missed)")

    process = try Limno.start(["run", job, "--output", "json"])
    try directory.write("in/b.jsonl", Self.lines(4000..<5000))
    let catalog = CheckpointCatalog(path: directory.path + "/state")
    try #require(
      process.waits {
        let state = try? catalog.numbers().last.map { try catalog.read($0).checkpoint.state }
        return (try? state.map { try CheckpointSummary(state: $0).total.read }) ?? 0 == 5001
      })
    let drained = try Self.stop(directory, "--drain", "--output", "json")
    let json = try JSONValue(parsing: Array(drained.output.utf8))
    #expect(drained.status == 0 && json["is_drained"]?.bool == true, "\(drained)")
    #expect(json["rows"]?.integer == 5001 && json["open_windows"]?.integer == 0, "\(drained)")
    let outcome = try process.outcome(within: 30)
    #expect(outcome.status == 0 && outcome.output.contains("\"is_drained\":true"), "\(outcome)")
    try Self.expectFinals(directory, job, "drained")
    try expectOver(directory, job)
  }

  /// What a drained state says, and what becomes of it.
  private func expectOver(_ directory: TemporaryDirectory, _ job: String) throws {
    let list = try Limno.run("checkpoint", "list", directory.path + "/state")
    #expect(list.output.contains("the end by a drain"), "\(list)")
    let explained = try Limno.run("explain", directory.path + "/state")
    #expect(explained.output.contains("nothing: the run was drained"), "\(explained)")
    let log = try FileSystem.contents(of: directory.path + "/out/log.jsonl")
    #expect(String(decoding: log, as: UTF8.self).contains("\"is_drained\":true"))
    let replay = try Limno.run("replay", job, "--journal", "--out", directory.path + "/replayed")
    #expect(replay.status == 0, "\(replay)")
    let published = try SnapshotStore(directory: directory.path + "/out").entries()
    let replayed = try SnapshotStore(directory: directory.path + "/replayed").entries()
    #expect(published.map(\.path) == replayed.map(\.path))
    #expect(published.map(\.manifest.payloadDigest) == replayed.map(\.manifest.payloadDigest))
    try directory.write("in/c.jsonl", Self.lines(9000..<9100))
    let again = try Limno.run("run", job)
    #expect(again.status == 0 && again.output.contains("was drained"), "\(again)")
    let after = try FileSystem.contents(of: directory.path + "/out/log.jsonl")
    #expect(after == log, "nothing is read")
    let twice = try Self.stop(directory, "--drain")
    #expect(twice.status == 0 && twice.output.hasPrefix("was drained before"), "\(twice)")
  }

  /// There is one checkpoint before the drain, and all rows are read after it: what the next run does
  /// again is everything.
  @Test(
    arguments: [
      "write:57", "write:59", "write:61", "fsync:15", "fsync:20", "rename:4", "renamed:4",
      "publish:2", "log:2",
    ])
  func `a drain that a crash cuts short is finished by the next run`(fault: String) throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, every: "1h")
    let process = try Self.start(directory, job, environment: ["LIMNO_FAULT": fault])
    let cut = try Self.stop(directory, "--drain")
    let outcome = try process.outcome(within: 30)
    #expect(outcome.status == SIGKILL, "\(fault) was not reached: \(outcome)")
    let hasBegun = try StopRequest.read(in: directory.path + "/state")?.positions != nil
    #expect(hasBegun && cut.status == 1, "\(fault): \(cut)")
    let remedies = ["finishes the drain", "makes the rest of its last checkpoint visible"]
    #expect(remedies.contains { cut.errors.contains($0) }, "\(cut)")
    // Rows that come after the drain had begun are not part of it.
    try directory.write("in/b.jsonl", Self.lines(4000..<4100))
    let next = try Limno.run("run", job, "--output", "json")
    #expect(next.status == 0 && next.output.contains("\"is_drained\":true"), "\(next)")
    try FileSystem.removeTree(directory.path + "/in/b.jsonl")
    try Self.expectFinals(directory, job, "\(fault)")
    let published = try SnapshotStore(directory: directory.path + "/out").entries().map(\.path)
    #expect(Set(published).count == published.count)
    #expect(try StopRequest.read(in: directory.path + "/state") == nil)
  }

  @Test func `a damaged checkpoint of a drain is made again, and no row is read after it`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, every: "1h")
    let process = try Self.start(directory, job)
    #expect(try Self.stop(directory, "--drain").status == 0)
    #expect(try process.outcome(within: 30).status == 0)
    let log = try FileSystem.contents(of: directory.path + "/out/log.jsonl")
    let newest = try #require(
      try CheckpointCatalog(path: directory.path + "/state").numbers().last)
    let folder = "state/checkpoint-0000000\(newest)"
    try directory.write("\(folder)/state.lz4", [1, 2, 3])
    try directory.write("in/c.jsonl", Self.lines(9000..<9100))
    let next = try Limno.run("run", job, "--output", "json")
    #expect(next.status == 0 && next.output.contains("\"is_drained\":true"), "\(next)")
    #expect(try FileSystem.contents(of: directory.path + "/out/log.jsonl").starts(with: log))
    try FileSystem.removeTree(directory.path + "/in/c.jsonl")
    try Self.expectFinals(directory, job, "made again")
  }

  @Test func `what is no state directory is said so`() throws {
    let directory = try TemporaryDirectory()
    let outcome = try Limno.run("stop", directory.path)
    #expect(outcome.status == 1 && outcome.errors.contains("is not the state directory"))
  }

  @Test func `a run that cannot end in its grace time is ended by force`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory)
    let process = try Self.start(directory, job)
    // No time at all: it may or may not end by itself before it is noticed.
    let outcome = try Self.stop(directory, "--grace", "0s")
    let ended = try process.outcome(within: 30)
    #expect([0, 1].contains(outcome.status) && [0, 1].contains(ended.status))
    if ended.status == 1 { #expect(ended.errors.contains("did not end in 0.0 s"), "\(ended)") }
    let again = try Limno.start(["run", job, "--quiet"])
    try #require(
      again.waits { (try? StateDirectory.isOwned(directory.path + "/state")) ?? false })
    #expect(try Self.stop(directory).status == 0)
    #expect(try again.outcome(within: 30).status == 0)
  }

  @Test func `a request to a run that crashed is not for the next`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory)
    let state = directory.path + "/state"
    try Self.start(directory, job).crash()
    try StopRequest(id: "earlier", drains: false, graceSeconds: 0).write(in: state, attempt: "test")
    let next = try Limno.start(["run", job, "--quiet"])
    try #require(next.waits { (try? StateDirectory.isOwned(state)) ?? false })
    // It looks five times a second.
    Thread.sleep(forTimeInterval: 1)
    #expect(try StateDirectory.isOwned(state))
    #expect(try Self.stop(directory).status == 0)
    #expect(try next.outcome(within: 30).status == 0)
    #expect(try StopRequest.read(in: state) == nil)
  }
}
