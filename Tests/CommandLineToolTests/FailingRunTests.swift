import FileIO
import FileIOTesting
import Foundation
import Snapshots
import Testing

@testable import CommandLineTool

/// When the world is wrong: one clear line, exit 1, nothing half written.
@Suite struct FailingRunTests {
  static func job(
    _ directory: TemporaryDirectory, input: String? = nil, rows: Int = 200, extra: String = "",
    source: String = ""
  ) throws -> String {
    let input =
      try input
      ?? directory.write(
        "in.jsonl",
        (0..<rows).map {
          "{\"at\": \($0 * 1000), \"fare\": \($0 % 7), \"company\": \"c\($0 % 5)\"}\n"
        }
        .joined() + "not a row\n")
    return try directory.write(
      "job.yaml",
      """
      job: failing
      source: { files: { paths: [\(input)], format: jsonl\(source) } }
      schema: { at: timestamp_ms, fare: float, company: string }
      event_time: { column: at, late: drop }
      windows: { fixed: 10s }
      aggregate: { keys: [company], values: { n: count(), total: sum(fare) } }
      output: { snapshots: \(directory.path)/out }
      \(extra)
      """)
  }

  /// No file of an unfinished snapshot, and every snapshot there is whole.
  static func expectWhole(_ out: String, _ place: Comment) throws {
    let found = FileManager.default.enumerator(atPath: out)?.allObjects as? [String] ?? []
    #expect(!found.contains { $0.contains(".limno-staged-") }, place)
    let store = SnapshotStore(directory: out)
    guard try store.exists else { return }
    let faults = try store.verify().faults.filter { !$0.hasSuffix("not in log.jsonl") }
    #expect(faults == [], place)
  }

