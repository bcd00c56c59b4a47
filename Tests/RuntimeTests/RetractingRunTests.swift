import Dataflow
import DataflowTesting
import EventTime
import FileIO
import FileIOTesting
import Formats
import Foundation
import Runtime
import Snapshots
import Testing

@testable import CommandLineTool

/// A consumer that adds each pane's rows and subtracts those it takes back.
@Suite struct RetractingRunTests {
  private struct Sums: Equatable {
    var count: Int64 = 0
    var total: Int64 = 0
  }

  private static func add(
    _ lines: [UInt8], sign: Int64, to sums: inout [String: Sums]
  ) throws {
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      let row = try JSONValue(parsing: Array(line))
      let key = try #require(row["key"]?.string)
      sums[key, default: Sums()].count += sign * (row["n"]?.integer ?? 0)
      sums[key, default: Sums()].total += sign * (row["total"]?.integer ?? 0)
    }
  }

  /// What panes have added and not taken back, of all together.
  private static func net(of store: SnapshotStore, below out: String) throws -> [String: Sums] {
    var net: [String: Sums] = [:]
    for entry in try store.entries() {
      let path = "\(out)/\(entry.path)/"
      try add(FileSystem.contents(of: path + "rows.jsonl"), sign: 1, to: &net)
      for name in entry.manifest.retracted.keys {
        try add(FileSystem.contents(of: path + "retracted/" + name), sign: -1, to: &net)
      }
    }
    return net
  }

  /// Counts and sums by key of the rows `text`, none of them late; the directory of the snapshots.
  private static func run(
    _ text: String, _ windows: String, in directory: TemporaryDirectory
  ) throws -> String {
    let yaml = """
      job: retract
      source: { files: { paths: [\(try directory.write("in.jsonl", text))], format: jsonl } }
      schema: { at: timestamp_s, key: string, v: int }
      event_time: { column: at, max_out_of_orderness: 2s, late: drop }
      windows: \(windows)
      aggregate: { keys: [key], values: { n: count(), total: sum(v) } }
      output: { snapshots: out }
      """
    let plan = try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
    let out = directory.path + "/out"
    let runner = try Runner(
      plan.pipeline, source: plan.source,
      sink: try plan.makeSink(in: out, configurationDigest: ""),
      options: RunOptions(workers: 2, batchRows: 16, chunkBytes: 300))
    #expect(try runner.run().total.late == 0)
    return out
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a session takes back those that have become part of it`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let directory = try TemporaryDirectory()
    var expected: [String: Sums] = [:]
    var text = ""
    for index in 0..<400 {
      let at = max(0, index + Int.random(in: -40...0, using: &generator))
      let key = ["a", "b"][Int.random(in: 0..<2, using: &generator)]
      let value = Int64.random(in: -9...9, using: &generator)
      text += "{\"at\": \(at), \"key\": \"\(key)\", \"v\": \(value)}\n"
      expected[key, default: Sums()].count += 1
      expected[key, default: Sums()].total += value
    }
    let windows = """
      { sessions: { gap: 4s, key: [key] }, allowed_lateness: 100s,
        accumulation: retracting, trigger: {
          after_watermark: { early: { after_count: 3 }, late: { after_count: 1 } } } }
      """
    let out = try Self.run(text, windows, in: directory)
    let store = SnapshotStore(directory: out)
    #expect(try Self.net(of: store, below: out) == expected, "seed \(seed)")
    let entries = try store.entries()
    let manifests = Dictionary(uniqueKeysWithValues: entries.map { ($0.path, $0.manifest) })
    let merges = entries.filter { !$0.manifest.merged.isEmpty }
    #expect(merges.count > 5)
    for entry in merges {
      for path in entry.manifest.merged {
        let window = try #require(manifests[path]?.window)
        let name = "\(out)/\(entry.path)/retracted/\(window)/rows.jsonl"
        let rows = try FileSystem.contents(of: "\(out)/\(path)/rows.jsonl")
        #expect(try FileSystem.contents(of: name) == rows)
      }
    }
    #expect(try store.verify().faults == [])
    let changed = try #require(
      directory.allFiles().first { $0.contains(/retracted\/.*--/) })
    try Data("{}\n".utf8).write(to: URL(filePath: directory.path + "/" + changed))
    #expect(try store.verify().faults.count == 1)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `what panes add and take back sums to the rows of the window`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let directory = try TemporaryDirectory()
    // Window start → key → what the rows of the window sum to.
    var expected: [Int: [String: Sums]] = [:]
    var text = ""
    for index in 0..<400 {
      let at = max(0, index / 4 + Int.random(in: -6...6, using: &generator))
      let key = ["a", "b", "c"][Int.random(in: 0..<3, using: &generator)]
      let value = Int64.random(in: -9...9, using: &generator)
      text += "{\"at\": \(at), \"key\": \"\(key)\", \"v\": \(value)}\n"
      expected[at / 10 * 10, default: [:]][key, default: Sums()].count += 1
      expected[at / 10 * 10, default: [:]][key, default: Sums()].total += value
    }
    let windows = """
      { fixed: 10s, allowed_lateness: 60s, accumulation: retracting, trigger: {
        after_watermark: { early: { after_count: 5 }, late: { after_count: 1 } } } }
      """
    let out = try Self.run(text, windows, in: directory)
    var net: [Int: [String: Sums]] = [:]
    var replacements = 0
    let store = SnapshotStore(directory: out)
    for entry in try store.entries() {
      let start = Int(entry.manifest.window.start.microseconds / 1_000_000)
      let rows = try FileSystem.contents(of: "\(out)/\(entry.path)/rows.jsonl")
      try Self.add(rows, sign: 1, to: &net[start, default: [:]])
      guard let replaced = entry.manifest.supersedes else {
        #expect(entry.manifest.retracted.isEmpty && entry.manifest.pane.isFirst)
        continue
      }
      replacements += 1
      let taken = try FileSystem.contents(of: "\(out)/\(entry.path)/retracted/rows.jsonl")
      #expect(taken == (try FileSystem.contents(of: "\(out)/\(replaced)/rows.jsonl")))
      try Self.add(taken, sign: -1, to: &net[start, default: [:]])
    }
    #expect(net == expected, "seed \(seed)")
    #expect(replacements > 20)
    #expect(try store.verify().faults == [])
    // A retraction that was changed is noticed.
    let changed = try #require(directory.allFiles().first { $0.contains("retracted/") })
    try Data("{}\n".utf8).write(to: URL(filePath: directory.path + "/" + changed))
    #expect(try store.verify().faults.count == 1)
  }
}
