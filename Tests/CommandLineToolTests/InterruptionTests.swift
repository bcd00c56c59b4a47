import FileIO
import FileIOTesting
import Foundation
import Snapshots
import Testing

@testable import CommandLineTool

@Suite struct InterruptionTests {
  private static func firstSnapshot(_ out: String) -> Bool {
    let log = (try? FileSystem.contents(of: out + "/log.jsonl")) ?? []
    return log.contains(UInt8(ascii: "\n"))
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a run that is interrupted leaves whole snapshots, books and 130`(signal: Int32) throws {
    let directory = try TemporaryDirectory()
    // Long enough that the first snapshot is seen long before the end.
    let job = try FailingRunTests.job(directory, rows: 400_000)
    let out = directory.path + "/out"
    let process = try Limno.start(["run", job, "--workers", "1", "--output", "json"])
    try #require(process.waits { Self.firstSnapshot(out) }, "no snapshot in time")
    kill(process.process.processIdentifier, signal)
    let outcome = try process.outcome(within: 60)
    #expect(outcome.status == 130 && outcome.errors.isEmpty, "\(outcome)")
    #expect(outcome.output.contains("\"is_complete\":false"), "\(outcome)")
    try FailingRunTests.expectWhole(out, "signal \(signal)")
    let result = try SnapshotStore(directory: out).verify()
    #expect(result.faults == [] && result.snapshotCount > 0)
    let log = String(decoding: try FileSystem.contents(of: out + "/log.jsonl"), as: UTF8.self)
    #expect(log.split(separator: "\n").last?.contains("\"kind\":\"end\"") == true)
  }

  @Test func `a killed run leaves whole snapshots, and what is staged goes with the next`() throws {
    let directory = try TemporaryDirectory()
    let job = try FailingRunTests.job(directory, rows: 400_000)
    let out = directory.path + "/out"
    let process = try Limno.start(["run", job, "--workers", "1", "--quiet"])
    try #require(process.waits { Self.firstSnapshot(out) }, "no snapshot in time")
    kill(process.process.processIdentifier, SIGKILL)
    _ = try process.outcome(within: 60)
    let store = SnapshotStore(directory: out)
    // A snapshot may be visible whose line was not written yet, and nothing else may be amiss.
    let faults = try store.verify().faults.filter { !$0.hasSuffix("not in log.jsonl") }
    #expect(faults == [])
    let small = try FailingRunTests.job(directory, rows: 100)
    #expect(try Limno.run("run", small, "--fresh", "--force", "--quiet").status == 0)
    try FailingRunTests.expectWhole(out, "after the next run")
    #expect(try store.verify().faults == [])
  }

  @Test func `a followed job that is interrupted has done what it was asked`() throws {
    let directory = try TemporaryDirectory()
    let job = try FailingRunTests.job(directory, source: ", follow: true")
    let out = directory.path + "/out"
    let process = try Limno.start(["run", job, "--quiet"])
    try #require(process.waits { Self.firstSnapshot(out) }, "no snapshot in time")
    kill(process.process.processIdentifier, SIGINT)
    let outcome = try process.outcome(within: 30)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    #expect(try SnapshotStore(directory: out).verify().faults == [])
  }
}
