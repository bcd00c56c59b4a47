import Checkpoints
import Dataflow
import EventTime
import FileIO
import FileIOTesting
import Formats
import Foundation
import Snapshots
import Testing

@testable import CommandLineTool

/// Rows transformed in the job that makes the versions.
@Suite struct ApplyTests {
  private static let epoch: Int64 = 1_788_220_800_000

  /// A row a second and a little disorder; windows of a minute.
  private static let rows: [(at: Int64, fare: Int)] = (0..<600).map { (row: Int) in
    let delay: Int64 = row % 7 == 3 ? 2500 : 0
    return (at: epoch + Int64(row) * 1000 - delay, fare: (row * row) % 101)
  }

  private static func job(
    _ directory: TemporaryDirectory, apply: String, windows: String = "fixed: 1m",
    accumulation: String = "accumulating", checkpoint: Bool = false
  ) throws -> String {
    let padding = String(repeating: "x", count: 2000)
    let lines = rows.map { #"{"at": \#($0.at), "fare": \#($0.fare), "pad": "\#(padding)"}"# + "\n" }
    let input = try directory.write("in/a.jsonl", lines.joined())
    return try directory.write(
      "job.yaml",
      """
      job: apply
      source: { files: { paths: [\(input)], format: jsonl } }
      schema: { at: timestamp_ms, fare: int }
      event_time: { column: at, late: drop, max_out_of_orderness: 1s }
      windows:
        \(windows)
        allowed_lateness: 5s
        trigger: { after_watermark: { early: { after_count: 20 }, late: { after_count: 1 } } }
        accumulation: \(accumulation)
      transform:
        outputs: { z: scale_to_z_score(fare), fare: fare, at: at }
        apply: \(apply)
      output: { snapshots: \(directory.path)/out, export: [] }
      \(checkpoint ? "checkpoint: { directory: \(directory.path)/state, every: 10ms }" : "")

      """)
  }

  private func applied(_ directory: String) throws -> [SnapshotStore.Entry] {
    try SnapshotStore(directory: directory).entries().filter { $0.manifest.kind == .transformed }
  }

  private func lines(_ entry: SnapshotStore.Entry, _ directory: String) throws -> [JSONValue] {
    let path = "\(directory)/\(entry.path)/rows.jsonl"
    return try FileSystem.contents(of: path).split(separator: 0x0A).map {
      try JSONValue(parsing: Array($0))
    }
  }

  @Test func `a window's rows get the result of the window before, each once`() throws {
    let directory = try TemporaryDirectory()
    let outcome = try Limno.run(
      "run", try Self.job(directory, apply: "{ version: latest, output: { format: jsonl } }"))
    try #require(outcome.status == 0, "\(outcome)")
    let out = directory.path + "/out"
    let panes = try applied(out)
    #expect(panes.count == 10)
    var total = 0
    for pane in panes {
      let start = pane.manifest.window.start.microseconds / 1000
      func fares(_ from: Int64) -> [Double] {
        Self.rows.filter { $0.at >= from && $0.at < from + 60_000 }.map { Double($0.fare) }
      }
      let before = fares(start - 60_000)
      guard !before.isEmpty else {
        #expect(pane.manifest.applied["version"] == "none")
        #expect(pane.manifest.applied["rows_left_out"] == String(fares(start).count))
        continue
      }
      let mean = before.reduce(0, +) / Double(before.count)
      let variance = before.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(before.count)
      let found = try lines(pane, out)
      total += found.count
      #expect(found.compactMap { $0["fare"]?.number }.sorted() == fares(start).sorted())
      // Without the Z, text sorts as time does.
      let times = found.compactMap { $0["at"]?.string?.dropLast() }
      #expect(times == times.sorted())
      for row in found {
        let fare = try #require(row["fare"]?.number)
        let expected = variance == 0 ? fare - mean : (fare - mean) / variance.squareRoot()
        #expect(try abs(#require(row["z"]?.number) - expected) < 1e-12 * max(1, abs(expected)))
        let digest = try #require(pane.manifest.applied["payload_sha256"])
        #expect(row["transform_version"]?.string == String(digest.prefix(16)))
      }
    }
    #expect(total > 500)
  }

  @Test func `the version a row is stamped with is the last one published of its window`() throws {
    let directory = try TemporaryDirectory()
    _ = try Limno.run(
      "run", try Self.job(directory, apply: "{ version: latest, output: { format: jsonl } }"))
    let store = SnapshotStore(directory: directory.path + "/out")
    let last = try store.lastPanes().filter { $0.manifest.kind == .transform }
    let digests = Dictionary(
      uniqueKeysWithValues: last.map { ($0.manifest.window.description, $0.manifest.payloadDigest) }
    )
    for pane in try applied(store.directory) {
      guard let window = pane.manifest.applied["window"] else { continue }
      #expect(pane.manifest.applied["payload_sha256"] == digests[window])
    }
    #expect(try store.verify().faults == [])
  }

  /// The same by a crash at every kind of moment.
  @Test(arguments: FaultPoint.allCases)
  func `a run killed at a fault point hands on every row once`(point: FaultPoint) throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(
      directory, apply: "{ version: latest, output: { format: csv } }", checkpoint: true)
    let plain = try Limno.run("replay", job, "--out", directory.path + "/plain")
    try #require(plain.status == 0, "\(plain)")
    for count in [1, 3, 5] {
      let outcome = try Limno.run(
        "run", job, "--quiet", environment: ["LIMNO_FAULT": "\(point.rawValue):\(count)"])
      if outcome.status == 0 { break }
    }
    let outcome = try Limno.run("run", job, "--quiet")
    #expect(outcome.status == 0, "\(outcome)")
    let found = try applied(directory.path + "/out")
    let expected = try applied(directory.path + "/plain")
    #expect(found.map(\.path) == expected.map(\.path))
    #expect(found.map(\.manifest.payloadDigest) == expected.map(\.manifest.payloadDigest))
  }

