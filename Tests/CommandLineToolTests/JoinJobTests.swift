import FileIO
import FileIOTesting
import Formats
import Foundation
import Testing

@testable import CommandLineTool

/// Predictions and labels in two files, through the executable.
@Suite struct JoinJobTests {
  static let job = """
    job: joined
    join:
      predictions:
        files: { paths: [PREDICTIONS], format: jsonl }
        schema: { at: timestamp_s, id: string, country: string, score: float, note: int }
        event_time: { column: at, max_out_of_orderness: 2s }
      labels:
        files: { paths: [LABELS], format: csv }
        schema: { at: timestamp_s, ride: string, tipped: int, note: int, source: string }
        event_time: { column: at, max_out_of_orderness: 5s }
      on: { predictions: id, labels: ride }
      label_wait: 2m
    windows: { fixed: 1m, trigger: { after_watermark: { late: { after_count: 20 } } } }
    evaluate:
      label: tipped
      prediction: score
      slices: [[], [country]]
      metrics: [example_count, mean_label, binary_accuracy, auc]
    output: { snapshots: OUT }
    checkpoint: { directory: STATE, every: 10ms }

    """

  /// Ten minutes of a prediction a second; nine of ten get a label within 100 s.
  static func inputs(
    _ directory: TemporaryDirectory
  ) throws -> (predictions: String, labels: String) {
    var predictions: [String] = []
    var labels: [(at: Int64, text: String)] = []
    for number in 0..<600 {
      let at = 1_788_220_800 + Int64(number)
      // Spread by primes.
      let country = number * 7 % 13 < 6 ? "de" : "fr"
      let score = Double(number * 37 % 101) / 100
      predictions.append(
        #"{"at": \#(at), "id": "r\#(number)", "country": "\#(country)", "score": \#(score)}"#)
      if number % 10 > 0 {
        let paid = at + 1 + Int64(number * 53 % 97)
        let tipped = Double(number * 29 % 103) / 103 < score ? 1 : 0
        labels.append((paid, "\(paid),r\(number),\(tipped),0,till"))
      }
    }
    labels.sort { $0.at < $1.at }
    return (
      try directory.write("p.jsonl", predictions.joined(separator: "\n")),
      try directory.write(
        "l.csv", "at,ride,tipped,note,source\n" + labels.map(\.text).joined(separator: "\n") + "\n")
    )
  }

  static func text(_ directory: TemporaryDirectory) throws -> String {
    let inputs = try inputs(directory)
    return job.replacing("PREDICTIONS", with: inputs.predictions)
      .replacing("LABELS", with: inputs.labels)
      .replacing("OUT", with: directory.path + "/out")
      .replacing("STATE", with: directory.path + "/state")
  }

  @Test func `panes fill as labels come, say what changed, and come again from the journal`() throws
  {
    let directory = try TemporaryDirectory()
    let path = try directory.write("job.yaml", try Self.text(directory))
    let out = directory.path + "/out"
    // Little at a time, so that the watermark passes in steps.
    let run = try Limno.run("run", path, "--workers", "2", "--batch-rows", "16")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("waiting") && run.output.contains("balanced"), "\(run.output)")
    let verified = try Limno.run("snapshot", "verify", out)
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    let windows = try FileManager.default.contentsOfDirectory(atPath: out + "/evaluation")
    #expect(windows.count == 10)
    for window in windows {
      let panes = try FileManager.default.contentsOfDirectory(
        atPath: out + "/evaluation/" + window
      ).sorted()
      var before: [String: Double]?
      for pane in panes {
        let place = out + "/evaluation/\(window)/\(pane)"
        let values = try Self.values(place + "/metrics.jsonl")
        if let before { try Self.check(place, before, values) }
        #expect(values["overall label_coverage"] ?? 0 >= before?["overall label_coverage"] ?? 0)
        before = values
      }
      #expect(before?["overall prediction_count"] == 60)
    }
    let again = directory.path + "/again"
    let replay = try Limno.run("replay", path, "--journal", "--out", again)
    #expect(replay.status == 0, "\(replay.errors)")
    #expect(try Self.payloads(again) == Self.payloads(out))
    let plain = directory.path + "/plain"
    #expect(try Limno.run("replay", path, "--out", plain, "--workers", "1").status == 0)
    let difference = try Limno.run("snapshot", "diff", out, plain)
    #expect(difference.status == 0, "\(difference.output)")
  }

