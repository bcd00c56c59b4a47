import ByteCoding
import Dataflow
import DataflowTesting
import EventTime
import FileIOTesting
import Formats
import Foundation
import Snapshots
import Testing

@testable import CommandLineTool
@testable import Runtime

/// Sessions depend on the content of the files alone, like other windows.
extension OneAnswerTests {
  private struct SessionJob {
    var files: [[NaiveSessions.Row]]
    var gap: Int64
    var lateness: Int64
    var outOfOrderness: Int64
    var isKeyed: Bool
    var isDiscarding: Bool
    var trigger: String?

    init(_ generator: inout SeededGenerator) {
      gap = Int64.random(in: 1...20, using: &generator)
      lateness = [0, 0, 5, 30].randomElement(using: &generator) ?? 0
      outOfOrderness = Int64.random(in: 0...6, using: &generator)
      isKeyed = Int.random(in: 0..<4, using: &generator) > 0
      isDiscarding = Int.random(in: 0..<3, using: &generator) == 0
      trigger =
        [
          nil, "{ after_watermark: { late: { after_count: 1 } } }",
          "{ after_watermark: { early: { after_count: 3 }, late: { after_count: 2 } } }",
        ].randomElement(using: &generator) ?? nil
      let disorder = Int64.random(in: 0...40, using: &generator)
      let users: [String?] = ["a", "b", "Zürich", "d", "", nil]
      let step = Int64.random(in: 0...4, using: &generator)
      var time: Int64 = 1_788_220_800
      var rows: [(NaiveSessions.Row, Int64)] = []
      for _ in 0..<Int.random(in: 0...120, using: &generator) {
        time += Int64.random(in: 0...step, using: &generator)
        let row = NaiveSessions.Row(
          time: time, user: isKeyed ? users.randomElement(using: &generator) ?? nil : nil,
          value: Int64.random(in: -9...9, using: &generator))
        rows.append((row, time + Int64.random(in: 0...disorder, using: &generator)))
      }
      files = Array(repeating: [], count: Int.random(in: 1...4, using: &generator))
      for (row, _) in rows.sorted(by: { $0.1 < $1.1 }) {
        files[Int.random(in: files.indices, using: &generator)].append(row)
      }
    }

    func plan(in directory: TemporaryDirectory) throws -> JobPlan {
      let paths = try files.enumerated().map { index, rows in
        try directory.write(
          "\(index).jsonl",
          rows.map { row in
            let user = row.user.map { ", \"user\": \"\($0)\"" } ?? ""
            return "{\"at\": \(row.time), \"v\": \(row.value)\(user)}\n"
          }.joined())
      }
      let yaml = """
        job: sessions
        source: { files: { paths: [\(paths.joined(separator: ", "))], format: jsonl } }
        schema: { at: timestamp_s, user: string, v: int }
        event_time: { column: at, max_out_of_orderness: \(outOfOrderness)s, late: drop }
        windows: { sessions: { gap: \(gap)s\(isKeyed ? ", key: [user]" : "") },
          allowed_lateness: \(lateness)s, accumulation: \(isDiscarding ? "dis" : "ac")\
        \(isDiscarding ? "carding" : "cumulating")\(trigger.map { ", trigger: \($0)" } ?? "") }
        aggregate: { keys: [user], values: { n: count(), total: sum(v) } }
        output: { snapshots: out }
        """
      return try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
    }

    var naive: NaiveSessions {
      NaiveSessions(files, gap: gap, lateness: lateness, outOfOrderness: outOfOrderness)
    }
  }

  /// How many random jobs: `LIMNO_RUNS` of them, or few.
  static let sessionJobCount =
    ProcessInfo.processInfo.environment["LIMNO_RUNS"].flatMap { Int($0) } ?? 96

  @Test(arguments: 0..<8)
  func `sessions are those of the rows, whatever the workers, crashes and replays`(
    part: Int
  ) throws {
    var crashCount = 0
    for index in 0..<Self.sessionJobCount / 8 {
      let seed = Self.seed &+ UInt64(1 << 26 + part * 1000 + index)
      var generator = SeededGenerator(seed: seed)
      let job = SessionJob(&generator)
      let directory = try TemporaryDirectory()
      let plan = try job.plan(in: directory)
      let world = RecoveringWorld()
      crashCount += try runThroughCrashes(plan, atMost: 3, world, &generator, "seed \(seed)")
      let contents = world.contents
      try check(contents, job, plan, "seed \(seed)")
      let replayed = try replay(plan, world.frames)
      let isEqual =
        replayed.panes.map(RecoveringWorld.text) == contents.panes.map(RecoveringWorld.text)
      #expect(isEqual, "seed \(seed): the journal gives every pane again")
    }
    #expect(crashCount > 0)
  }

