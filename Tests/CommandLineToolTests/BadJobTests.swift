import FileIOTesting
import Testing

@testable import CommandLineTool

/// A job file that cannot be used gives one line: where, what was found, what is allowed.
@Suite struct BadJobTests {
  static let job = """
    job: bad
    source: { files: { paths: [INPUT], format: jsonl } }
    schema: { at: timestamp_ms, fare: float, tipped: int, score: float, company: string, tags: list<string> }
    event_time: { column: at, late: drop }
    windows: { fixed: 1m, allowed_lateness: 10m }
    aggregate:
      keys: [company]
      values:
        n: count()
        total: sum(fare)
    evaluate:
      label: tipped
      prediction: score
      slices: [[], [company]]
      metrics: [example_count, auc]
      thresholds: { auc: { lower_bound: 0.5 } }
    transform:
      outputs:
        z: scale_to_z_score(fare)
    output:
      snapshots: OUT

    """

  typealias Case = BadJobCase

  static let words = [
    Case(
      "an unknown key", "windows:", "windwos:", line: 5, "windwos", "did you mean 'windows'",
      "allowed:"),
    Case(
      "an unknown key inside", "lower_bound", "lower_bond", line: 16, "lower_bond", "'lower_bound'"),
    Case("an unknown key of a stage", "prediction:", "predictions:", line: 13, "'prediction'"),
    Case(
      "an unknown format", "format: jsonl", "format: json", line: 2, "'json'", "jsonl", "csv",
      "tfrecord"),
    Case(
      "an unknown type", "fare: float", "fare: flaot", line: 3, "flaot", "'float'", "timestamp_ms"),
    Case("a number wanted", "bound: 0.5", "bound: high", line: 16, "expected a number", "'high'"),
    Case(
      "a list wanted", "keys: [company]", "keys: company", line: 7, "expected a list", "'company'"),
    Case(
      "a mapping wanted", "event_time: { column: at, late: drop }", "event_time: at", line: 4,
      "expected a mapping", "'at'"),
    Case("text wanted", "job: bad", "job: [bad]", line: 1, "expected text", "a list"),
    Case("a key twice", "    total:", "    n:", line: 9, "'n'", "twice"),
    Case("a key missing", "  label: tipped\n", "", line: 12, "'label'", "missing"),
    Case("an unset variable", "OUT", "${LIMNO_NOT_SET}", line: 21, "LIMNO_NOT_SET", "not set"),
    Case("an open variable", "OUT", "${LIMNO", line: 21, "without '}'"),
    Case("no YAML", "keys: [company]", "keys: [company", line: 8, ""),
    Case("a stage named like a directory", "  keys:", "  name: a/b\n  keys:", line: 7, "'a/b'"),
    Case(
      "idle sources that are never idle", "late: drop", "late: drop, close_after_idle: 1m",
      line: 4, "close_after_idle", "idle_after"),
    Case(
      "a join beside a source", "evaluate:", "join: {}\nevaluate:", line: 2, "two inputs",
      "'source'",
      "join.predictions"),
    Case(
      "a watermark of an unknown column", "late: drop", "late: drop, watermark: { column: att }",
      line: 4, "unknown column 'att'", "'at'"),
    Case(
      "a watermark of a column without times", "late: drop",
      "late: drop, watermark: { column: fare }", line: 4, "'fare' is of type"),
    Case(
      "a watermark of nothing", "late: drop", "late: drop, watermark: {}", line: 4, "column",
      "whole_periods"),
    Case(
      "an unknown estimator", "late: drop", "late: drop, watermark: { whole_period: 1h }", line: 4,
      "did you mean 'whole_periods'"),
    Case(
      "an estimator without its period", "late: drop",
      "late: drop, watermark: { whole_periods: {} }", line: 4, "'period'", "missing"),
    Case(
      "two bounds on disorder", "late: drop",
      "late: drop, max_out_of_orderness: 1s, watermark: { whole_periods: { period: 1h } }", line: 4,
      "whole_periods", "takes its place"),
    Case("unknown files to keep", "snapshots: OUT", "keep: [x]", line: 21, "tfma"),
  ]

