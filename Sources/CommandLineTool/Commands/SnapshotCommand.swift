import ArgumentParser

/// `limno snapshot …`: looks at what has been published.
struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "List, show, compare, verify, merge and export snapshots.",
    subcommands: [
      SnapshotListCommand.self, SnapshotShowCommand.self, SnapshotDiffCommand.self,
      SnapshotVerifyCommand.self, SnapshotMergeCommand.self, SnapshotExportCommand.self,
    ])
}

/// How snapshot commands print.
struct SnapshotOutputOptions: ParsableArguments {
  @Option(help: "table or json.")
  var output = OutputFormat.table
}
