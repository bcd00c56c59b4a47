import FileIO
import FileIOTesting
import Formats
import Testing

/// More slices than the budget, through the executable.
@Suite struct SliceBudgetTests {
  private static let users = 1500

  /// User `i` has about 6,000 / (i + 1) rows; every tenth row has no user.
  private static let rows: [(user: Int?, text: String)] = {
    var rows: [(user: Int?, text: String)] = []
    for user in 0..<users {
      for row in 0..<max(1, 6000 / (user + 1) / 4) {
        let label = (user * 7 + row * 5) % 3 == 0 ? 1 : 0
        let score = Double((user * 31 + row * 17) % 1000) / 1000
        let isKnown = row % 10 != 9
        let name = isKnown ? #", "user": "u\#(user)""# : ""
        rows.append((isKnown ? user : nil, #"{"label": \#(label), "score": \#(score)\#(name)}"#))
      }
    }
    return rows
  }()

  /// One for all runs, since samples are drawn by the names of files too.
  private static let input = Result {
    let directory = try TemporaryDirectory()
    _ = try directory.write("in.jsonl", rows.map { $0.text + "\n" }.joined())
    return directory
  }

  /// The lines of a file of the one pane.
  private static func lines(
    _ name: String, budget: Int?, intervals: String?, workers: Int = 2
  ) throws -> [JSONValue] {
    let directory = try TemporaryDirectory()
    let input = try input.get().path + "/in.jsonl"
    let job = try directory.write(
      "job.yaml",
      """
      job: budget
      source: { files: { paths: [\(input)], format: jsonl } }
      windows: { global: {} }
      evaluate:
        label: label
        prediction: score
        slices: [[], [user], { values: { user: u1400 } }]
        metrics: [example_count, mean_label, auc]
        \(budget.map { "slice_budget: \($0)" } ?? "")
        \(intervals.map { "intervals: \($0)" } ?? "")
      output: { snapshots: \(directory.path)/out }
      """)
    let run = try Limno.run("run", job, "--quiet", "--workers", "\(workers)", "--batch-rows", "97")
    #expect(run.status == 0, "\(run)")
    let path = directory.path + "/out/evaluation/global/0000/" + name
    return try FileSystem.contents(of: path).split(separator: 0x0A).map {
      try JSONValue(parsing: Array($0))
    }
  }

  @Test(arguments: [nil, "bootstrap", "jackknife"])
  func `slices within the budget are as without one, intervals too`(intervals: String?) throws {
    let all = try Self.lines("metrics.jsonl", budget: nil, intervals: intervals)
    let kept = try Self.lines("metrics.jsonl", budget: 100, intervals: intervals)
    let known = Set(all)
    let others = kept.filter { $0["slice"]?["user"]?.string == "__other__" }
    let same = kept.filter { $0["slice"]?["user"]?.string != "__other__" }
    #expect(same.allSatisfy { known.contains($0) })
    let users = Set(same.compactMap { $0["slice"]?["user"]?.string })
    #expect(users.count == 100 && users.contains("u1400"))
    if intervals != nil {
      let overall = same.first { $0["metric"]?.string == "auc" && $0["slice"]?["user"] == nil }
      #expect(overall?["interval"]?.array?.count == 2)
      #expect(others.filter { $0["interval"]?.array?.count == 2 }.count == 2)
    }
    let rest = Self.rows.count { row in row.user.map { !users.contains("u\($0)") } ?? false }
    #expect(
      others.first { $0["metric"]?.string == "example_count" }?["value"]?.integer == Int64(rest))
  }

  /// 1,400 users are more than are counted one by one, so a sketch tells the greatest.
  @Test(arguments: [100, 1000])
  func `the greatest of the others are named`(budget: Int) throws {
    let lines = try Self.lines("metrics.jsonl", budget: budget, intervals: nil)
    let kept = Set(lines.compactMap { $0["slice"]?["user"]?.string })
    var counts: [String: Int64] = [:]
    for case let user? in Self.rows.map(\.user) where !kept.contains("u\(user)") {
      counts["u\(user)", default: 0] += 1
    }
    let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let found = try Self.lines("heavy_hitters.jsonl", budget: budget, intervals: nil)
    #expect(found.allSatisfy { $0["slice"]?["user"]?.string == "__other__" })
    let names = found.compactMap { $0["member"]?["user"]?.string }
    let rest = counts.values.reduce(0, +)
    #expect(found.count == 20)
    for (user, count) in ordered.prefix(12) where count > rest / 256 {
      #expect(names.contains(user), "\(user)")
    }
    for line in found {
      let count = try #require(counts[line["member"]?["user"]?.string ?? ""])
      let rows = try #require(line["rows"]?.integer)
      let least = line["at_least"]?.integer ?? rows
      let most = line["at_most"]?.integer ?? rows
      #expect(least <= count && count <= most, "\(line)")
      if budget == 1000 { #expect(rows == count) }
    }
    let again = try Self.lines("heavy_hitters.jsonl", budget: budget, intervals: nil, workers: 3)
    #expect(again == found)
    let sampled = try Self.lines("heavy_hitters.jsonl", budget: budget, intervals: "jackknife")
    #expect(sampled == found)
  }
}
