import ArgumentParser
import Dataflow
import FileIO
import Foundation
import Snapshots

/// `limno snapshot verify OUT`.
struct SnapshotVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Recompute every digest, follow the publication log, check that the books balance.",
    discussion: "Exits 1 if something is wrong. With --gate also 3 or 4, as limno run --gate.")

  @Argument(help: "The output directory of a job.", completion: .directory)
  var directory: String

  @Option(
    help: """
      Run this job file again beside DIRECTORY and compare: every pane where the job has a journal, \
      else the final results.
      """, completion: .file(extensions: ["yaml", "yml"]))
  var replay: String?

  @Flag(help: "With --replay: read the input afresh, compare the final results only.")
  var finals = false

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
      if let replay { try ReplayVerification(job: replay, finalsOnly: finals).check(store) }
      if gate { try Gate.check(store) }
    }
  }
}

/// Snapshots held against those of the job run again.
struct ReplayVerification {
  let job: String
  let finalsOnly: Bool

  /// Prints what differs, or how much was found equal.
  ///
  /// - Throws: `ExitStatus.failure` if something differs; what reading the job and running it throw.
  func check(_ store: SnapshotStore) throws {
    let configuration = try JobConfiguration(path: job)
    let usesJournal = !finalsOnly && configuration.checkpoints != nil
    guard try usesJournal || store.hasEnded else {
      throw SnapshotError(
        store.directory,
        "the run has not ended, so its last panes are not final; a replay needs its journal")
    }
    let replay = JobReplay(
      configuration: configuration, jobPath: job,
      workers: ProcessInfo.processInfo.activeProcessorCount)
    let directory = "\(store.directory).replay-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileSystem.removeTree(directory) }
    if usesJournal {
      _ = try replay.fromJournal(into: directory)
    } else {
      _ = try replay.plain(into: directory)
    }
    let comparison = try SnapshotComparison(
      store, SnapshotStore(directory: directory), ofAllPanes: usesJournal)
    for line in comparison.differences { print(line) }
    guard comparison.differences.isEmpty else {
      printError("\(comparison.differences.count.grouped) differences from the replay")
      throw ExitStatus.failure
    }
    print(
      "replayed \(usesJournal ? "from the journal" : "afresh"): \(comparison.count.grouped) "
        + "\(usesJournal ? "panes" : "final results"), all equal")
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
