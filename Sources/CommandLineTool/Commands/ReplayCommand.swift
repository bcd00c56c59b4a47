import ArgumentParser
import Checkpoints
import Dataflow
import FileIO
import Foundation
import Runtime
import Snapshots

/// `limno replay JOB.yaml`.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Run a job again over what it has read.",
    discussion: """
      Reads the files or the topic to their end as they are now, followed ones too, and publishes \
      to --out. The final result of every window is that of the run, byte for byte.

      With --journal it does what the run's journal says, step by step: every pane, early and late \
      ones too, is that of the run.
      """)

  @OptionGroup var options: JobOptions

  @Option(parsing: .upToNextOption, help: "Files to read in place of the job's.")
  var from: [String] = []

  @Flag(help: "Follow the journal in the state directory of the job.")
  var journal = false

  @Option(help: "Worker threads (default: cores).")
  var workers: Int?

  @Option(help: "table or json.")
  var output = OutputFormat.table

  func validate() throws {
    if options.out == nil { throw ValidationError("give --out, a directory for the replay alone") }
    if journal && !from.isEmpty {
      throw ValidationError("the journal names the files itself: give --journal or --from")
    }
  }

  func run() throws {
    try reportingErrors {
      var configuration = try options.configuration()
      let state = configuration.checkpoints?.directory
      configuration.checkpoints = nil
      configuration.deadLetterTopic = nil
      configuration.readToEnd(from.isEmpty ? nil : from)
      let plan = try JobPlanner(configuration: configuration).plan()
      let directory = options.out ?? ""
      let sink = try plan.makeSink(
        in: directory,
        configurationDigest: SnapshotStore.digest(try FileSystem.contents(of: options.job)))
      let runner = try Runner(
        plan.pipeline, source: plan.source, sink: sink,
        options: RunOptions(workers: workers ?? ProcessInfo.processInfo.activeProcessorCount))
      let start = Date()
      let report =
        journal ? try runner.replayRun(try frames(state, plan)) : try runner.run()
      let summary = RunSummary(
        report: report, plan: plan, directory: directory,
        seconds: Date().timeIntervalSince(start))
      print(output == .json ? summary.json : try summary.text)
    }
  }

  /// The journal, which must be whole and of this job.
  private func frames(_ state: String?, _ plan: JobPlan) throws -> [[UInt8]] {
    guard let state else {
      throw plan.configuration.root.error(
        "--journal: the job has no checkpoints; give checkpoint.directory or --state")
    }
    return try CheckpointCatalog(path: state).wholeJournal(of: try plan.identity)
  }
}
