import ArgumentParser
import Dataflow
import EventTime
import FileIO
import Snapshots

/// `limno snapshot diff A B`: whether two runs gave the same results.
struct SnapshotDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two output directories by the last pane of each window.",
    discussion: "Exits 1 if a window is missing or its payload differs.")

  @Argument(help: "An output directory.", completion: .directory)
  var first: String

  @Argument(help: "Another output directory.", completion: .directory)
  var second: String

  func run() throws {
    try reportingErrors {
      let one = try panes(first)
      let two = try panes(second)
      var differences: [String] = []
      for (name, entry) in one.sorted(by: { $0.key < $1.key }) {
        guard let other = two[name] else {
          differences.append("\(name): only in \(first)")
          continue
        }
        let files = Set(entry.manifest.files.keys).union(other.manifest.files.keys)
        for file in files.sorted() where entry.manifest.files[file] != other.manifest.files[file] {
          differences.append("\(name): \(file) differs")
        }
      }
      for name in two.keys.sorted() where one[name] == nil {
        differences.append("\(name): only in \(second)")
      }
      for line in differences { print(line) }
      guard differences.isEmpty else { throw ExitStatus.failure }
      print("\(one.count.grouped) windows, all equal")
    }
  }

  private func panes(_ directory: String) throws -> [String: SnapshotStore.Entry] {
    let entries = try SnapshotStore.existing(directory).lastPanes()
    return Dictionary(
      entries.map { ($0.manifest.windowIdentity, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
