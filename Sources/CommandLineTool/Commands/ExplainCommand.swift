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
        guard let (number, explanation) = try Self.newest(in: path) else {
          throw SnapshotError(path, "holds no checkpoints")
        }
        return show(number, explanation)
      }
      let configuration = try JobConfiguration(path: path)
      let run = try (state ?? configuration.checkpoints?.directory).flatMap(Self.newest)
      if options.output == .table && window == nil {
        let plan = try JobPlanner(configuration: configuration).plan()
        let workers = ProcessInfo.processInfo.activeProcessorCount
        print(PlanText(plan, MemoryBound(plan, workers: workers)).text + "\n")
        if run == nil { print("no run: there is no checkpoint") }
      } else if run == nil {
        throw SnapshotError(
          path, "has no run to explain; give --state, or 'checkpoint' in the job file, and run it")
      }
      if let (number, explanation) = run { show(number, explanation) }
    }
  }

  /// Where the run stands by the newest checkpoint in `directory`, or `nil` if there is none.
  private static func newest(in directory: String) throws -> (Int, RunExplanation)? {
    guard try FileSystem.kind(of: directory) == .directory else { return nil }
    let catalog = CheckpointCatalog(path: directory)
    guard let number = try catalog.numbers().last else { return nil }
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
