import FileIO
import FileIOTesting
import Foundation
import Formats
import Snapshots
import Testing

/// An evaluation through the executable: a TFMA `EvalConfig`, gates, exit codes, files.
@Suite struct EvaluationJobTests {
  /// 120 rows of two countries: 90 of 120 predictions are right, 30 of 40 in `fr`.
  private static func job(
    _ directory: TemporaryDirectory, lowerBound: Double, options: String = ""
  ) throws -> String {
    let rows = (0..<120).map { index in
      let label = index % 2
      let isRight = index % 4 != 3
      let score = (label == 1) == isRight ? 0.9 : 0.1
      let country = index % 3 == 0 ? "fr" : "de"
      return #"{"label": \#(label), "score": \#(score), "country": "\#(country)"}"# + "\n"
    }
    let input = try directory.write("in.jsonl", rows.joined())
    let config = try directory.write(
      "eval.pbtxt",
      """
      model_specs { label_key: "label" prediction_key: "score" }
      slicing_specs {}
      slicing_specs { feature_keys: "country" }
      metrics_specs {
        metrics { class_name: "ExampleCount" }
        metrics {
          class_name: "BinaryAccuracy"
          threshold { value_threshold { lower_bound { value: \(lowerBound) } } }
        }
      }
      \(options)
      """)
    return try directory.write(
      "job.yaml",
      """
      job: gate
      source: { files: { paths: [\(input)], format: jsonl } }
      windows: { global: {} }
      evaluate: { eval_config: \(config) }
      output: { snapshots: \(directory.path)/out }
      """)
  }

  private static let jackknife = """
    options {
      compute_confidence_intervals { value: true }
      confidence_intervals { method: JACKKNIFE }
    }
    """

  @Test(
    arguments: [
      (0.7, "", 0, "pass", nil as String?), (0.8, "", 3, "fail", "checks_failed"),
      (0.70, jackknife, 4, "undecided", "checks_undecided"),
      (0.2, jackknife, 0, "pass", nil), (0.99, jackknife, 3, "fail", "checks_failed"),
    ])
  func `a gate ends a run with its verdict`(
    lowerBound: Double, options: String, status: Int32, verdict: String, code: String?
  ) throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory, lowerBound: lowerBound, options: options)
    let run = try Limno.run("run", job, "--gate", "--quiet", "--workers", "2")
    #expect(run.status == status, "\(run)")
    let out = directory.path + "/out"
    let verified = try Limno.run("snapshot", "verify", out, "--gate")
    #expect(verified.status == status, "\(verified)")
    #expect(try Limno.run("snapshot", "verify", out).status == 0, "without --gate all is well")
    let validation = try JSONValue(
      parsing: try FileSystem.contents(of: out + "/evaluation/global/0000/validation.json"))
    #expect(validation["verdict"]?.string == verdict)
    #expect(validation["code"]?.string == code)
    let checks = try #require(validation["checks"]?.array)
    #expect(checks.count == 3)
    #expect(checks.map { $0["examples"]?.integer } == [120, 80, 40])
    #expect(checks[0]["value"]?.number == 0.75)
    #expect((checks[0]["interval"]?.array?.count == 2) == !options.isEmpty)
    let text = try FileSystem.contents(of: out + "/evaluation/global/0000/metrics.jsonl")
    let lines = try text.split(separator: UInt8(ascii: "\n")).map {
      try JSONValue(parsing: Array($0))
    }
    #expect(lines.count == 6)
    #expect(lines.last?["slice"]?["country"]?.string == "fr")
  }

  /// Three windows of 10 s; fares of the third are higher.
  private static func driftJob(
    _ directory: TemporaryDirectory, name: String, reference: String = "", windows: String
  ) throws -> String {
    let rows = (0..<600).map { index in
      let fare = (index * 37) % 200 + (index < 400 ? 0 : 40)
      return #"{"at": \#(index * 50), "fare": \#(fare), "city": "c\#(index % 3)"}"# + "\n"
    }
    let input = try directory.write("\(name).jsonl", rows.joined())
    return try directory.write(
      "\(name).yaml",
      """
      job: \(name)
      source: { files: { paths: [\(input)], format: jsonl } }
      schema: { at: timestamp_ms }
      event_time: { column: at, late: drop }
      windows: \(windows)
      drift: { features: [fare, city], gate: true\(reference) }
      output: { snapshots: \(directory.path)/\(name) }
      """)
  }

  private static func alarms(_ path: String) throws -> [Bool?] {
    let bytes = try FileSystem.contents(of: path + "/drift.jsonl")
    return try bytes.split(separator: UInt8(ascii: "\n")).map {
      let line = try JSONValue(parsing: Array($0))
      return line["p"] == nil ? nil : line["alarm"]?.bool
    }
  }

  @Test func `drift from the window before, and from another run`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.driftJob(directory, name: "before", windows: "{ fixed: 10s }")
    let run = try Limno.run("run", job, "--gate", "--quiet", "--workers", "2")
    #expect(run.status == 3, "\(run)")
    let out = directory.path + "/before/drift"
    let found = try FileSystem.names(in: out).sorted().map { window in
      try Self.alarms("\(out)/\(window)/0000")
    }
    #expect(found == [[nil, nil], [false, false], [true, false], [nil, nil]])
    let names = try FileSystem.names(in: out).sorted()
    #expect(names[2] == "1970-01-01T00:00:10Z--1970-01-01T00:00:30Z")
    let shown = try Limno.run("snapshot", "show", "\(out)/\(names[2])/0000")
    #expect(shown.status == 0 && shown.output.contains("ALARM"), "\(shown)")
    // The same rows against the first two windows of that run: all of it, then only the third.
    let other = try Self.driftJob(
      directory, name: "other", reference: ", reference: \(out)/\(names[1])/0000",
      windows: "{ fixed: 10s }")
    #expect(try Limno.run("run", other, "--gate", "--quiet").status == 3)
    let others = directory.path + "/other/drift"
    let against = try FileSystem.names(in: others).sorted().map {
      try Self.alarms("\(others)/\($0)/0000")
    }
    #expect(against == [[false, false], [false, false], [true, false]])
    let bad = try Self.driftJob(directory, name: "bad", windows: "{ global: {} }")
    let refused = try Limno.run("run", bad)
    #expect(
      refused.status == 2 && refused.errors.contains("fixed, sliding and calendar"), "\(refused)")
  }
}
