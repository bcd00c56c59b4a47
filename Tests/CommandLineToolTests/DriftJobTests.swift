import EventTime
import FileIO
import FileIOTesting
import Formats
import Testing

/// A watch for drift through the executable, against windows before and a training graph.
@Suite struct DriftJobTests {
  private struct Row {
    /// Milliseconds.
    var at: Int64
    var fare: Double
    var city: String
  }

  private static func job(
    _ directory: TemporaryDirectory, _ name: String, _ rows: [Row], windows: String,
    stage: String
  ) throws -> String {
    let text = rows.map {
      #"{"at": \#($0.at), "fare": \#($0.fare), "city": "\#($0.city)"}"# + "\n"
    }
    let input = try directory.write("\(name).jsonl", text.joined())
    return try directory.write(
      "\(name).yaml",
      """
      job: \(name)
      source: { files: { paths: [\(input)], format: jsonl } }
      schema: { at: timestamp_ms }
      event_time: { column: at, late: drop }
      windows: \(windows)
      \(stage)
      output: { snapshots: \(directory.path)/\(name) }
      """)
  }

  /// The lines of `drift.jsonl` of each window.
  private static func panes(_ out: String) throws -> [(window: Window, lines: [JSONValue])] {
    try FileSystem.names(in: out).sorted().map { name in
      let bytes = try FileSystem.contents(of: "\(out)/\(name)/0000/drift.jsonl")
      let manifest = try JSONValue(
        parsing: try FileSystem.contents(of: "\(out)/\(name)/0000/manifest.json"))
      let ends = try ["start_us", "end_us"].map {
        Timestamp(microseconds: try #require(manifest["window"]?[$0]?.integer))
      }
      return (
        Window(start: ends[0], end: ends[1]),
        try bytes.split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
      )
    }
  }

  private static func random(_ count: Int, every step: Int64, from start: Int64 = 0) -> [Row] {
    (0..<Int64(count)).map { index in
      let mixed = (index * 7919) % 4001
      return Row(at: start + index * step, fare: Double(mixed) / 10, city: "c\(mixed % 7)")
    }
  }

  @Test(arguments: [(10, 5), (10, 10), (6, 4)])
  func `a sliding window is held against the last one that ended before it`(
    size: Int, period: Int
  ) throws {
    let directory = try TemporaryDirectory()
    let rows = Self.random(1200, every: 50)
    let job = try Self.job(
      directory, "slid", rows, windows: "{ sliding: { size: \(size)s, every: \(period)s } }",
      stage: "drift: { features: [fare, city] }")
    let run = try Limno.run("run", job, "--quiet", "--workers", "2")
    #expect(run.status == 0, "\(run)")
    let panes = try Self.panes(directory.path + "/slid/drift")
    #expect(panes.count > 60 / period)
    for (window, lines) in panes {
      func count(from start: Int64) -> Int64 {
        let end = start + Int64(size) * 1000
        return Int64(rows.count { start <= $0.at && $0.at < end })
      }
      let start = window.end.microseconds / 1000 - Int64(size) * 1000
      // The latest start, a whole number of periods earlier, of a window that has ended by then.
      let lag = Int64((1...9).first { $0 * period >= size } ?? 0) * Int64(period) * 1000
      for line in lines {
        #expect(line["rows"]?.integer == count(from: start), "\(window)")
        #expect(line["reference_rows"]?.integer == count(from: start - lag), "\(window)")
      }
    }
  }

  /// 2026-03-29 has 23 hours in Berlin, 2026-10-25 has 25.
  @Test(
    arguments: [
      ("2026-03-27T00:00:00Z", [24, 23, 24, 24]), ("2026-10-23T00:00:00Z", [24, 25, 24, 24]),
    ])
  func `a day is held against the day before, whatever clocks do`(
    start: String, hours: [Int64]
  ) throws {
    let directory = try TemporaryDirectory()
    let first = try #require(Timestamp(rfc3339: start)).microseconds / 1000
    let rows = Self.random(6 * 24 * 4, every: 900_000, from: first)
    let job = try Self.job(
      directory, "days", rows, windows: "{ calendar: { days: 1, time_zone: Europe/Berlin } }",
      stage: "drift: { features: [fare] }")
    let run = try Limno.run("run", job, "--quiet", "--workers", "3", "--batch-rows", "7")
    #expect(run.status == 0, "\(run)")
    let panes = try Self.panes(directory.path + "/days/drift")
    // The first day is not there in full, and the first pane compares it with nothing.
    for (index, (one, two)) in zip(hours.dropFirst(), hours).enumerated() {
      let line = try #require(panes[index + 2].lines.first)
      #expect(line["rows"]?.integer == 4 * one, "\(panes[index + 2].window)")
      #expect(line["reference_rows"]?.integer == 4 * two, "\(panes[index + 2].window)")
    }
  }

  @Test func `drift from the rows that a published transform was made of`() throws {
    let directory = try TemporaryDirectory()
    let training = try Self.job(
      directory, "training", Self.random(4000, every: 10), windows: "{ global: {} }",
      stage: """
        transform:
          outputs:
            bucket: bucketize(fare, 10)
            city: compute_and_apply_vocabulary(city, top_k=5, store_frequency=true)
        """)
    #expect(try Limno.run("run", training, "--quiet").status == 0)
    let version = directory.path + "/training/transform/1"
    var rows = Self.random(4000, every: 10)
    // In the last 10 s of 40 fares are higher, and one city has taken the place of another.
    for index in 3000..<4000 {
      rows[index].fare += 60
      if rows[index].city == "c1" { rows[index].city = "c2" }
    }
    let job = try Self.job(
      directory, "serving", rows, windows: "{ fixed: 10s }",
      stage: "drift: { features: [fare, city], gate: true, reference: { transform: \(version) } }")
    let run = try Limno.run("run", job, "--gate", "--quiet")
    #expect(run.status == 3, "\(run)")
    let panes = try Self.panes(directory.path + "/serving/drift")
    #expect(
      panes.map { $0.lines.map { $0["alarm"]?.bool } } == [
        [false, false], [false, false], [false, false], [true, true],
      ])
    for line in panes.flatMap(\.lines) {
      #expect(line["test"]?.string == "chi_squared" && line["reference_rows"]?.integer == 4000)
      #expect(line["statistics"]?["js"]?["value"]?.number != nil)
    }
    let missing = try Self.job(
      directory, "missing", rows, windows: "{ fixed: 10s }",
      stage: "drift: { features: [fare], reference: { transform: \(version)0 } }")
    let refused = try Limno.run("run", missing, "--quiet")
    #expect(refused.status == 2 && refused.errors.contains("graph.json"), "\(refused)")
  }
}
