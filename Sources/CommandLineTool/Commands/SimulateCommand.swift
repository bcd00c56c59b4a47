import ArgumentParser
import FileIO
import Formats

/// `limno simulate FILE`: transcripts against the pane machine that runs jobs.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Run trigger transcripts or pane cases against the pane machine.",
    discussion: """
      FILE is YAML as Beam's trigger_transcripts.yaml (window_fn, trigger_fn, and a transcript of \
      input, watermark, processing_time and expect), or JSON lines with config, events and expect. \
      Where nothing is expected, what fires is printed instead. Times have no unit. Exits 1 if a \
      case fails.
      """)

  @Argument(
    help: "A .yaml or .jsonl file.", completion: .file(extensions: ["yaml", "yml", "jsonl"]))
  var file: String

  @Option(help: "Run only the cases of this name.")
  var name: String?

  @Flag(help: "Print every pane that fires.")
  var panes = false

  @Flag(help: "Print only failures and the totals.")
  var quiet = false

  func run() throws {
    try reportingErrors {
      let cases = try read().filter { name == nil || $0.name == name }
      guard !cases.isEmpty else {
        throw SimulationError(
          place: file, message: name.map { "no case is called '\($0)'" } ?? "no case in it")
      }
      var totals = SimulationTotals()
      for simulated in cases {
        let result = SimulationResult(running: simulated)
        totals.count(result.verdict)
        let lines = SimulationText(simulated, result, showsPanes: panes, isQuiet: quiet).lines
        for line in lines { print(line) }
      }
      print(totals.text)
      if totals.failed > 0 { throw ExitStatus.failure }
    }
  }

  private func read() throws -> [SimulationCase] {
    let isYAML =
      file.hasSuffix(".yaml") || file.hasSuffix(".yml")
      || !(file.hasSuffix(".jsonl") || file.hasSuffix(".json"))
    return isYAML ? try TranscriptReader.cases(file) : try PaneCaseReader.cases(file)
  }
}

/// How many cases came out how.
struct SimulationTotals {
  private(set) var passed = 0
  private(set) var failed = 0
  private var shown = 0

  mutating func count(_ verdict: SimulationResult.Verdict) {
    switch verdict {
    case .passed: passed += 1
    case .failed, .unnoticed: failed += 1
    case .shown: shown += 1
    }
  }

  var text: String {
    var text = "\(passed.grouped) passed, \(failed.grouped) failed"
    if shown > 0 { text += ", \(shown.grouped) without expectations" }
    return text
  }
}

/// A case and what came of it, for people.
struct SimulationText {
  private let simulated: SimulationCase
  private let result: SimulationResult
  private let showsPanes: Bool
  private let isQuiet: Bool

  init(
    _ simulated: SimulationCase, _ result: SimulationResult, showsPanes: Bool, isQuiet: Bool
  ) {
    self.simulated = simulated
    self.result = result
    self.showsPanes = showsPanes
    self.isQuiet = isQuiet
  }

  var lines: [String] {
    let name = simulated.name
    switch result.verdict {
    case .passed:
      if isQuiet { return [] }
      let complaint = simulated.complaint.map { ": \($0), as it should be" } ?? ""
      return ["ok    \(name)\(complaint)"] + (showsPanes ? steps : [])
    case .shown: return ["\(name): \(simulated.summary)"] + steps
    case .unnoticed(let complaint):
      return ["FAIL  \(name): expected the complaint '\(complaint)', and there was none"]
    case .failed(let difference):
      return [
        "FAIL  \(name): \(difference.kind) at step \(difference.step), \(difference.event)",
        "      \(simulated.summary)", "      expected",
      ] + list(difference.expected) + ["      fired"] + list(difference.fired)
        + (showsPanes ? steps : [])
    }
  }

  private func list(_ texts: [String]) -> [String] {
    (texts.isEmpty ? ["nothing"] : texts).map { "        \($0)" }
  }

  private var steps: [String] {
    zip(simulated.steps, result.fired).flatMap { step, panes in
      ["      \(step.text)"] + panes.map { "        fires \($0)" }
    }
  }
}
