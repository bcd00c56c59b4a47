import ArgumentParser
import Checkpoints
import Columns
import Dashboard
import Dataflow
import EventTime
import FileIO
import Foundation
import Logging
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
      after Ctrl-C or SIGTERM, which write one and exit 0, as after a crash. `limno stop` asks for \
      the same from outside, or for a drain.
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

  @Option(
    help: ArgumentHelp(
      "How long the run may take to end after a signal; then it is ended by force.",
      valueName: "time"),
    transform: Interval.argument)
  var grace = Interval.seconds(25)

  @OptionGroup var outputs: RunOutputOptions

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
      let endpoint = try outputs.endpoint()
      let plan = try options.plan()
      guard let directory = plan.configuration.snapshots else {
        throw plan.configuration.root.error("no output: give output.snapshots or --out")
      }
      let start = RunStart(
        plan: plan, directory: directory, jobFile: options.job,
        options: try runOptions(plan, snapshots: directory))
      let states = plan.configuration.checkpoints?.directory
      // Read before the directory is owned: whoever sees that it is asks this run.
      let earlier = try states.flatMap { try StopRequest.read(in: $0) }
      let runner = try start.makeRunner(
        fresh ? .fresh(isForced: force) : fromCheckpoint.map { .from($0) } ?? .newest)
      let resumed = runner.progress
      if !quiet && output == .table { printHeader(plan, resumed) }
      let logger = outputs.logger(job: plan.configuration.name, isQuiet: quiet)
      let reporter = StatusReporter(runner, plan)
      let server = try endpoint.map { try StatusServer($0) { reporter.status() } }
      if let address = try server?.start() {
        logger.notice("status over HTTP", metadata: ["address": "\(address)"])
      }
      defer { server?.stop() }
      let inputs = [plan.input] + (plan.labels.map { [$0] } ?? [])
      let stopSignal = plan.stopSignal
      let control = RunControl(runner, directory: states, earlier: earlier, log: logger) {
        stopSignal.send()
        for input in inputs { input.stop() }
      }
      var progress = ProgressLine(isShown: !quiet && output == .table)
      let startTime = Date()
      let report = try control.run(grace: grace) {
        try runner.run {
          progress.update($0)
        } onDrain: {
          try control.noteDrain(at: $0)
        }
      }
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

  /// - Throws: ``ConfigurationError`` for a job that is sure to need more than it may take.
  private func runOptions(
    _ plan: JobPlan, snapshots directory: String
  ) throws(ConfigurationError) -> RunOptions {
    let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    try MemoryBound(plan, workers: workers).check()
    let buffers = plan.configuration.buffers
    try buffers.check(workers: workers, at: plan.configuration.root)
    var options = RunOptions(
      workers: workers, batchRows: batchRows,
      chunkBytes: buffers.chunkBytes(
        columnCount: plan.pipeline.inputSchema.fields.count, workers: workers),
      maxQueuedBytes: buffers.queued)
    // A run without end waits for room; one that ends fails and can be run again.
    options.retriesDelivery = plan.source.isUnbounded
    options.memoryLimit = plan.configuration.memoryLimit?.byteCount
    options.spilling = plan.spilling(snapshots: directory)
    return options
  }

  private func printHeader(_ plan: JobPlan, _ resumed: RunReport) {
    for warning in plan.warnings { printToError("warning: \(warning)") }
    if resumed.isDrained {
      print(
        "the run was drained: its windows are closed, and it reads no more; give another --state and "
          + "--out, or start over with --fresh --force")
    } else if resumed.isComplete {
      print("the run had come to its end; nothing is left to do (--fresh --force starts over)")
    } else if resumed.total.read > 0 {
      print("going on after \(resumed.total.read.grouped) rows")
    }
    let used = Set((plan.pipeline.join?.schema ?? plan.pipeline.inputSchema).fields.map(\.name))
    let inferred = plan.inferred.filter { used.contains($0.name) }
    guard !inferred.isEmpty else { return }
    print(
      "inferred: "
        + inferred.map { "\($0.name): \(FieldType.name(of: $0))" }.joined(separator: ", "))
  }
}
