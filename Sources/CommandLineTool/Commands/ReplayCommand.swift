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
      let start = Date()
      let replay = JobReplay(
        configuration: try options.configuration(), jobPath: options.job,
        workers: workers ?? ProcessInfo.processInfo.activeProcessorCount)
      let directory = options.out ?? ""
      let (plan, report) =
        try journal ? replay.fromJournal(into: directory) : replay.plain(from, into: directory)
      let summary = RunSummary(
        report: report, plan: plan, directory: directory,
        seconds: Date().timeIntervalSince(start))
      print(output == .json ? summary.json : try summary.text)
    }
  }
}

/// A job run again over what it has read.
struct JobReplay {
  let configuration: JobConfiguration
  let jobPath: String
  let workers: Int

  /// Reads the input, or the files at `paths`, to the end as it is now.
  func plain(
    _ paths: [String] = [], into directory: String
  ) throws -> (plan: JobPlan, report: RunReport) {
    let (plan, runner) = try prepare(paths, directory)
    return (plan, try runner.run())
  }

  /// Does what the run's journal says, step by step.
  func fromJournal(into directory: String) throws -> (plan: JobPlan, report: RunReport) {
    let (plan, runner) = try prepare([], directory)
    return (plan, try runner.replayRun(try frames(plan)))
  }

  private func prepare(_ paths: [String], _ directory: String) throws -> (JobPlan, Runner) {
    var configuration = configuration
    configuration.checkpoints = nil
    configuration.deadLetterTopic = nil
    configuration.readToEnd(paths.isEmpty ? nil : paths)
    let plan = try JobPlanner(configuration: configuration).plan()
    let sink = try plan.makeSink(
      in: directory,
      configurationDigest: SnapshotStore.digest(try FileSystem.contents(of: jobPath)))
    let runner = try Runner(
      plan.pipeline, source: plan.source, sink: sink, options: RunOptions(workers: workers))
    return (plan, runner)
  }

  /// The journal, which must be whole and of this job.
  private func frames(_ plan: JobPlan) throws -> [[UInt8]] {
    guard let state = configuration.checkpoints?.directory else {
      throw configuration.root.error(
        "--journal: the job has no checkpoints; give checkpoint.directory or --state")
    }
    return try CheckpointCatalog(path: state).wholeJournal(of: try plan.identity)
  }
}