  /// A worker that takes rows of another split puts sessions together that it still has; it must not
  /// have them any more once a checkpoint has taken them.
  @Test func `a replay gives away at a checkpoint what workers hold, as the run did`() throws {
    let directory = try TemporaryDirectory()
    // By split; rows of the third join the sessions [0, 10) and [20, 30) of the first.
    let rows = [[(0, 1), (20, 10)], [(1, 100)], [(9, 1000), (15, 10000)]]
    let paths = try rows.enumerated().map { index, rows in
      try directory.write(
        "\(index).jsonl", rows.map { "{\"at\": \($0.0), \"v\": \($0.1)}\n" }.joined())
    }
    let yaml = """
      job: sessions
      source: { files: { paths: [\(paths.joined(separator: ", "))], format: jsonl } }
      schema: { at: timestamp_s, user: string, v: int }
      event_time: { column: at, max_out_of_orderness: 100s, late: drop }
      windows: { sessions: { gap: 10s }, accumulation: discarding,
        trigger: { after_watermark: { early: { after_count: 2 } } } }
      aggregate: { keys: [user], values: { n: count(), total: sum(v) } }
      output: { snapshots: out }
      """
    let plan = try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
    let sizes = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)).count }
    let now = Timestamp(microseconds: 0)
    func chunk(_ split: Int, worker: Int) -> [JournalRecord] {
      [
        .beginLease(split: split),
        .chunk(
          JournalRecord.Chunk(
            worker: worker, split: split, bytes: 0..<sizes[split], isCaughtUp: true,
            priorMaximum: .min, watermarkFloor: .distantPast, now: nil)),
      ]
    }
    func report(_ split: Int) -> [JournalRecord] { [.report(split: split, offset: 0, now: now)] }
    let pane: [JournalRecord] = [
      .extraction(worker: 0, isLast: false), .extraction(worker: 1, isLast: true),
    ]
    let frames: [[JournalRecord]] = [
      [.start(now: now)] + paths.map { .addSplit($0) },
      chunk(0, worker: 0) + report(0),
      chunk(1, worker: 1) + chunk(2, worker: 0) + report(1) + pane + report(2) + pane,
      [.endOfInput] + pane,
    ]
    let replayed = try replay(
      plan,
      frames.map { records in
        var writer = ByteWriter()
        for record in records { record.encode(into: &writer) }
        return writer.bytes
      })
    let sums = try replayed.panes.map { pane in
      try Self.sum(
        plan.outputs[0].makePayload(pane.content, pane.window).files["rows.jsonl"] ?? [])
    }
    // What the second split's report lets out: its row and all of the session it is in, but not the
    // row at 20, whose session was another when the checkpoint was made.
    #expect(sums.first?.total == 11101)
    #expect(sums.reduce(0) { $0 + $1.total } == 11111)
  }

  private func check(
    _ contents: CollectingSink.Contents, _ job: SessionJob, _ plan: JobPlan, _ place: Comment
  ) throws {
    let naive = job.naive
    #expect(contents.report?.total.late == naive.lateCount, place)
    #expect(contents.report?.total.isBalanced == true, place)
    var last: [NaiveSessions.Session: NaiveSessions.Sum] = [:]
    var onTime: [NaiveSessions.Session: NaiveSessions.Sum] = [:]
    for pane in contents.panes {
      let session = NaiveSessions.Session(
        user: pane.key.first.flatMap { $0 == .missing ? nil : $0.text },
        start: pane.window.start.microseconds / 1_000_000,
        end: pane.window.end.microseconds / 1_000_000)
      let sum = try Self.sum(
        plan.outputs[0].makePayload(pane.content, pane.window).files["rows.jsonl"] ?? [])
      if job.isDiscarding {
        let before = last[session] ?? .init(count: 0, total: 0)
        last[session] = .init(count: before.count + sum.count, total: before.total + sum.total)
      } else {
        last[session] = sum
      }
      for merged in pane.merged {
        last[
          .init(
            user: session.user, start: merged.window.start.microseconds / 1_000_000,
            end: merged.window.end.microseconds / 1_000_000)] = nil
      }
      if pane.pane.timing == .onTime { onTime[session] = sum }
    }
    if job.isDiscarding {
      // Panes of sessions that merged later are part of the sum and not replaced.
      let (found, expected) = (last.values, naive.sessions.values)
      #expect(found.reduce(0) { $0 + $1.count } == expected.reduce(0) { $0 + $1.count }, place)
      #expect(found.reduce(0) { $0 + $1.total } == expected.reduce(0) { $0 + $1.total }, place)
    } else {
      #expect(last == naive.sessions, place)
    }
    guard job.trigger == nil, !job.isDiscarding else { return }
    for (session, sum) in naive.sessionsOnTime where naive.sessions[session] == sum {
      #expect(onTime[session] == sum, place)
    }
  }

  private static func sum(_ lines: [UInt8]) throws -> NaiveSessions.Sum {
    var sum = NaiveSessions.Sum(count: 0, total: 0)
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      let row = try JSONValue(parsing: Array(line))
      sum.count += row["n"]?.integer ?? -1000
      sum.total += row["total"]?.integer ?? Int64(row["total"]?.number ?? .nan)
    }
    return sum
  }
}
