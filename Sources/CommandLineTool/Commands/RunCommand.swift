import ArgumentParser
import Columns
import Dataflow
import FileIO
import Foundation
import Runtime
import Snapshots

/// `limno run JOB.yaml`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a job.",
    discussion: """
      Reads the files of the job to their end (or for ever, with follow: true) and publishes a \
      snapshot for every pane. Ctrl-C stops reading, publishes what has fired and prints the books.

      With checkpoints (checkpoint: in the job file, or --state) a run goes on from the newest one: \
      after Ctrl-C, which writes one and exits 0, as after a crash.
      """)

  @OptionGroup var options: JobOptions

  @Option(help: "Worker threads (default: cores).")
  var workers: Int?

  @Option(help: "Rows decoded at a time.")
  var batchRows = 2048

  @Flag(help: "Start over; needs --force if there are snapshots or checkpoints to remove.")
  var fresh = false

  @Option(help: "Go on from this checkpoint and not from the newest.")
  var fromCheckpoint: Int?

  @Flag(help: "Confirm --fresh.")
  var force = false

  @Flag(help: "Exit 3 if a threshold fails in a last pane, 4 if one is undecided.")
  var gate = false

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  @Option(help: "table or json.")
  var output = OutputFormat.table

  func validate() throws {
    if let workers, workers < 1 { throw ValidationError("--workers must be at least 1") }
    if batchRows < 1 || batchRows > 65_536 {
      throw ValidationError("--batch-rows must be in 1…65536")
    }
    if fresh && fromCheckpoint != nil {
      throw ValidationError("--fresh starts over, --from-checkpoint goes on: give one of them")
    }
  }

  func run() throws {
    try reportingErrors {
      let plan = try options.plan()
      guard let directory = plan.configuration.snapshots else {
        throw plan.configuration.root.error("no output: give output.snapshots or --out")
      }
      let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
      try MemoryBound(plan, workers: workers).check()
      let start = RunStart(
        plan: plan, directory: directory, jobFile: options.job,
        options: RunOptions(workers: workers, batchRows: batchRows))
      let runner = try start.makeRunner(
        fresh ? .fresh(isForced: force) : fromCheckpoint.map { .from($0) } ?? .newest)
      let resumed = runner.progress
      if !quiet && output == .table { printHeader(plan, resumed) }
      let input = plan.input
      let interruption = Interruption {
        runner.stop()
        input.stop()
      }
      defer { interruption.end() }
      var progress = ProgressLine(isShown: !quiet && output == .table)
      let startTime = Date()
      let report = try runner.run { progress.update($0) }
      progress.clear()
      let summary = RunSummary(
        report: report, plan: plan, directory: directory,
        seconds: Date().timeIntervalSince(startTime), resumedRowCount: resumed.total.read)
      if output == .json {
        print(summary.json)
      } else if !quiet {
        print(try summary.text)
      }
      let isResumable = plan.configuration.checkpoints != nil
      if !report.isComplete && !plan.source.isUnbounded && !isResumable {
        throw ExitStatus.interrupted
      }
      if gate { try Gate.check(SnapshotStore(directory: directory)) }
    }
  }

  private func printHeader(_ plan: JobPlan, _ resumed: RunReport) {
    for warning in plan.warnings { printToError("warning: \(warning)") }
    if resumed.isComplete {
      print("the run had come to its end; nothing is left to do (--fresh --force starts over)")
    } else if resumed.total.read > 0 {
      print("going on after \(resumed.total.read.grouped) rows")
    }
    let used = Set(plan.pipeline.inputSchema.fields.map(\.name))
    let inferred = plan.inferred.filter { used.contains($0.name) }
    guard !inferred.isEmpty else { return }
    print(
      "inferred: "
        + inferred.map { "\($0.name): \(FieldType.name(of: $0))" }.joined(separator: ", "))
  }
}