  static let windows = [
    Case(
      "two windows", "fixed: 1m", "fixed: 1m, global: {}", line: 5, "fixed and global contradict",
      "give one"),
    Case("no windows", "fixed: 1m, ", "", line: 5, "no windows", "fixed", "global"),
    Case(
      "no windows at all", "windows: { fixed: 1m, allowed_lateness: 10m }\n", "", line: 17,
      "no windows"),
    Case("windows of no length", "fixed: 1m", "fixed: 0s", line: 5, "at least 1us"),
    Case("a length without unit", "fixed: 1m", "fixed: 60", line: 5, "'60'", "10s"),
    Case("a negative lateness", "10m", "-10m", line: 5, "at least 0s"),
    Case(
      "an offset of the global window", "fixed: 1m", "global: {}, offset: 1s", line: 5, "no offset"),
    Case(
      "windows with rows between them", "fixed: 1m", "sliding: { size: 1m, every: 2m }", line: 5,
      "leave out the rows between"),
    Case(
      "windows that start too often", "fixed: 1m", "sliding: { size: 1h, every: 1us }", line: 5,
      "more than 10000 windows"),
    Case("windows without period", "fixed: 1m", "sliding: { size: 1m }", line: 5, "every"),
    Case(
      "sessions of a column that is not there", "fixed: 1m",
      "sessions: { gap: 1m, key: [compani] }", line: 5, "no column 'compani'",
      "did you mean 'company'"),
    Case(
      "sessions without a gap", "fixed: 1m", "sessions: { key: [company] }", line: 5, "'gap'"),
    Case(
      "an unknown trigger", "allowed_lateness: 10m", "trigger: { after_watermak: {} }", line: 5,
      "after_watermak", "did you mean 'after_watermark'"),
    Case(
      "an unknown trigger word", "allowed_lateness: 10m", "trigger: nevr", line: 5, "'nevr'",
      "did you mean 'never'"),
    Case(
      "a trigger after nothing", "allowed_lateness: 10m", "trigger: { after_count: 0 }", line: 5,
      "at least 1", "'0'"),
    Case(
      "two triggers", "allowed_lateness: 10m", "trigger: { never: {}, always: {} }", line: 5,
      "expected one trigger, found 2"),
    Case(
      "an empty list of triggers", "allowed_lateness: 10m", "trigger: { after_any: [] }", line: 5,
      "empty"),
    Case(
      "an unknown accumulation", "allowed_lateness: 10m", "accumulation: acumulating", line: 5,
      "did you mean 'accumulating'"),
    Case(
      "windows without event time", "event_time: { column: at, late: drop }\n", "", line: 17,
      "event_time"),
  ]

  static let columns = [
    Case("an unknown column in a value", "sum(fare)", "sum(fair)", line: 10, "fair", "'fare'"),
    Case(
      "an unknown column in a key", "keys: [company]", "keys: [compnay]", line: 7, "compnay",
      "'company'"),
    Case(
      "an unknown column in a label", "label: tipped", "label: tiped", line: 12, "tiped", "'tipped'"
    ),
    Case(
      "an unknown column in a slice", "[[], [company]]", "[[], [compny]]", line: 14, "compny",
      "'company'"),
    Case(
      "an unknown column in a transform", "z_score(fare)", "z_score(fair)", line: 19, "fair",
      "'fare'"),
    Case(
      "an unknown event time", "column: at", "column: att", line: 4, "'att'", "did you mean 'at'"),
    Case(
      "an event time that is none", "column: at", "column: fare", line: 4, "'fare'", "float",
      "timestamp_ms"),
    Case("an unknown aggregate", "sum(fare)", "smu(fare)", line: 10, "smu", "'sum'"),
    Case("an unknown function", "sum(fare)", "sum(lgo(fare))", line: 10, "lgo", "'log'"),
    Case(
      "an unknown analyzer", "scale_to_z_score(", "scale_to_z_scor(", line: 19, "scale_to_z_scor",
      "'scale_to_z_score'"),
    Case("a sum of text", "sum(fare)", "sum(company)", line: 10, "company"),
    Case("an aggregate in an aggregate", "sum(fare)", "sum(fare - mean(fare))", line: 10, "mean"),
    Case("half a formula", "sum(fare)", "sum(fare", line: 10, "sum(fare"),
    Case("a label that is text", "label: tipped", "label: company", line: 12, "number", "string"),
    Case("a list as a key", "keys: [company]", "keys: [tags]", line: 7, "list"),
    Case("an unknown metric", "auc]", "acu]", line: 15, "acu", "'auc'"),
    Case(
      "a threshold of nothing", "thresholds: { auc:", "thresholds: { aucc:", line: 16, "aucc",
      "'auc'"),
    Case(
      "a filter that is no condition", "windows:", "filter: fare\nwindows:", line: 5, "condition",
      "float"),
    Case(
      "a derived column that is there", "windows:", "derive: { fare: score }\nwindows:", line: 5,
      "'fare'"),
    Case("a value named like a key", "total: sum", "company: sum", line: 10, "'company'"),
  ]