  /// By slice and metric.
  private static func values(_ path: String) throws -> [String: Double] {
    try lines(path).reduce(into: [:]) { values, line in
      values[name(line)] = line["value"]?.number ?? .nan
    }
  }

  private static func name(_ line: JSONValue) -> String {
    "\(line["slice"]?["country"]?.string ?? "overall") \(line["metric"]?.string ?? "")"
  }

  private static func lines(_ path: String) throws -> [JSONValue] {
    try FileSystem.contents(of: path).split(separator: UInt8(ascii: "\n")).map {
      try JSONValue(parsing: Array($0))
    }
  }

  /// `changes.jsonl` names every value that differs, and no other.
  private static func check(
    _ place: String, _ before: [String: Double], _ after: [String: Double]
  ) throws {
    var named: Set<String> = []
    for line in try lines(place + "/changes.jsonl") {
      let name = name(line)
      named.insert(name)
      guard let old = before[name], let new = after[name], !old.isNaN, !new.isNaN else { continue }
      #expect(line["before"]?.number == old && line["after"]?.number == new)
      #expect(line["change"]?.number == new - old)
    }
    let changed = Set(
      after.keys.filter { name in
        let (old, new) = (before[name] ?? .infinity, after[name] ?? .infinity)
        return old != new && !(old.isNaN && new.isNaN)
      })
    #expect(named == changed)
  }

  /// Every file of every pane but its log, by path.
  private static func payloads(_ out: String) throws -> [String: Data] {
    let root = out + "/evaluation"
    let paths = try #require(FileManager.default.enumerator(atPath: root)?.allObjects as? [String])
    return try paths.filter { $0.hasSuffix(".jsonl") }.reduce(into: [:]) { files, path in
      files[path] = try Data(contentsOf: URL(filePath: root + "/" + path))
    }
  }

  @Test func `a join that holds more than it may ends the run and says why`() throws {
    let directory = try TemporaryDirectory()
    let text = try Self.text(directory)
      .replacing("label_wait: 2m", with: "label_wait: 2m\n  memory: 4kB")
    let run = try Limno.run("run", try directory.write("job.yaml", text))
    #expect(run.status == 1)
    #expect(run.errors.contains("over its limit of 4000") && run.errors.contains("label_wait"))
  }

  typealias Case = BadJobCase

  @Test(arguments: [
    Case("an unknown key", "label_wait", "label_wiat", line: 12, "label_wiat", "'label_wait'"),
    Case("no wait", "  label_wait: 2m\n", "", line: 3, "'label_wait'", "missing"),
    Case("a wait of nothing", "2m\n", "0s\n", line: 12, "at least 1us"),
    Case(
      "an unknown key column", "labels: ride }", "labels: rid }", line: 11, "'rid'",
      "join.labels", "did you mean 'ride'"),
    Case(
      "keys of two types", "ride: string", "ride: int", line: 11, "'id' is of type string",
      "'ride' of int"),
    Case("a key that is no key", "predictions: id,", "predictions: score,", line: 11, "float"),
    Case(
      "keys that do not pair", "labels: ride }", "labels: [ride, at] }", line: 11, "1 columns",
      "2 of labels"),
    Case(
      "a column of both", "prediction: score", "prediction: note + score", line: 16, "'note'",
      "predictions.note", "labels.note"),
    Case("an unknown column", "label: tipped", "label: tiped", line: 15, "tiped", "'tipped'"),
    Case(
      "a slice of labels", "[country]]", "[source]]", line: 17, "'source'", "column of labels"),
    Case(
      "discarded panes", "fixed: 1m,", "fixed: 1m, accumulation: discarding,", line: 13,
      "no label coverage"),
    Case("sessions", "fixed: 1m", "sessions: { gap: 1m }", line: 13, "not supported behind a join"),
    Case("a filter of both", "windows:", "filter: score > 0\nwindows:", line: 13, "'filter'"),
    Case(
      "an input of nothing", "files: { paths: [PREDICTIONS], format: jsonl }\n", "\n", line: 5,
      "expected either 'files' or 'kafka'"),
  ])
  func `a bad join gives one line that says where, what and what else`(_ example: Case) throws {
    let directory = try TemporaryDirectory()
    let inputs = try Self.inputs(directory)
    let text = example.text(of: Self.job)
      .replacing("PREDICTIONS", with: inputs.predictions)
      .replacing("LABELS", with: inputs.labels)
    try example.check(try directory.write("job.yaml", text))
  }
}
