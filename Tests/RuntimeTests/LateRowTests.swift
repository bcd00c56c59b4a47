import Dataflow
import DataflowTesting
import EventTime
import FileIOTesting
import Formats
import Foundation
import Runtime
import Testing

@testable import CommandLineTool

/// `late: side_output`: late rows with their bytes, and how late they were.
@Suite struct LateRowTests {
  /// Seconds.
  private static let outOfOrderness: Int64 = 3

  private struct Stage {
    var size: Int64
    var lateness: Int64
  }

  private static let stages = [Stage(size: 10, lateness: 2), Stage(size: 25, lateness: 0)]

  private func yaml(_ paths: [String], format: String, late: String) -> String {
    let stages = Self.stages.enumerated().map { index, stage in
      """
        - name: s\(index)
          windows: { fixed: \(stage.size)s, allowed_lateness: \(stage.lateness)s }
          values: { n: count() }
      """
    }
    return """
      job: late
      source: { files: { paths: [\(paths.joined(separator: ", "))], format: \(format) } }
      schema: { at: timestamp_s, n: int }
      event_time: { column: at, max_out_of_orderness: \(Self.outOfOrderness)s, late: \(late) }
      aggregate:
      \(stages.joined(separator: "\n"))
      output: { snapshots: out }
      """
  }

  /// The refusals of each row that all stages refuse, row by row from the definition.
  private func expected(_ times: [Int64?]) -> [Int: [String]] {
    var watermark = Int64.min
    var result: [Int: [String]] = [:]
    for (row, time) in times.enumerated() {
      guard let time else { continue }
      let refusals = Self.stages.enumerated().compactMap { index, stage -> String? in
        let end = (time / stage.size + 1) * stage.size
        guard watermark >= end + stage.lateness else { return nil }
        return "s\(index) \(end - stage.size) \(watermark - end)s"
      }
      if refusals.count == Self.stages.count { result[row] = refusals }
      watermark = max(watermark, time - Self.outOfOrderness)
    }
    return result
  }

  private typealias Line = (text: String, offset: Int, time: Int64?)

  /// Two files and, by file, what every line is and its position.
  private static func files(
    _ format: String, _ seed: UInt64, in directory: TemporaryDirectory
  ) throws -> (paths: [String], lines: [[Line]]) {
    var generator = SeededGenerator(seed: seed)
    var paths: [String] = []
    var lines: [[Line]] = []
    for file in 0..<2 {
      var offset = format == "csv" ? 5 : 0
      lines.append([])
      for index in 0..<300 {
        let time = max(0, Int64(index / 2) + Int64.random(in: -40...4, using: &generator))
        let isBad = Int.random(in: 0..<20, using: &generator) == 0
        let text =
          format == "csv"
          ? "\(isBad ? "x" : "\(time)"),\(index)"
          : "{\"n\": \(index), \"at\": \(isBad ? "\"x\"" : "\(time)")}"
        lines[file].append((text, offset, isBad ? nil : time))
        offset += text.utf8.count + 1
      }
      let header = format == "csv" ? "at,n\n" : ""
      paths.append(
        try directory.write(
          "\(file).\(format)", header + lines[file].map { $0.text + "\n" }.joined()))
    }
    return (paths, lines)
  }

  @Test(arguments: ["jsonl", "csv"], [1, 2, 3] as [UInt64])
  func `late rows are kept with bytes, place and lateness`(format: String, seed: UInt64) throws {
    let directory = try TemporaryDirectory()
    let (paths, lines) = try Self.files(format, seed, in: directory)
    let text = yaml(paths, format: format, late: "side_output")
    let plan = try EngineRun.plan(text, at: try directory.write("job.yaml", text))
    let out = directory.path + "/out"
    let report = try Runner(
      plan.pipeline, source: plan.source,
      sink: try plan.makeSink(in: out, configurationDigest: ""),
      options: RunOptions(workers: 2, batchRows: 7, chunkBytes: 400)
    ).run()
    let written = try String(contentsOfFile: out + "/late_rows/late_rows.jsonl", encoding: .utf8)
    var found: [String: [Int: [String]]] = [:]
    for line in written.split(separator: "\n") {
      let value = try JSONValue(parsing: Array(line.utf8))
      let split = try #require(value["split"]?.string)
      let file = try #require(paths.firstIndex(of: split))
      let row = try #require(lines[file].firstIndex { $0.text == value["text"]?.string })
      #expect(value["offset"]?.integer == Int64(lines[file][row].offset))
      let time = Timestamp(microseconds: (lines[file][row].time ?? 0) * 1_000_000)
      #expect(value["event_time"]?.string == time.description)
      found[split, default: [:]][row] = (value["refused_by"]?.array ?? []).map { refusal in
        let window = refusal["window"]?.string?.split(separator: "-").dropFirst(2).first ?? ""
        let start = Timestamp(rfc3339: "1970-01-\(window)") ?? .distantPast
        let stage = refusal["stage"]?.string?.dropFirst("aggregate ".count) ?? ""
        return "\(stage) \(start.microseconds / 1_000_000) \(refusal["lateness"]?.string ?? "")"
      }
    }
    for (file, path) in paths.enumerated() {
      let wanted = expected(lines[file].map(\.time))
      #expect(found[path]?.mapValues { $0.map(Self.inSeconds) } == wanted, "seed \(seed)")
      #expect(report.splits[file].ledger.late == wanted.count && wanted.count > 10)
    }
    // The counts of the report, by split, stage and window.
    for file in paths.indices {
      for stage in Self.stages.indices {
        let total = report.refusedBySplit[file][stage].values.reduce(0, +)
        #expect(total >= report.splits[file].ledger.late)
      }
    }
    let letters = try String(
      contentsOfFile: out + "/dead_letters/dead_letters.jsonl", encoding: .utf8)
    #expect(letters.split(separator: "\n").count == report.total.quarantined)
  }

  /// `s0 10 1m5s` as `s0 10 65s`.
  private static func inSeconds(_ text: String) -> String {
    let parts = text.split(separator: " ")
    let seconds = parts.count == 3 ? Interval(String(parts[2]))?.microseconds ?? -1 : -1
    return "\(parts[0]) \(parts[1]) \(seconds / 1_000_000)s"
  }

  @Test func `dropped late rows leave no file`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a.jsonl", "{\"at\": 90}\n{\"at\": 1}\n")
    let text = yaml([path], format: "jsonl", late: "drop")
    let plan = try EngineRun.plan(text, at: try directory.write("job.yaml", text))
    let run = try EngineRun(plan, .init(workers: 1, batchRows: 10, chunkBytes: 1000))
    #expect(run.contents.letters.isEmpty && run.contents.report?.total.late == 1)
  }
}
