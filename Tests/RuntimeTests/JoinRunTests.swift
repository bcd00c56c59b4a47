import Dataflow
import DataflowTesting
import EventTime
import FileIOTesting
import Formats
import Foundation
import Testing

@testable import CommandLineTool
@testable import Runtime

/// A label join depends on the content of the files alone, like everything else.
extension OneAnswerTests {
  /// How many random jobs: `LIMNO_RUNS` of them, or few.
  static let joinCount =
    ProcessInfo.processInfo.environment["LIMNO_RUNS"].flatMap { Int($0) } ?? 104

  @Test(arguments: 0..<8)
  func `joined windows are those of the rows, whatever the workers, crashes and replays`(
    part: Int
  ) throws {
    var crashCount = 0
    for index in 0..<Self.joinCount / 8 {
      let seed = Self.seed &+ UInt64(1 << 27 + part * 1000 + index)
      var generator = SeededGenerator(seed: seed)
      let job = RandomJoin(&generator)
      let directory = try TemporaryDirectory()
      let plan = try job.plan(in: directory)
      let naive = NaiveJoin(job)
      let place: Comment = "seed \(seed)"
      let plain = try EngineRun(plan, Self.settings(1, &generator)[0])
      try check(plain, job, naive, place)
      let world = RecoveringWorld()
      crashCount += try runThroughCrashes(plan, atMost: 3, world, &generator, place)
      let contents = world.contents
      let recovered = EngineRun(plan, contents)
      try check(recovered, job, naive, place)
      let isEqual = try recovered.finals() == plain.finals()
      #expect(isEqual, "\(place): the same bytes after crashes")
      let replayed = try replay(plan, world.frames)
      let isSame =
        replayed.panes.map(RecoveringWorld.text) == contents.panes.map(RecoveringWorld.text)
      #expect(isSame, "\(place): the journal gives every pane again")
      #expect(replayed.report?.total == contents.report?.total, place)
    }
    #expect(crashCount > 0)
  }

  private func check(
    _ run: EngineRun, _ job: RandomJoin, _ naive: NaiveJoin, _ place: Comment
  ) throws {
    #expect(run.ledgers == naive.ledgers, place)
    #expect(run.ledgers.allSatisfy { $0.isBalanced && $0.held == 0 }, place)
    let finals = try run.finals()
    for (index, stage) in job.ordered.enumerated() {
      let found = finals.filter { $0.key.stage == index }
      let expected = NaiveJoinResult(naive, stage)
      #expect(Set(found.keys.map { $0.start / 1000 }) == expected.windows, place)
      for (window, files) in found {
        let start = window.start / 1000
        if stage.isEvaluation {
          try expected.check(files["metrics.jsonl"] ?? [], window: start, place)
        } else {
          try expected.check(rows: files["rows.jsonl"] ?? [], window: start, place)
        }
      }
    }
  }
}

/// What one stage's windows hold, by the definitions.
private struct NaiveJoinResult {
  typealias Pair = NaiveJoin.Pair

  /// The pairs of each window by its start; the label taken off where it came too late for it.
  private var pairs: [Int64: [Pair]] = [:]
  private let stage: RandomJoin.StageSpec

  init(_ naive: NaiveJoin, _ stage: RandomJoin.StageSpec) {
    self.stage = stage
    for pair in naive.pairs {
      for start in NaiveJoin.windows(pair.prediction.time, stage) {
        var pair = pair
        let closing = naive.closing(start, stage)
        if let label = pair.label, label.release >= closing { pair.label = nil }
        guard pair.release < closing, stage.isEvaluation || pair.label != nil else { continue }
        pairs[start, default: []].append(pair)
      }
    }
  }

  var windows: Set<Int64> { Set(pairs.keys) }

  func check(rows lines: [UInt8], window: Int64, _ place: Comment) throws {
    var found: [String?: [Int64]] = [:]
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      let row = try JSONValue(parsing: Array(line))
      found[row["country"]?.string] = [
        row["n"]?.integer ?? -1, Int64(row["total"]?.number ?? .nan),
      ]
    }
    var expected: [String?: [Int64]] = [:]
    for pair in pairs[window] ?? [] {
      let value = (pair.label?.row.label ?? 0) * pair.prediction.weight
      let sums = expected[pair.prediction.country] ?? [0, 0]
      expected[pair.prediction.country] = [sums[0] + 1, sums[1] + value]
    }
    #expect(found == expected, place)
  }

  func check(_ lines: [UInt8], window: Int64, _ place: Comment) throws {
    let all = pairs[window] ?? []
    var slices: [String: [Pair]] = ["": all]
    for pair in all {
      // A missing feature makes no slice.
      if let country = pair.prediction.country { slices["=\(country)", default: []].append(pair) }
    }
    var seen: Set<String> = []
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      let metric = try JSONValue(parsing: Array(line))
      let country = metric["slice"]?["country"]
      let slice = country.map { "=\($0.string ?? "null")" } ?? ""
      seen.insert(slice)
      let rows = try #require(slices[slice], place)
      let used = rows.filter { $0.label?.row.label != nil }
      let name = metric["metric"]?.string ?? ""
      let weight = used.reduce(0) { $0 + $1.prediction.weight }
      let found = metric["value"]?.number ?? .nan
      switch name {
      case "example_count": #expect(found == Double(used.count), place)
      case "mean_label":
        let sum = used.reduce(0) { $0 + $1.prediction.weight * ($1.label?.row.label ?? 0) }
        expectEqual(found, Double(sum) / Double(weight), place)
      case "binary_accuracy":
        let right = used.filter { ($0.prediction.score > 5) == ($0.label?.row.label == 1) }
        expectEqual(
          found, Double(right.reduce(0) { $0 + $1.prediction.weight }) / Double(weight), place)
      case "prediction_count": #expect(found == Double(rows.count), place)
      case "label_count": #expect(found == Double(rows.count { $0.label != nil }), place)
      case "label_coverage":
        #expect(found == Double(rows.count { $0.label != nil }) / Double(rows.count), place)
      default: break
      }
      if let bounds = metric["label_bounds"], !["example_count", "auc"].contains(name) {
        try NaiveBounds(rows, name)?.check(bounds, place)
      }
    }
    #expect(seen == Set(slices.keys), place)
  }

  private func expectEqual(_ found: Double, _ expected: Double, _ place: Comment) {
    #expect(found == expected || found.isNaN && expected.isNaN, place)
  }
}
