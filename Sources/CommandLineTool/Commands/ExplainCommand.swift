import ArgumentParser
import Checkpoints
import Dataflow
import EventTime
import FileIO
import Foundation
import Runtime
import Snapshots

/// `limno explain JOB.yaml|STATE`: what a job would do, and what a run of it waits for.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what a job does and what its run waits for.",
    discussion: """
      For a job file: its plan, and, if it has checkpoints, where its run stands. For a state \
      directory: where the run stands. That is which split holds the watermark and since when, \
      which windows are open, how many rows wait in each and what would fire it; as of the newest \
      checkpoint, also while the job runs.
      """)

  @Argument(help: "A job file (YAML), or the state directory of a job.", completion: .file())
  var path: String

  @Option(help: "Only windows whose name or key begins so, and what each split still lacks.")
  var window: String?

  @Option(help: "Directory of checkpoints; overrides checkpoint.directory of the job file.")
  var state: String?

  @Option(help: "The most windows to show of a stage.")
  var limit = 20

  @OptionGroup var options: SnapshotOutputOptions

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit must not be negative") }
  }

  func run() throws {
    try reportingErrors {
      if try FileSystem.kind(of: path) == .directory {
        let (number, explanation) = try Self.newest(in: path)
        return show(number, explanation)
      }
      let environment = ProcessInfo.processInfo.environment
      let configuration = try JobParser.parse(
        try ConfigurationFile.read(path, environment: environment))
      let directory = state ?? configuration.checkpoints?.directory
      let hasRun = try directory.map { try !CheckpointCatalog.all(in: $0).isEmpty } ?? false
      if options.output == .table && window == nil {
        let plan = try JobPlanner(configuration: configuration).plan()
        let workers = ProcessInfo.processInfo.activeProcessorCount
        print(PlanText(plan, MemoryBound(plan, workers: workers)).text)
        if hasRun { print() }
      }
      guard let directory, hasRun else {
        if options.output == .json || window != nil {
          throw SnapshotError(
            path,
            "has no run to explain; give --state, or 'checkpoint' in the job file, and run it")
        }
        return print("\nno run: there is no checkpoint")
      }
      let (number, explanation) = try Self.newest(in: directory)
      show(number, explanation)
    }
  }

  private static func newest(in directory: String) throws -> (Int, RunExplanation) {
    let catalog = CheckpointCatalog(path: directory)
    guard let number = try CheckpointCatalog.all(in: directory).last else {
      throw SnapshotError(directory, "holds no checkpoints")
    }
    return (number, try RunExplanation(state: try catalog.read(number).checkpoint.state))
  }

  private func show(_ number: Int, _ explanation: RunExplanation) {
    switch options.output {
    case .json: print(ExplanationJSON(explanation, number: number, window: window).text)
    case .table:
      print(ExplanationText(explanation, number: number, window: window, limit: limit).text)
    }
  }
}

extension CheckpointCatalog {
  /// The checkpoints in `directory`, ascending; none if it is not there.
  fileprivate static func all(in directory: String) throws -> [Int] {
    guard try FileSystem.kind(of: directory) == .directory else { return [] }
    return try CheckpointCatalog(path: directory).numbers()
  }
}
