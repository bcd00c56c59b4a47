import ArgumentParser
import Dataflow
import EventTime
import FileIO
import Foundation
import Snapshots

/// `limno snapshot merge PANE… --out DIR`: the sum of panes, from the states they keep.
struct SnapshotMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Add up panes from their states: a day from its hours.",
    discussion: """
      The panes must keep their states (output: { keep: [state] } in the job file) and be of one \
      job, with the same formulas. A PANE is the directory of a pane, a pattern of such, or an \
      output directory, which means the last pane of each of its windows. Panes of several stages \
      give a pane a stage.

      The result is what the job would have published for one window over all of them, byte for \
      byte, in an output directory of its own. Rows are not read.

        limno snapshot merge out/evaluation/2026-09-01T*/0000 --out day
      """)

  @Argument(help: "Panes that keep their states.", completion: .directory)
  var panes: [String]

  @Option(help: "The output directory; must not hold snapshots yet.", completion: .directory)
  var out: String

  @Option(
    help: """
      The window of the result, as START--END in RFC 3339 (default: from the start of the first \
      window to the end of the last; a window without a row has no pane).
      """)
  var window: String?

  @Option(help: "The name of the result's stage, if it is another.")
  var name: String?

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func run() throws {
    try reportingErrors {
      let merge = StateMerge(
        window: try window.map { try parse($0) }, name: name,
        groups: try PaneStates.read(panes).grouped)
      let report = try merge.publish(in: out)
      guard !quiet else { return }
      for line in report { print(line) }
    }
  }

  private func parse(_ text: String) throws -> Window {
    let ends = text.components(separatedBy: "--").map { Timestamp(rfc3339: $0) }
    guard ends.count == 2, let start = ends[0], let end = ends[1], start < end else {
      throw ValidationError(
        "--window \(text): expected START--END, such as "
          + "2026-09-01T00:00:00Z--2026-09-02T00:00:00Z")
    }
    return Window(start: start, end: end)
  }
}
