import Dataflow
import EventTime
import DataflowTesting
import FileIOTesting
import Foundation
import Testing

@testable import CommandLineTool

/// The final result of a window depends on the content of the files alone (DESIGN.md, rule 1).
@Suite struct OneAnswerTests {
  /// `LIMNO_SEED` for another start; failures name the sum of it and a job's number.
  static let seed =
    ProcessInfo.processInfo.environment["LIMNO_SEED"].flatMap { UInt64($0) }
    ?? UInt64.random(in: 0..<1 << 32)
  private static let configurationCount = 209

  @Test(arguments: 0..<11)
  func `workers, batches and chunks change nothing, whatever comes late`(part: Int) throws {
    for index in 0..<Self.configurationCount / 11 {
      let seed = Self.seed &+ UInt64(part * 1000 + index)
      var generator = SeededGenerator(seed: seed)
      let job = RandomJob(isOrderly: index % 3 == 0, &generator)
      let directory = try TemporaryDirectory()
      let plan = try Self.plan(job, in: directory, "a")
      let fates = NaiveFates(job)
      for settings in Self.settings(2, &generator) {
        let place = "seed \(seed), \(settings)"
        try check(try EngineRun(plan, settings), job, fates, place)
      }
    }
  }

  @Test(arguments: 0..<11)
  func `rows shuffled within the allowed disorder, and files cut, change nothing`(
    part: Int
  ) throws {
    for index in 0..<Self.configurationCount / 11 {
      let seed = Self.seed &+ UInt64(1 << 20 + part * 1000 + index)
      var generator = SeededGenerator(seed: seed)
      let job = RandomJob(isOrderly: true, &generator)
      let settings = Self.settings(3, &generator)
      let directory = try TemporaryDirectory()
      let first = try EngineRun(try Self.plan(job, in: directory, "a"), settings[0])
      #expect(first.contents.report?.total.late == 0, "seed \(seed): the data is orderly")
      for (name, variant) in [
        "b": Self.reshuffled(job, &generator), "c": Self.recut(job, &generator),
      ] {
        let run = try EngineRun(
          try Self.plan(variant, in: directory, name), settings[name == "b" ? 1 : 2])
        let place = Comment(rawValue: "seed \(seed), \(name), \(settings)")
        #expect(run.contents.report?.total == first.contents.report?.total, place)
        let (found, expected) = (try run.finals(), try first.finals())
        #expect(Set(found.keys) == Set(expected.keys), place)
        let isEqual = found == expected
        #expect(isEqual, place)
      }
    }
  }

  func check(
    _ run: EngineRun, _ job: RandomJob, _ fates: NaiveFates, _ place: String
  ) throws {
    let place = Comment(rawValue: place)
    #expect(run.ledgers == fates.ledgers, place)
    #expect(run.ledgers.allSatisfy { $0.isBalanced }, place)
    #expect(run.refused == fates.refused, place)
    let naive = try NaiveEngine(run.plan)
    let expected = naive.contents(fates) { _ in true }
    let finals = try run.finals()
    #expect(Set(finals.keys) == Set(expected.keys), place)
    for (window, content) in expected {
      let files = try run.payload(content, stage: window.stage)
      let isEqual = finals[window] == files
      #expect(isEqual, "\(place), \(job.stages[window.stage]), \(window)")
    }
    for (window, rows) in fates.rows where job.stages[window.stage].kind == .aggregate {
      let lines = try #require(finals[window]?["rows.jsonl"], place)
      let sums = NaiveSums(rows, of: job)
      #expect(try NaiveSums(jsonLines: lines) == sums, "\(place), \(window)")
    }
    try checkOnTimePanes(run, job, naive.contents(fates, isTaken: \.isOnTime), place)
    checkOrder(run, job, place)
  }

  /// The pane on time holds the rows that were on time for their own file, and all of them.
  private func checkOnTimePanes(
    _ run: EngineRun, _ job: RandomJob, _ expected: [NaiveFates.Place: PaneContent],
    _ place: Comment
  ) throws {
    for (window, content) in expected {
      let stage = job.stages[window.stage]
      guard stage.hasPureOnTimePane, !stage.isDiscarding else { continue }
      let panes = run.panes[window, default: []].filter { $0.pane.timing == .onTime }
      #expect(panes.count == 1, place)
      for pane in panes {
        let found = try run.payload(pane.content, stage: window.stage)
        let isEqual = found == (try run.payload(content, stage: window.stage))
        #expect(isEqual, "\(place), \(stage)")
      }
    }
  }

  /// Early, then on time, then late; the last once only.
  ///
  /// A discarding pane whose rows an earlier one took already is left out.
  private func checkOrder(_ run: EngineRun, _ job: RandomJob, _ place: Comment) {
    for (window, panes) in run.panes {
      let indices = panes.map(\.pane.index)
      if job.stages[window.stage].isDiscarding {
        #expect(zip(indices, indices.dropFirst()).allSatisfy { $0 < $1 }, place)
      } else {
        #expect(indices == Array(0..<panes.count), place)
      }
      #expect(panes.dropLast().allSatisfy { !$0.pane.isLast }, place)
      let order = panes.map { [.early: 0, .onTime: 1, .late: 2][$0.pane.timing, default: 3] }
      #expect(order == order.sorted() && order.count { $0 == 1 } <= 1, place)
    }
  }

  static func plan(
    _ job: RandomJob, in directory: TemporaryDirectory, _ name: String
  ) throws -> JobPlan {
    let paths = try job.files.enumerated().map { index, lines in
      try directory.write("\(name)/\(index).\(job.format)", job.text(lines))
    }
    let yaml = job.yaml(paths: paths)
    return try EngineRun.plan(yaml, at: try directory.write("\(name).yaml", yaml))
  }

  static func settings(
    _ count: Int, _ generator: inout SeededGenerator
  ) -> [EngineRun.Settings] {
    (0..<count).map { _ in
      EngineRun.Settings(
        workers: [1, 2, 3, 7].randomElement(using: &generator) ?? 1,
        batchRows: [1, 17, 1024].randomElement(using: &generator) ?? 1,
        chunkBytes: [7, 300, 4096, 1 << 20].randomElement(using: &generator) ?? 1)
    }
  }

  private static func reshuffled(
    _ job: RandomJob, _ generator: inout SeededGenerator
  ) -> RandomJob {
    var variant = job
    variant.files = job.files.map { lines in
      RandomJob.shuffled(
        lines.sorted { $0.time < $1.time }, within: job.outOfOrderness * 1000, &generator)
    }
    return variant
  }

  private static func recut(_ job: RandomJob, _ generator: inout SeededGenerator) -> RandomJob {
    var variant = job
    variant.files = []
    for lines in job.files {
      let count = Int.random(in: 1...5, using: &generator)
      variant.files += RandomJob.cut(lines, into: count, &generator)
    }
    return variant
  }
}
