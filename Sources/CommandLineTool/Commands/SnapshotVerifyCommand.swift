import ArgumentParser
import Dataflow
import Snapshots

/// `limno snapshot verify OUT`.
struct SnapshotVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Recompute every digest, follow the publication log, check that the books balance.",
    discussion: "Exits 1 if something is wrong. With --gate also 3 or 4, as limno run --gate.")

  @Argument(help: "The output directory of a job.", completion: .directory)
  var directory: String

  @Flag(help: "Exit 3 if a threshold fails in a last pane, 4 if one is undecided.")
  var gate = false

  func run() throws {
    try reportingErrors {
      let store = try SnapshotStore.existing(directory)
      let result = try store.verify()
      for fault in result.faults { print(fault) }
      guard result.faults.isEmpty else {
        printError("\(result.faults.count.grouped) faults")
        throw ExitStatus.failure
      }
      print(
        "\(result.snapshotCount.grouped) snapshots, \(result.fileCount.grouped) files, "
          + "\(result.logLineCount.grouped) log lines: all digests agree, the books balance")
      if gate { try Gate.check(store) }
    }
  }
}

/// The verdicts of the last panes as an exit code.
enum Gate {
  static func check(_ store: SnapshotStore) throws {
    let verdicts = try store.lastPanes().compactMap(\.manifest.verdict)
    if verdicts.contains("fail") { throw ExitStatus.gateFailed }
    if verdicts.contains("undecided") { throw ExitStatus.gateUndecided }
  }
}
