import FileIO
import FileIOTesting
import Formats
import Foundation
import Snapshots
import Testing

@testable import CommandLineTool

/// Dead letters as users list and replay them.
@Suite struct DeadLetterTests {
  /// A job over rows of which every third has its time in another unit, one line that is not UTF-8 and
  /// one that is no JSON.
  private static func job(_ directory: TemporaryDirectory, at column: String) throws -> String {
    try directory.write(
      "job-\(column).yaml",
      """
      job: letters
      source: { files: { paths: [\(directory.path)/in/a.jsonl], format: jsonl } }
      schema: { at: timestamp_s, at_ms: timestamp_ms }
      event_time: { column: \(column), late: drop }
      windows: { fixed: 1h }
      aggregate: { values: { n: count() } }
      output: { snapshots: \(directory.path)/out }

      """)
  }

  private static func write(_ directory: TemporaryDirectory) throws {
    var bytes: [UInt8] = []
    for row in 0..<30 {
      let time =
        row.isMultiple(of: 3)
        ? "\"at_ms\": \((1_788_220_800 + row) * 1000)" : "\"at\": \(1_788_220_800 + row)"
      bytes += Array("{\(time), \"n\": \(row)}\n".utf8)
    }
    bytes += [0x7B, 0xFF, 0xFE, 0x7D, 0x0A]
    bytes += Array("not JSON\n".utf8)
    try directory.write("in/a.jsonl", bytes)
  }

  private static func listed(_ arguments: String...) throws -> [JSONValue] {
    let outcome = try Limno.start(["dlq", "list"] + arguments + ["--output", "json"])
      .outcome(within: 60)
    #expect(outcome.status == 0, "\(outcome)")
    return try outcome.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
  }

  @Test func `they are listed by reason, split and time, and replayed once each`() throws {
    let directory = try TemporaryDirectory()
    try Self.write(directory)
    #expect(try Limno.run("run", try Self.job(directory, at: "at"), "--quiet").status == 0)
    let out = directory.path + "/out"
    let all = try Self.listed(out)
    #expect(all.count == 12)
    #expect(all.count { $0["base64"]?.string == "e//+fQ==" } == 1)
    let timeless = try Self.listed(out, "--reason", "event time")
    #expect(timeless.count == 10)
    #expect(try Self.listed(out, "--split", "b.jsonl").isEmpty)
    let table = try Limno.run("dlq", "list", out, "--limit", "3")
    #expect(table.output.hasPrefix("12 records in "), "\(table)")
    #expect(table.output.contains("… and 9 more (--limit)"), "\(table)")

    let target = directory.path + "/again.jsonl"
    let replayed = try Limno.run("dlq", "replay", out, "--to", target, "--reason", "event time")
    #expect(
      replayed.status == 0 && replayed.output.hasPrefix("10 records written"), "\(replayed)")
    let lines = try FileSystem.contents(of: directory.path + "/in/a.jsonl").split(separator: 0x0A)
    let expected = stride(from: 0, to: 30, by: 3).reduce(into: [UInt8]()) {
      $0 += lines[$1] + [0x0A]
    }
    #expect(try FileSystem.contents(of: target) == expected, "the bytes, in order")
    let mended = try Self.job(directory, at: "at_ms")
    let run = try Limno.run(
      "replay", mended, "--from", target, "--out", directory.path + "/mended", "--output", "json")
    #expect(run.status == 0 && run.output.contains("\"aggregated\":10"), "\(run)")

    let second = try Limno.run("dlq", "replay", out, "--to", directory.path + "/rest.jsonl")
    #expect(second.output.hasPrefix("2 records written"), "\(second)")
    #expect(second.output.contains("10 had been replayed before"), "\(second)")
    let third = try Limno.run("dlq", "replay", out, "--to", directory.path + "/none.jsonl")
    #expect(third.status == 0 && third.output.hasPrefix("nothing to replay"), "\(third)")
    #expect(try FileSystem.kind(of: directory.path + "/none.jsonl") == nil)
    #expect(try Self.listed(out).allSatisfy { $0["is_replayed"]?.bool == true })
    let taken = try Limno.run("dlq", "replay", out, "--to", target, "--again")
    #expect(taken.status == 1 && taken.errors.contains("there is a file already"), "\(taken)")
  }

  /// Wherever it is cut: no record is lost, and none comes twice.
  @Test(arguments: ["write", "fsync", "rename", "renamed"], 1...5)
  func `a replay that is cut short neither loses nor doubles`(point: String, count: Int) throws {
    let directory = try TemporaryDirectory()
    try Self.write(directory)
    #expect(try Limno.run("run", try Self.job(directory, at: "at"), "--quiet").status == 0)
    let out = directory.path + "/out"
    let cut = try Limno.run(
      "dlq", "replay", out, "--to", directory.path + "/one.jsonl",
      environment: ["LIMNO_FAULT": "\(point):\(count)"])
    #expect(cut.status == 0 || cut.status == SIGKILL, "\(cut)")
    let next = try Limno.run("dlq", "replay", out, "--to", directory.path + "/two.jsonl")
    #expect(next.status == 0, "\(next)")
    var lines: [ArraySlice<UInt8>] = []
    for name in ["one.jsonl", "two.jsonl"] {
      let path = directory.path + "/" + name
      if try FileSystem.kind(of: path) != nil {
        lines += try FileSystem.contents(of: path).split(separator: 0x0A)
      }
    }
    #expect(lines.count == 12 && Set(lines).count == 12, "\(lines.count) records")
  }

  @Test func `a directory without them is said so`() throws {
    let directory = try TemporaryDirectory()
    let outcome = try Limno.run("dlq", "list", directory.path)
    #expect(outcome.status == 1 && outcome.errors.contains("no record was refused"), "\(outcome)")
  }
}