  @Test func `a version of an earlier run is for every row`() throws {
    let directory = try TemporaryDirectory()
    _ = try Limno.run(
      "run", try Self.job(directory, apply: "{ version: latest, output: { format: jsonl } }"))
    let second = try TemporaryDirectory()
    let apply = "{ version: 3, from: \(directory.path)/out, output: { format: jsonl } }"
    let outcome = try Limno.run("run", try Self.job(second, apply: apply))
    try #require(outcome.status == 0, "\(outcome)")
    let transformed = try Limno.run(
      "transform", "--graph", directory.path + "/out/transform/3", second.path + "/in/a.jsonl")
    let expected = transformed.output.split(separator: "\n").map { String($0.dropLast()) }.sorted()
    var found: [String] = []
    for pane in try applied(second.path + "/out") {
      let bytes = try FileSystem.contents(of: "\(second.path)/out/\(pane.path)/rows.jsonl")
      for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
        let stamp = try #require(line.range(of: ",\"transform_version\""))
        found.append(String(line[..<stamp.lowerBound]))
      }
    }
    #expect(found.sorted() == expected)
    #expect(found.count == 600)
  }

  @Test(arguments: [
    ("{ version: 3, output: { format: jsonl } }", "fixed: 1m", "accumulating", "'from'"),
    ("{ version: latest, output: { format: jsonl } }", "global: {}", "accumulating", "global"),
    ("{ version: latest, output: { format: jsonl } }", "fixed: 1m", "discarding", "accumulate"),
    ("{ version: newest, output: { format: jsonl } }", "fixed: 1m", "accumulating", "newest"),
    ("{ version: latest, output: { format: avro } }", "fixed: 1m", "accumulating", "tfrecord"),
    (
      "{ version: 1, from: nowhere, output: { format: csv } }", "fixed: 1m", "accumulating",
      "nowhere"
    ),
  ])
  func `what cannot be applied is refused`(
    apply: String, windows: String, accumulation: String, word: String
  ) throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, apply: apply, windows: windows, accumulation: accumulation)
    let outcome = try Limno.run("run", job)
    #expect(outcome.status == 2, "\(outcome)")
    #expect(outcome.errors.contains(word), "\(outcome.errors)")
  }
}

@Suite struct RowSampleTests {
  @Test(arguments: [0, 1, 9, 10, 11, 19, 20, 21, 1000, 1023])
  func `a sample holds enough rows, evenly apart`(count: Int) {
    var sample = RowSample<Int>(10)
    for row in 0..<count where sample.takesNext() { sample.add(row) }
    #expect(sample.rows.count >= min(count, 10) && sample.rows.count < 20)
    let steps = Set(zip(sample.rows, sample.rows.dropFirst()).map { $1 - $0 })
    #expect(steps.count <= 1, "\(sample.rows)")
  }
}
