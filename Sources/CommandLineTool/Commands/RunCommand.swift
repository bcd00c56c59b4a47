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
      """)

  @OptionGroup var options: JobOptions

  @Option(help: "Worker threads (default: cores).")
  var workers: Int?

  @Option(help: "Rows decoded at a time.")
  var batchRows = 2048

  @Flag(help: "Remove the snapshots of an earlier run first; needs --force.")
  var fresh = false

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
    if fresh && !force {
      throw ValidationError("--fresh removes the snapshots of an earlier run; confirm with --force")
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
      if fresh && force { try SnapshotStore(directory: directory).removeAll() }
      let sink = try plan.makeSink(
        in: directory,
        configurationDigest: SnapshotStore.digest(try FileSystem.contents(of: options.job)))
      let runner = try Runner(
        plan.pipeline, source: plan.source, sink: sink,
        options: RunOptions(workers: workers, batchRows: batchRows))
      if !quiet && output == .table { printHeader(plan) }
      let interruption = Interruption { runner.stop() }
      defer { interruption.end() }
      var progress = ProgressLine(isShown: !quiet && output == .table)
      let start = Date()
      let report = try runner.run { progress.update($0) }
      progress.clear()
      let summary = RunSummary(
        report: report, plan: plan, directory: directory,
        seconds: Date().timeIntervalSince(start))
      if output == .json {
        print(summary.json)
      } else if !quiet {
        print(try summary.text)
      }
      if !report.isComplete && !plan.source.isFollowed { throw ExitStatus.interrupted }
      if gate { try Gate.check(SnapshotStore(directory: directory)) }
    }
  }

  private func printHeader(_ plan: JobPlan) {
    for warning in plan.warnings { printToError("warning: \(warning)") }
    let used = Set(plan.pipeline.inputSchema.fields.map(\.name))
    let inferred = plan.inferred.filter { used.contains($0.name) }
    guard !inferred.isEmpty else { return }
    print(
      "inferred: "
        + inferred.map { "\($0.name): \(FieldType.name(of: $0))" }.joined(separator: ", "))
  }
}
