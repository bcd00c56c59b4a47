import FileIO
import FileIOTesting
import Foundation
import Formats
import Snapshots
import Testing

/// States beside panes: their sum is the pane of all rows, byte for byte, and runs start from them.
@Suite struct StateJobTests {
  /// A day of rows in two files, morning and afternoon, and jobs over them.
  struct Day {
    static let stages = """
      derive: { per_km: fare / distance }
      filter: "distance > 0.05"
      transform:
        outputs:
          fare_z: scale_to_z_score(fare)
          fare_bucket: bucketize(fare, num_buckets=10)
          company_id: compute_and_apply_vocabulary(company, top_k=30, num_oov_buckets=2)
          user_id: compute_and_apply_vocabulary(user)
          later: bucketize(scale_to_z_score(fare) * distance, num_buckets=5)
          by_company: scale_to_0_1_per_key(fare, company)
      evaluate:
        - name: budget
          label: label
          prediction: score
          slices: [[], [company]]
          slice_budget: 20
          metrics: [example_count, auc, binary_accuracy, calibration]
          thresholds: { auc: { lower_bound: 0.4 } }
        - name: sampled
          label: label
          prediction: score
          slices: [[], [label]]
          intervals: bootstrap
          metrics: [auc, binary_accuracy]
      aggregate:
        keys: [label]
        values:
          rides: count()
          total: sum(per_km)
          users: distinct_count(user)
          median: quantile(fare, 0.5)
      """
    let directory: TemporaryDirectory
    let morning: String
    let afternoon: String
    /// More of the block `output`.
    var exports = ", export: []"

    init(rows: Int) throws {
      directory = try TemporaryDirectory()
      var state: UInt64 = 7
      func random(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
      }
      var halves = [[String]](repeating: [], count: 2)
      for index in 0..<rows {
        let second = index * 86_400 / rows
        let time = 1_788_220_800_000 + second * 1000 + random(1000)
        // More distinct fares than a sketch holds exactly in a day, fewer than that in an hour.
        let fare = Double(random(1_000_000)) / 1000
        halves[second / 43_200].append(
          #"{"at": \#(time), "fare": \#(fare), "distance": \#(Double(random(400)) / 20), "#
            + #""company": "c\#(random(60))", "user": "u\#(random(4000))", "#
            + #""label": \#(random(2)), "score": \#(Double(random(1000)) / 1000)}"# + "\n")
      }
      morning = try directory.write("morning.jsonl", halves[0].joined())
      afternoon = try directory.write("afternoon.jsonl", halves[1].joined())
    }

    /// Writes a job file; `more` are further top-level keys.
    func job(
      _ name: String, windows: String, paths: [String]? = nil, stages: String = stages,
      called: String = "rides", more: String = ""
    ) throws -> String {
      try directory.write(
        name + ".yaml",
        """
        job: \(called)
        source: { files: { paths: [\((paths ?? [morning, afternoon]).joined(separator: ", "))], format: jsonl } }
        schema: { at: timestamp_ms }
        event_time: { column: at, max_out_of_orderness: 2s }
        windows: \(windows)
        \(stages)
        \(more)
        output: { snapshots: \(out(name)), keep: [state, tfma]\(exports) }
        """)
    }

    func out(_ name: String) -> String { directory.path + "/" + name }

    /// Writes and runs a job.
    func run(
      _ name: String, windows: String, paths: [String]? = nil, stages: String = stages,
      called: String = "rides", more: String = ""
    ) throws {
      let job = try job(
        name, windows: windows, paths: paths, stages: stages, called: called, more: more)
      let outcome = try Limno.start(["run", job, "--quiet", "--workers", "2"]).outcome(within: 300)
      #expect(outcome.status == 0, "\(outcome)")
    }

    /// Payload digests by kind; the panes verify.
    func payloads(_ name: String) throws -> [String: String] {
      let verified = try Limno.run("snapshot", "verify", out(name))
      #expect(verified.status == 0, "\(verified)")
      let last = try SnapshotStore(directory: out(name)).lastPanes()
      return Dictionary(
        last.map { ("\($0.manifest.windowIdentity)", $0.manifest.payloadDigest) },
        uniquingKeysWith: { _, last in last })
    }
  }

  @Test func `the sum of 24 hourly panes is the daily pane, byte for byte`() throws {
    var day = try Day(rows: 10_000)
    day.exports = ""
    try day.run("hourly", windows: "{ fixed: 1h }")
    try day.run("daily", windows: "{ fixed: 1d }")
    let hours = try SnapshotStore(directory: day.out("hourly")).entries()
    #expect(hours.count == 96)
    let panes = hours.map { day.out("hourly") + "/" + $0.path }
    let merge = try Limno.start(["snapshot", "merge"] + panes + ["--out", day.out("merged")])
      .outcome(within: 300)
    #expect(merge.status == 0, "\(merge)")
    let expected = try day.payloads("daily")
    #expect(expected.count == 4)
    #expect(try day.payloads("merged") == expected)
    // Whole directories too, but for what depends on arrival.
    let store = SnapshotStore(directory: day.out("daily"))
    let merged = SnapshotStore(directory: day.out("merged"))
    for entry in try store.lastPanes() {
      let names = entry.manifest.files.keys.sorted()
      #expect(names.contains("state.bin"))
      for name in names {
        #expect(
          try store.contents(of: name, in: entry)
            == merged.contents(of: name, in: merged.entry(at: entry.path)), "\(name)")
      }
    }
    let approximations = try store.lastPanes().flatMap(\.manifest.approximations)
    #expect(approximations.contains { $0.contains("quantiles") }, "beyond exact")
    let again = try Limno.run(
      "snapshot", "merge", day.out("merged"), "--out", day.out("again"), "--quiet")
    #expect(again.status == 0, "\(again)")
    #expect(try day.payloads("again") == expected)
  }