  @Test func `a run that succeeds, told apart from those that do not`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory)
    let first = try Limno.run("run", job, "--workers", "2")
    #expect(first.status == 0 && first.errors.isEmpty, "\(first)")
    #expect(first.output.contains("balanced"), "\(first)")
    try Self.expectWhole(directory.path + "/out", "a good run")
    #expect(try SnapshotStore(directory: directory.path + "/out").verify().faults == [])
    let letters = try FileSystem.contents(
      of: directory.path + "/out/dead_letters/dead_letters.jsonl")
    #expect(String(decoding: letters, as: UTF8.self).contains("not a row"))
    let before = directory.allFiles()
    let second = try Limno.run("run", job)
    #expect(second.status == 1 && second.errorLines.count == 1, "\(second)")
    #expect(second.errors.contains("earlier run") && second.errors.contains("--fresh --force"))
    #expect(directory.allFiles() == before, "the first run's snapshots stay")
    let third = try Limno.run("run", job, "--fresh", "--force", "--quiet")
    #expect(third.status == 0 && third.output.isEmpty && third.errors.isEmpty, "\(third)")
    #expect(directory.allFiles() == before)
    let verified = try Limno.run("snapshot", "verify", directory.path + "/out")
    #expect(verified.status == 0 && verified.output.contains("20 snapshots"), "\(verified)")
  }

  @Test func `a missing job file or input`() throws {
    let directory = try TemporaryDirectory()
    let missing = try Limno.run("run", directory.path + "/none.yaml")
    #expect(missing.status == 1 && missing.errorLines.count == 1, "\(missing)")
    #expect(missing.errors.contains("none.yaml"), "\(missing)")
    for name in ["/none.jsonl", "/none/*.jsonl"] {
      let outcome = try Limno.run("run", try Self.job(directory, input: directory.path + name))
      #expect(outcome.status == 1 && outcome.errorLines.count == 1, "\(outcome)")
      #expect(outcome.errors.contains(directory.path + name), "\(outcome)")
      #expect(directory.allFiles() == ["job.yaml"])
    }
  }

  @Test func `an input that is damaged`() throws {
    let directory = try TemporaryDirectory()
    let input = try directory.write("in.jsonl.gz", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 9, 9, 9])
    let outcome = try Limno.run("run", try Self.job(directory, input: input))
    #expect(outcome.status == 1 && outcome.errorLines.count == 1, "\(outcome)")
    #expect(outcome.errors.contains(input), "\(outcome)")
  }

  /// A file where a directory must be stops root too.
  @Test func `an output that cannot be written`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory)
    try directory.write("file", "x")
    for place in [directory.path + "/file", "/proc/limno"] {
      let outcome = try Limno.run("run", job, "--out", place + "/out")
      #expect(outcome.status == 1 && outcome.errorLines.count == 1, "\(outcome)")
      #expect(outcome.errors.contains(place), "\(outcome)")
    }
  }

  @Test func `dead letters that cannot be written`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, extra: "dead_letters: { path: /dev/full }")
    let outcome = try Limno.run("run", job)
    #expect(outcome.status == 1 && outcome.errorLines.count == 1, "\(outcome)")
    #expect(outcome.errors.contains("/dev/full"), "\(outcome)")
    try Self.expectWhole(directory.path + "/out", "/dev/full")
  }

  @Test func `a bad record that the job does not allow`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, extra: "dead_letters: { on_bad_record: fail }")
    let outcome = try Limno.run("run", job)
    #expect(outcome.status == 1 && outcome.errorLines.count == 1, "\(outcome)")
    #expect(outcome.errors.contains("in.jsonl, position "), "\(outcome)")
    try Self.expectWhole(directory.path + "/out", "fail")
  }

  private static func run(_ command: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Whether a file system of its own can be mounted here.
  static let canMount: Bool = {
    let path = NSTemporaryDirectory() + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    guard (try? run("mount", ["-t", "tmpfs", "-o", "size=64k", "limno-test", path])) == 0 else {
      return false
    }
    return (try? run("umount", [path])) == 0
  }()

  @Test(
    .enabled(if: canMount, "no right to mount a tmpfs here (root only)"),
    arguments: [16, 64, 128, 256])
  func `a disk that fills`(kibibytes: Int) throws {
    let directory = try TemporaryDirectory()
    let mount = directory.path + "/small"
    try FileSystem.makeDirectories(mount)
    let options = "size=\(kibibytes)k"
    try #require(try Self.run("mount", ["-t", "tmpfs", "-o", options, "limno-test", mount]) == 0)
    defer { _ = try? Self.run("umount", [mount]) }
    let outcome = try Limno.run("run", try Self.job(directory, rows: 3000), "--out", mount + "/out")
    #expect(outcome.status == 1 && outcome.errorLines.count == 1, "\(outcome)")
    #expect(
      outcome.errors.contains("No space left") || outcome.errors.contains("full"), "\(outcome)")
    try Self.expectWhole(mount + "/out", "\(kibibytes) KiB")
  }

  /// A run without end waits for room, says so, and loses nothing.
  @Test(.enabled(if: canMount, "no right to mount a tmpfs here (root only)"))
  func `a followed job waits for a full disk`() throws {
    let directory = try TemporaryDirectory()
    let mount = directory.path + "/small"
    try FileSystem.makeDirectories(mount)
    try #require(try Self.run("mount", ["-t", "tmpfs", "-o", "size=8m", "limno-test", mount]) == 0)
    defer { _ = try? Self.run("umount", [mount]) }
    let job = try Self.job(
      directory, rows: 3000, extra: "checkpoint: { directory: \(mount)/state, every: 20ms }",
      source: ", follow: true")
    // Before anything but the log and the state directory is written there is no room left.
    let ballast = mount + "/ballast"
    _ = try? Self.run(
      "dd", ["if=/dev/zero", "of=\(ballast)", "bs=4k", "count=2040", "status=none"])
    let out = mount + "/out"
    func start() throws -> RunningLimno {
      let process = try Limno.start(
        ["run", job, "--out", out, "--log", "json", "--grace", "500ms"])
      try #require(
        process.waits { process.errorsSoFar.contains("publishing fails and is tried again") },
        "\(process.errorsSoFar)")
      return process
    }
    let stuck = try start()
    kill(stuck.process.processIdentifier, SIGTERM)
    let forced = try stuck.outcome(within: 20)
    #expect(forced.status == 1 && forced.errors.contains("did not end in 0.5 s"), "\(forced)")
    let process = try start()
    try FileSystem.removeTree(ballast)
    try #require(process.waits { process.errorsSoFar.contains("publishing goes on") })
    let store = SnapshotStore(directory: out)
    let plain = try Limno.run("replay", job, "--out", directory.path + "/plain")
    #expect(plain.status == 0, "\(plain)")
    let expected = try SnapshotStore(directory: directory.path + "/plain").lastPanes().count - 1
    try #require(process.waits { (try? store.lastPanes().count) ?? 0 >= expected })
    let stopped = try Limno.run("stop", mount + "/state", "--drain")
    #expect(stopped.status == 0, "\(stopped)")
    #expect(try process.outcome(within: 20).status == 0)
    #expect(try store.verify().faults == [])
    let diff = try Limno.run("snapshot", "diff", directory.path + "/plain", out)
    #expect(diff.status == 0, "\(diff)")
  }
}