  static func text(_ example: Case, in directory: TemporaryDirectory) throws -> String {
    let input = try directory.write(
      "in.jsonl", #"{"at": 1, "fare": 2, "tipped": 1, "score": 0.5, "company": "a", "tags": ["x"]}"#
    )
    return example.text(of: job).replacing("INPUT", with: input)
      .replacing("OUT", with: directory.path + "/out", maxReplacements: 1)
  }

  @Test(arguments: words + windows + columns)
  func `one line says where, what and what else`(_ example: Case) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("job.yaml", try Self.text(example, in: directory))
    try example.check(path)
    #expect(directory.allFiles() == ["in.jsonl", "job.yaml"])
  }

  @Test func `the job that the cases spoil is a good one`() throws {
    let directory = try TemporaryDirectory()
    let same = Case("", "job: bad", "job: bad", line: 0)
    let path = try directory.write("job.yaml", try Self.text(same, in: directory))
    let outcome = try Limno.run("validate", path)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    #expect(outcome.output.contains("job bad"))
  }

  @Test(arguments: [words[0], words[5], words[9], windows[0], columns[0], columns[7], columns[16]])
  func `the command prints the line and exits 2`(_ example: Case) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("job.yaml", try Self.text(example, in: directory))
    for command in ["validate", "run"] {
      let outcome = try Limno.run(command, path)
      #expect(outcome.status == 2, "\(outcome)")
      #expect(outcome.output.isEmpty && outcome.errorLines.count == 1, "\(outcome)")
      #expect(outcome.errors.hasPrefix("limno: \(path):\(example.line):"), "\(outcome)")
    }
    #expect(directory.allFiles() == ["in.jsonl", "job.yaml"], "nothing was begun")
  }

  @Test(arguments: ["", "\n# nothing\n", "- a\n", "job\n", "a: [\n"])
  func `a file that is no job`(_ text: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("job.yaml", text)
    let outcome = try Limno.run("run", path)
    #expect(outcome.status == 2 && outcome.errorLines.count == 1, "\(outcome)")
    #expect(outcome.errors.hasPrefix("limno: \(path)"), "\(outcome)")
  }

  @Test func `a followed job must say what becomes of late rows`() throws {
    let directory = try TemporaryDirectory()
    let example = Case("", "late: drop", "max_future_skew: 1h", line: 4)
    let text = try Self.text(example, in: directory)
      .replacing("format: jsonl", with: "format: jsonl, follow: true")
    let path = try directory.write("job.yaml", text)
    let outcome = try Limno.run("validate", path)
    #expect(outcome.status == 2 && outcome.errorLines.count == 1, "\(outcome)")
    #expect(outcome.errors.hasPrefix("limno: \(path):4:"), "\(outcome)")
    #expect(outcome.errors.contains("late: drop"), "\(outcome)")
  }

  @Test func `a file that is not UTF-8`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("job.yaml", [0x6A, 0x3A, 0x20, 0xFF] as [UInt8])
    let outcome = try Limno.run("run", path)
    #expect(outcome.status == 2 && outcome.errors == "limno: \(path): the file is not UTF-8\n")
  }

  @Test func `usage that is wrong exits 2`() throws {
    for arguments in [
      ["run"], ["runn", "x"], ["run", "x", "--workers", "0"],
      ["run", "x", "--fresh", "--from-checkpoint", "1"],
    ] {
      let outcome = try Limno.start(arguments).outcome(within: 30)
      #expect(outcome.status == 2 && !outcome.errors.isEmpty, "\(arguments): \(outcome)")
    }
  }
}
