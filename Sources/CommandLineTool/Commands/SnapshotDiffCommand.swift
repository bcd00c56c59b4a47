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
      let one = try SnapshotStore.existing(first)
      let two = try SnapshotStore.existing(second)
      let comparison = try SnapshotComparison(one, two, ofAllPanes: false)
      for line in comparison.differences { print(line) }
      guard comparison.differences.isEmpty else { throw ExitStatus.failure }
      print("\(comparison.count.grouped) windows, all equal")
    }
  }
}

/// What two output directories do not have in common.
struct SnapshotComparison {
  /// Windows, or panes, of the first.
  let count: Int
  /// A line each.
  let differences: [String]

  /// Compares the last panes of windows, or all panes.
  init(_ one: SnapshotStore, _ two: SnapshotStore, ofAllPanes: Bool) throws {
    let first = try Self.panes(one, ofAllPanes)
    let second = try Self.panes(two, ofAllPanes)
    var differences: [String] = []
    for (name, entry) in first.sorted(by: { $0.key < $1.key }) {
      guard let other = second[name] else {
        differences.append("\(name): only in \(one.directory)")
        continue
      }
      let files = Set(entry.manifest.files.keys).union(other.manifest.files.keys)
      for file in files.sorted() where entry.manifest.files[file] != other.manifest.files[file] {
        differences.append("\(name): \(file) differs")
      }
    }
    for name in second.keys.sorted() where first[name] == nil {
      differences.append("\(name): only in \(two.directory)")
    }
    count = first.count
    self.differences = differences
  }

  private static func panes(
    _ store: SnapshotStore, _ ofAllPanes: Bool
  ) throws -> [String: SnapshotStore.Entry] {
    let entries = try ofAllPanes ? store.entries() : store.lastPanes()
    return Dictionary(
      entries.map { entry in
        let window = entry.manifest.windowIdentity
        return (ofAllPanes ? "\(window) pane \(entry.manifest.pane.index)" : window, entry)
      }, uniquingKeysWith: { first, _ in first })
  }
}
