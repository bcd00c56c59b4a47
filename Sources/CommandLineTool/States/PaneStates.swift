import ByteCoding
import Dataflow
import EventTime
import FileIO
import Snapshots

/// The states that were kept beside a published pane.
struct PaneStates {
  /// The directory of the pane.
  let path: String
  let manifest: Manifest
  let plan: StatePlan
  private let content: [UInt8]

  /// The panes that `patterns` mean: directories of panes, or output directories, which mean the last
  /// pane of each of their windows that keeps states.
  static func read(_ patterns: [String]) throws -> [PaneStates] {
    try patterns.flatMap { try paths($0) }.map { try PaneStates(path: $0) }
  }

  private static func paths(_ pattern: String) throws -> [String] {
    let path = pattern.count > 1 && pattern.hasSuffix("/") ? String(pattern.dropLast()) : pattern
    let store = SnapshotStore(directory: path)
    if try FileSystem.kind(of: path) == .directory, try store.exists {
      let kept = try store.lastPanes().filter { $0.manifest.files[StateFile.name] != nil }
      guard !kept.isEmpty else {
        throw SnapshotError(path, "no pane keeps its states; \(remedy)")
      }
      return kept.map { path + "/" + $0.path }
    }
    let suffix = "/manifest.json"
    return try PathExpansion.files(matching: [path + suffix]).map {
      String($0.dropLast(suffix.count))
    }
  }

  private static let remedy = "the job must have  output: { keep: [state] }"

  private init(path: String) throws {
    self.path = path
    let store = SnapshotStore(directory: path)
    let entry = try store.entry(at: ".")
    manifest = entry.manifest
    guard let digest = manifest.files[StateFile.name] else {
      throw SnapshotError(path, "the pane does not keep its states; \(Self.remedy)")
    }
    let bytes = try store.contents(of: StateFile.name, in: entry)
    let name = path + "/" + StateFile.name
    guard SnapshotStore.digest(bytes) == digest else {
      throw SnapshotError(name, "is not what the manifest says: it was changed or damaged")
    }
    let file = try StateFile(bytes, path: name)
    plan = StatePlan(text: file.plan)
    content = file.content
    guard manifest.key.isEmpty else {
      throw SnapshotError(path, "states of sessions do not add up to those of other windows")
    }
  }

  /// `transform`, or `aggregate companies` for a named stage.
  var stageTitle: String {
    manifest.kind.rawValue + (manifest.stage.isEmpty ? "" : " " + manifest.stage)
  }

  /// The states, for `stage`, which has this plan.
  func content(_ stage: Stage) throws -> PaneContent {
    var reader = ByteReader(content)
    do throws(ByteCodingError) {
      return try PaneContent.decode(stage, from: &reader)
    } catch {
      throw SnapshotError(
        path + "/" + StateFile.name,
        "states that this version of limno cannot read (\(error)); run the job again")
    }
  }
}

extension PaneStates {
  fileprivate func commonSplits(_ other: PaneStates) -> [String] {
    Set(manifest.splits.map(\.name)).intersection(other.manifest.splits.map(\.name)).sorted()
  }

  fileprivate func mayShareRows(with other: PaneStates) -> Bool {
    let (one, two) = (manifest, other.manifest)
    guard one.window.intersects(two.window), !commonSplits(other).isEmpty else { return false }
    let areParts =
      one.window == two.window && one.pane.index != two.pane.index
      && [one, two].allSatisfy { $0.accumulation == .discarding }
    return !areParts
  }
}

extension [PaneStates] {
  /// Refuses panes that may hold the same rows: of one split, and of windows with time in common.
  ///
  /// Panes of one window of a stage that discards are parts of it.
  func checkDisjoint() throws {
    for (index, pane) in enumerated() {
      for other in self[..<index] where pane.mayShareRows(with: other) {
        throw SnapshotError(
          pane.path,
          "its window \(pane.manifest.window) and \(other.manifest.window) of \(other.path) have "
            + "time in common, and both read '\(pane.commonSplits(other)[0])': rows would count "
            + "twice")
      }
    }
  }

  /// The sum of the states of panes of one plan.
  func merged(_ stage: Stage) throws -> PaneContent {
    guard let sum = PaneContent.merged(try map { try $0.content(stage) }) else {
      preconditionFailure("no pane to merge")
    }
    return sum
  }

  /// The digests of the panes, by path.
  var lineage: [String: String] {
    Dictionary(map { ($0.path, $0.manifest.payloadDigest) }, uniquingKeysWith: { one, _ in one })
  }
}
