import ArgumentParser
import Checkpoints
import Dataflow
import FileIO
import Foundation
import KafkaIO
import Runtime
import Snapshots

/// `limno replay JOB.yaml`.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Run a job again over what it has read.",
    discussion: """
      Reads the files or the topic to their end as they are now, followed ones too, and publishes \
      to --out. The final result of every window is that of the run, byte for byte.

      Of a topic, --start and --until say which part of it: earliest, end, a time such as \
      2026-09-01T10:00:00Z, or offsets by partition such as 0=150,1=200.

      With --journal it does what the run's journal says, step by step: every pane, early and late \
      ones too, is that of the run.
      """)

  @OptionGroup var options: JobOptions

  @Option(parsing: .upToNextOption, help: "Files to read in place of the job's.")
  var from: [String] = []

  @Option(help: "Where to start in a topic, in place of the job's start.")
  var start: String?

  @Option(help: "Where to end in a topic, in place of its end.")
  var until: String?

  @Flag(help: "Follow the journal in the state directory of the job.")
  var journal = false

  @Option(help: "Worker threads (default: cores).")
  var workers: Int?

  @Option(help: "table or json.")
  var output = OutputFormat.table

  func validate() throws {
    if options.out == nil { throw ValidationError("give --out, a directory for the replay alone") }
    if journal && !(from.isEmpty && start == nil && until == nil) {
      throw ValidationError(
        "the journal says itself what was read: give --journal, or --from, --start and --until")
    }
  }

  func run() throws {
    try reportingErrors {
      let start = Date()
      let replay = JobReplay(
        configuration: try bounded(try options.configuration()), jobPath: options.job,
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

extension ReplayCommand {
  /// The job with the part of its topic that the options name.
  private func bounded(_ configuration: JobConfiguration) throws -> JobConfiguration {
    guard start != nil || until != nil else { return configuration }
    guard case .kafka(var kafka) = configuration.input, from.isEmpty else {
      throw ValidationError("--start and --until are for jobs that read a topic")
    }
    var configuration = configuration
    if let start {
      kafka.configuration.start = try KafkaParser.bound(
        argument: start, of: "--start", ["earliest": .earliest])
    }
    if let until {
      kafka.configuration.until = try KafkaParser.bound(
        argument: until, of: "--until", ["end": .latest])
    }
    configuration.input = .kafka(kafka)
    return configuration
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
    try configuration.readToEnd(paths.isEmpty ? nil : paths)
    let plan = try JobPlanner(configuration: configuration).plan()
    let sink = try plan.makeSink(
      in: directory,
      configurationDigest: SnapshotStore.digest(try FileSystem.contents(of: jobPath)))
    var options = RunOptions(workers: workers)
    options.spilling = plan.spilling(snapshots: directory)
    let runner = try Runner(plan.pipeline, source: plan.source, sink: sink, options: options)
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
