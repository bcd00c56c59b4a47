import Dataflow
import EventTime
public import FileIO
import Formats

/// Reads the snapshots below an output directory.
public struct SnapshotStore: Sendable {
  /// A snapshot and where it lies.
  public struct Entry: Sendable {
    /// Relative to the output directory.
    public var path: String
    public var manifest: Manifest
  }

  public let directory: String

  public init(directory: String) { self.directory = directory }

  /// Every snapshot, by kind, stage, window and pane (or version).
  ///
  /// - Throws: `SnapshotError` for a manifest that cannot be read, `FileIOError` if the directory
  ///   cannot.
  public func entries() throws -> [Entry] {
    var found: [Entry] = []
    for kind in StageKind.allCases.map(\.rawValue)
    where try FileSystem.kind(of: absolute(kind)) == .directory {
      try collect(kind, into: &found)
    }
    return found.sorted { one, two in
      let first = one.manifest
      let second = two.manifest
      let order = (first.kind.rawValue, first.stage, first.window, first.keyFingerprint ?? "")
      let other = (second.kind.rawValue, second.stage, second.window, second.keyFingerprint ?? "")
      if order != other { return order < other }
      return (first.pane.index, one.path) < (second.pane.index, two.path)
    }
  }

  /// The last pane of each window; of sessions without those that became part of others.
  public func lastPanes() throws -> [Entry] {
    let entries = try entries()
    let merged = Set(entries.flatMap(\.manifest.merged))
    let gone = Set(entries.filter { merged.contains($0.path) }.map(\.manifest.windowIdentity))
    var last: [Entry] = []
    for entry in entries where !gone.contains(entry.manifest.windowIdentity) {
      if last.last?.manifest.windowIdentity == entry.manifest.windowIdentity {
        last.removeLast()
      }
      last.append(entry)
    }
    return last
  }

  /// The snapshot at `path`, relative to the output directory.
  public func entry(at path: String) throws -> Entry {
    let name = absolute(path) + "/manifest.json"
    return Entry(
      path: path, manifest: try Manifest(json: try FileSystem.contents(of: name), path: name))
  }

  /// The bytes of a payload file.
  public func contents(of file: String, in entry: Entry) throws(FileIOError) -> [UInt8] {
    try FileSystem.contents(of: absolute(entry.path) + "/" + file)
  }

  /// Whether the directory holds a publication log or snapshots.
  public var exists: Bool {
    get throws(FileIOError) {
      try FileSystem.kind(of: absolute(SnapshotPath.log)) != nil
    }
  }

  /// Whether the log says that the run has ended.
  public var hasEnded: Bool {
    get throws {
      let log = try FileSystem.contents(of: absolute(SnapshotPath.log))
      guard let line = log.split(separator: UInt8(ascii: "\n")).last else { return false }
      return try JSONValue(parsing: Array(line))["kind"]?.string == "end"
    }
  }

  /// Removes everything that a run publishes, and nothing else.
  public func removeAll() throws(FileIOError) {
    for name in StageKind.allCases.map(\.rawValue) + [
      "serving",
      SnapshotPath.deadLetters, SnapshotPath.lateRows, SnapshotPath.log,
    ]
    where try FileSystem.kind(of: absolute(name)) != nil {
      try FileSystem.removeTree(absolute(name))
    }
  }

  /// The SHA-256 of `bytes`, hexadecimal, as manifests give it.
  public static func digest(_ bytes: [UInt8]) -> String { ContentDigest.hex(bytes) }

  func absolute(_ path: String) -> String { directory + "/" + path }

  private func collect(_ path: String, into found: inout [Entry]) throws {
    let names = try FileSystem.names(in: absolute(path))
    if names.contains("manifest.json") {
      found.append(try entry(at: path))
      return
    }
    for name in names where !name.hasPrefix(".") {
      let child = path + "/" + name
      if try FileSystem.kind(of: absolute(child)) == .directory {
        try collect(child, into: &found)
      }
    }
  }
}
