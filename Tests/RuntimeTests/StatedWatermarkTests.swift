import Dataflow
import DataflowTesting
import EventTime
import FileIOTesting
import Testing

@testable import CommandLineTool

/// `event_time.watermark`: rows that say how far their source has come, and estimators by name.
@Suite struct StatedWatermarkTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var watermark: String
    /// The watermark after rows that reach up to a second; by the definition.
    var estimate: @Sendable (Int64) -> Int64
    var isStated: Bool
    var testDescription: String { watermark }
  }

  private struct Row {
    var time: Int64
    var reached: Int64?
  }

  static let cases = [
    Case(watermark: "{ column: reached }", estimate: { $0 }, isStated: true),
    Case(
      watermark: "{ column: reached, bounded_out_of_orderness: { bound: 2s } }",
      estimate: { $0 - 2 }, isStated: true),
    Case(
      watermark: "{ whole_periods: { period: 20s } }", estimate: { $0 / 20 * 20 }, isStated: false),
    Case(
      watermark: "{ column: reached, whole_periods: { period: 7s, bound: 1s } }",
      estimate: { ($0 - 1) / 7 * 7 }, isStated: true),
  ]

  private static let size: Int64 = 10
  private static let lateness: Int64 = 4

  private static func yaml(_ paths: [String], _ watermark: String) -> String {
    """
    job: stated
    source: { files: { paths: [\(paths.joined(separator: ", "))], format: jsonl } }
    schema: { at: timestamp_s, reached: timestamp_s }
    event_time: { column: at, watermark: \(watermark), late: drop }
    windows: { fixed: \(size)s, allowed_lateness: \(lateness)s }
    aggregate: { values: { n: count() } }
    output: { snapshots: out }
    """
  }

  private static func rows(_ seed: UInt64) -> [Row] {
    var generator = SeededGenerator(seed: seed)
    return (0..<200).map { index in
      let now = 1000 + Int64(index / 2)
      let isStated = Int.random(in: 0..<3, using: &generator) == 0
      return Row(
        time: now - Int64.random(in: 0...25, using: &generator),
        reached: isStated ? now - Int64.random(in: 0...12, using: &generator) : nil)
    }
  }

  @Test(arguments: cases, [1, 2, 3] as [UInt64])
  func `a row is judged by what was stated before it`(example: Case, seed: UInt64) throws {
    let directory = try TemporaryDirectory()
    let files = [Self.rows(seed), Self.rows(seed + 100)]
    var counts: [Int64: Int] = [:]
    var late = 0
    for rows in files {
      var watermark = Int64.min
      for row in rows {
        let start = row.time / Self.size * Self.size
        if watermark >= start + Self.size + Self.lateness {
          late += 1
        } else {
          counts[start, default: 0] += 1
        }
        if let reached = example.isStated ? row.reached : row.time {
          watermark = max(watermark, example.estimate(reached))
        }
      }
    }
    #expect(late > 0)
    let paths = try files.enumerated().map { file, rows in
      let lines = rows.map { row in
        let stated = row.reached.map { ", \"reached\": \($0)" } ?? ""
        return "{\"at\": \(row.time)\(stated)}\n"
      }
      return try directory.write("\(file).jsonl", lines.joined())
    }
    let yaml = Self.yaml(paths, example.watermark)
    let plan = try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
    for settings in [
      EngineRun.Settings(workers: 1, batchRows: 1024, chunkBytes: 1 << 20),
      EngineRun.Settings(workers: 3, batchRows: 3, chunkBytes: 200),
    ] {
      let run = try EngineRun(plan, settings)
      #expect(run.ledgers.reduce(0) { $0 + $1.late } == late, "\(settings)")
      let found = try run.finals().map { place, files in
        let text = String(decoding: try #require(files["rows.jsonl"]), as: UTF8.self)
        return (place.start / 1000, text)
      }
      #expect(found.count == counts.count, "\(settings)")
      for (start, text) in found {
        let count = try #require(counts[start])
        #expect(text.contains("\"n\":\(count)}"), "\(settings), \(start): \(text)")
      }
    }
  }

  @Test func `a stated watermark from a wrong clock is quarantined with its row`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(
      "in.jsonl",
      """
      {"at": 1000, "reached": 1000}
      {"at": 1001, "reached": 99999999999}
      {"at": 1000}
      """)
    let yaml = Self.yaml([path], "{ column: reached }")
      .replacing("late: drop", with: "late: drop, max_future_skew: 1h")
    let plan = try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
    let run = try EngineRun(plan, .init(workers: 1, batchRows: 1, chunkBytes: 64))
    #expect(run.ledgers.map(\.aggregated) == [2] && run.ledgers.map(\.quarantined) == [1])
    #expect(run.contents.letters.first?.reason.contains("reached: ") ?? false)
  }
}
