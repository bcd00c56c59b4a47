import Dataflow
import DataflowTesting
import EventTime
import FileIOTesting
import Foundation
import Testing

@testable import CommandLineTool

/// Calendar windows in a job, held to Foundation's calendar.
@Suite struct CalendarRunTests {
  static let hasDatabase = FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/UTC")

  private func yaml(_ paths: [String], _ windows: String) -> String {
    """
    job: days
    source: { files: { paths: [\(paths.joined(separator: ", "))], format: jsonl } }
    schema: { at: timestamp_s }
    event_time: { column: at, max_out_of_orderness: 2h, late: drop }
    windows: { \(windows) }
    aggregate: { values: { n: count() } }
    output: { snapshots: out }
    """
  }

  /// From one start of a day at `hour` to the next, over both changes of clocks in 2026.
  @Test(.enabled(if: hasDatabase), arguments: [0, 6])
  func `rows are in the local day that Foundation says`(hour: Int) throws {
    var generator = SeededGenerator(seed: 7)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "Europe/Berlin"))
    var counts: [Int64: Int] = [:]
    var rows: [Int64] = []
    for change: Int64 in [1_774_746_000, 1_792_890_000] {
      rows += (0..<600).map { _ in
        change + Int64.random(in: -172_800...172_800, using: &generator)
      }.sorted()
    }
    for row in rows {
      let time = Date(timeIntervalSince1970: Double(row))
      var start = try #require(
        calendar.date(bySettingHour: hour, minute: 0, second: 0, of: calendar.startOfDay(for: time))
      )
      if start > time { start = try #require(calendar.date(byAdding: .day, value: -1, to: start)) }
      counts[Int64(start.timeIntervalSince1970), default: 0] += 1
    }
    let directory = try TemporaryDirectory()
    let path = try directory.write("in.jsonl", rows.map { "{\"at\": \($0)}\n" }.joined())
    let text = yaml(
      [path], "calendar: { days: 1, time_zone: Europe/Berlin }, offset: \(hour)h")
    let plan = try EngineRun.plan(text, at: try directory.write("job.yaml", text))
    let run = try EngineRun(plan, .init(workers: 2, batchRows: 64, chunkBytes: 2000))
    var found: [Int64: Int] = [:]
    var lengths: Set<Int64> = []
    for pane in run.contents.panes where pane.pane.isLast {
      let content = try run.payload(pane.content, stage: 0)["rows.jsonl"] ?? []
      let digits = String(decoding: content, as: UTF8.self).filter(\.isNumber)
      found[pane.window.start.microseconds / 1_000_000] = Int(digits)
      let length = pane.window.end.microseconds - pane.window.start.microseconds
      lengths.insert(length / Interval.hours(1).microseconds)
    }
    #expect(found == counts)
    #expect(lengths == [23, 24, 25])
  }

  @Test(
    arguments: [
      ("calendar: { days: 1, time_zone: Europe/Berlim }", "did you mean 'Europe/Berlin'?"),
      ("calendar: { days: 1, time_zone: ../../etc/passwd }", "unknown time zone"),
      ("calendar: { days: 1, weeks: 2 }", "give one of days, weeks, months, years"),
      ("calendar: { time_zone: UTC }", "give one of days, weeks, months, years"),
      ("calendar: { months: 0 }", "at least 1"),
      ("calendar: { days: 1 }, offset: 400d", "less than 366 days"),
    ])
  func `what is wrong with a calendar is said`(windows: String, complaint: String) throws {
    guard Self.hasDatabase || !windows.contains("time_zone: E") else { return }
    let directory = try TemporaryDirectory()
    let text = yaml(["\(directory.path)/in.jsonl"], windows)
    let path = try directory.write("job.yaml", text)
    #expect {
      _ = try EngineRun.plan(text, at: path)
    } throws: { error in
      "\(error)".contains(complaint) && "\(error)".contains("job.yaml:5")
    }
  }
}
