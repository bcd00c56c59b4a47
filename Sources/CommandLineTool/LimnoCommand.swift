public import ArgumentParser

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
      RunCommand.self, ValidateCommand.self, SchemaCommand.self, SnapshotCommand.self,

    ])

  public init() {}
}