  @Test(arguments: ["{ fixed: 1d }", "{ global: {} }", "{ sliding: { size: 2d, every: 12h } }"])
  func `a run that starts from the states of the morning ends as one of the whole day`(
    windows: String
  ) throws {
    let day = try Day(rows: 1200)
    try day.run("morning", windows: "{ fixed: 1h }", paths: [day.morning])
    try day.run(
      "afternoon", windows: windows, paths: [day.afternoon],
      more: "start_from: [\(day.out("morning"))]\ncheckpoint: { directory: \(day.out("state")) }")
    try day.run("day", windows: windows)
    let expected = try day.payloads("day")
    if windows.contains("sliding") {
      // A window that ends with the morning has a pane in each.
      #expect(try day.payloads("afternoon") == expected)
    } else {
      #expect(expected.count == 4)
      #expect(try day.payloads("afternoon") == expected)
    }
    let replay = try Limno.run(
      "replay", day.out("afternoon") + ".yaml", "--journal", "--out", day.out("replayed"))
    #expect(replay.status == 0, "\(replay)")
    #expect(try day.payloads("replayed") == expected)
    let first = try SnapshotStore(directory: day.out("afternoon")).lastPanes().first
    #expect(first?.manifest.statesFrom.count == 12)
  }

  @Test func `panes of two runs over other files add up, whatever their windows`() throws {
    let day = try Day(rows: 1200)
    try day.run("one", windows: "{ global: {} }", paths: [day.morning])
    try day.run("two", windows: "{ global: {} }", paths: [day.afternoon])
    try day.run("both", windows: "{ global: {} }")
    let merge = try Limno.run(
      "snapshot", "merge", day.out("one"), day.out("two"), "--out", day.out("sum"))
    #expect(merge.status == 0, "\(merge)")
    #expect(try day.payloads("sum") == day.payloads("both"))
  }

  @Test func `what cannot be added up says why`() throws {
    let day = try Day(rows: 300)
    let plain = "aggregate: { values: { rides: count(), total: sum(fare) } }"
    let other = "aggregate: { values: { rides: count(), total: sum(distance) } }"
    try day.run("a", windows: "{ fixed: 1d }", paths: [day.morning], stages: plain)
    try day.run("b", windows: "{ fixed: 1d }", paths: [day.afternoon], stages: other)
    try day.run(
      "c", windows: "{ fixed: 1d }", paths: [day.afternoon], stages: plain, called: "taxis")
    try day.run("hours", windows: "{ fixed: 6h }", paths: [day.morning], stages: plain)
    func errors(_ arguments: String...) throws -> String {
      let outcome = try Limno.start(["snapshot", "merge"] + arguments + ["--out", day.out("x")])
        .outcome(within: 60)
      #expect(outcome.status != 0, "\(outcome)")
      return outcome.errors
    }
    #expect(
      try errors(day.out("a"), day.out("b")).contains(
        "another configuration than those of \(day.out("a"))"))
    #expect(try errors(day.out("a"), day.out("b")).contains("aggregate.values"))
    #expect(try errors(day.out("a"), day.out("c")).contains("of job 'taxis'"))
    #expect(try errors(day.out("a"), day.out("hours")).contains("rows would count twice"))
    #expect(
      try errors(
        day.out("hours"), "--window", "2026-09-02T00:00:00Z--2026-09-03T00:00:00Z"
      ).contains("does not hold"))
    // A version that this one does not know, and a file that was changed.
    let path = day.out("a") + "/aggregate/2026-09-01T00:00:00Z--2026-09-02T00:00:00Z/0000/state.bin"
    var bytes = try FileSystem.contents(of: path)
    bytes[10] = 9
    try Data(bytes).write(to: URL(filePath: path))
    #expect(try errors(day.out("a")).contains("was changed or damaged"))
  }

  @Test func `states that go to no stage, and splits that are read again, are told of`() throws {
    let day = try Day(rows: 300)
    let plain = "aggregate: { values: { rides: count(), total: sum(fare) } }"
    try day.run("a", windows: "{ fixed: 1d }", paths: [day.morning], stages: plain)
    func validate(_ windows: String, _ stages: String, _ paths: [String]) throws -> Limno.Outcome {
      let job = try day.job(
        "b", windows: windows, paths: paths, stages: stages,
        more: "start_from: [\(day.out("a"))]")
      return try Limno.run("validate", job)
    }
    let narrow = try validate("{ fixed: 1h }", plain, [day.afternoon])
    #expect(narrow.status == 2)
    #expect(narrow.errors.contains("no window of aggregate holds"), "\(narrow)")
    let other = try validate(
      "{ fixed: 1d }", "aggregate: { values: { rides: count() } }", [day.afternoon])
    #expect(other.status == 2)
    #expect(other.errors.contains("aggregate differs in aggregate.values"), "\(other)")
    let again = try validate("{ fixed: 1d }", plain, [day.morning, day.afternoon])
    #expect(again.status == 0)
    #expect(again.output.contains("'\(day.morning)' is read again"), "\(again)")
    #expect(again.output.contains("1 window from the states of earlier panes"))
  }
}
