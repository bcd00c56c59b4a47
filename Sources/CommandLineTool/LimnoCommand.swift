public import ArgumentParser
import Foundation

/// The command `limno`.
public struct LimnoCommand: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "limno",
    abstract: "An event-time streaming engine for machine-learning data.",
    discussion: """
      Reads records, keeps analyzers and metrics by window, and publishes versions of a transform \
      graph, sliced evaluations and keyed aggregates as snapshots.

      Exit codes: 0 ok, 1 failure, 2 usage or bad job file, 3 gate failed, 4 gate undecided.
      """,
    version: "0.1.0",
    subcommands: [
      RunCommand.self, StopCommand.self, ReplayCommand.self, ValidateCommand.self,
      SchemaCommand.self, TransformCommand.self, SkewCommand.self,
      SnapshotCommand.self, CheckpointCommand.self, DeadLetterCommand.self,
      ExplainCommand.self, ReportCommand.self,
      SimulateCommand.self, CatalogCommand.self, RuntimesCommand.self, BenchCommand.self,
    ])

  public init() {}

  /// Runs the command that the arguments ask for, and ends the process if it fails.
  ///
  /// Wrong usage exits with 2, as a wrong job file does.
  public static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      printToError(fullMessage(for: error))
      Foundation.exit(ExitStatus.badJob.rawValue)
    }
  }
}
