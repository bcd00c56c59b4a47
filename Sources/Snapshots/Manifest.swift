public import Dataflow
public import EventTime
import FileIO
public import Formats

/// What `manifest.json` says of a snapshot: what it is of, what depends on arrival, and the digests
/// of its payload.
public struct Manifest: Sendable {
  public static let formatVersion = 1

  public var job: String
  /// The SHA-256 of the job file.
  public var configuration: String
  public var kind: StageKind
  /// Empty for the only stage of its kind.
  public var stage: String
  public var window: Window
  /// The components of the window's key, by name; empty unless windows are keyed.
  public var key: [(name: String, value: KeyValue)] = []
  public var pane: PaneInfo
  /// For a transform: the version, counted by publication.
  public var version: Int?
  /// The path, below the output directory, of the snapshot that this one replaces.
  public var supersedes: String?
  /// The paths of snapshots of other windows that are part of this one, and that it replaces.
  public var merged: [String] = []
  public var watermark: Timestamp
  public var splits: [SplitStatus]
  public var approximations: [String]
  public var verdict: String?
  /// What became of each foreign format, by its name.
  public var exports: [String: String] = [:]
  /// Of transformed rows: the version they are by, and how many they are.
  public var applied: [String: String] = [:]
  /// Of a transform: whether an analyzer has seen rows with the constants of earlier versions, so
  /// that the payload depends on when these were made.
  public var isLagged = false
  /// The digests of the panes whose states are part of this one, by path.
  public var statesFrom: [String: String] = [:]
  /// Of a pane that keeps its states: what a later one of the window holds of an earlier one.
  public var accumulation: AccumulationMode?
  /// The SHA-256 of the files of each model that the job calls, by path.
  public var models: [String: String] = [:]
  /// The SHA-256 of each payload file, by path.
  public var files: [String: String]
  /// The SHA-256 of each file of the snapshot that this one takes back, by path below `retracted/`;
  /// empty unless the stage retracts and this replaces something.
  public var retracted: [String: String] = [:]
  /// How it differs from the snapshot that it replaces, where that is told in `changes.jsonl`.
  public var changes: Changes?

  public struct Changes: Hashable, Sendable {
    /// The SHA-256 of the file, which is no part of the payload: it hangs on when panes fire.
    public var digest: String
    public var sliceCount: Int
    public var valueCount: Int
  }

  /// The name of the key's directory.
  public var keyFingerprint: String? {
    readFingerprint ?? (key.isEmpty ? nil : SnapshotPath.fingerprint(of: key.map(\.value)))
  }
  /// What the panes of one window and key share, apart from other stages.
  public var windowIdentity: String {
    "\(kind.rawValue) \(stage) \(window)\(keyFingerprint.map { " " + $0 } ?? "")"
  }

  /// The key for people: `user=u1, device=web`; `nil` without one.
  public var keyText: String? {
    key.isEmpty ? nil : key.map { "\($0.name)=\($0.value.text)" }.joined(separator: ", ")
  }

  /// As `manifest.json` says: JSON does not tell all kinds of components apart.
  var readFingerprint: String?

  /// The digest of the whole payload; equal for equal rows, whatever the order and the threads.
  public var payloadDigest: String { ContentDigest.hex(ofFiles: files) }

  public var ledger: Ledger { splits.reduce(into: Ledger()) { $0 += $1.ledger } }
}

extension Manifest {
  public func json() -> [UInt8] {
    var writer = JSONWriter(style: .indented)
    writer.beginObject()
    writer.member("format", Self.formatVersion)
    writer.member("job", job)
    writer.member("configuration_sha256", configuration)
    writer.member("kind", kind.rawValue)
    writer.member("stage", stage)
    if let version { writer.member("version", version) }
    writer.key("window")
    writer.beginObject()
    writer.member("name", window.description)
    writer.member("start_us", window.start.microseconds)
    writer.member("end_us", window.end.microseconds)
    writer.endObject()
    if !key.isEmpty { writeKey(&writer) }
    writer.key("pane")
    write(pane, &writer)
    if let supersedes { writer.member("supersedes", supersedes) }
    if !merged.isEmpty {
      writer.key("merged")
      writer.value(merged)
    }
    if let verdict { writer.member("verdict", verdict) }
    if !exports.isEmpty { write(exports, as: "exports", &writer) }
    if !applied.isEmpty { write(applied, as: "applied", &writer) }
    if isLagged {
      writer.member("phase", "lagged")
      writer.key("arrival_dependent")
      writer.value(true)
    }
    if !statesFrom.isEmpty { write(statesFrom, as: "states_from", &writer) }
    if let accumulation { writer.member("accumulation", accumulation.rawValue) }
    if !models.isEmpty { write(models, as: "models", &writer) }
    writer.key("watermark")
    write(watermark, &writer)
    writeBooks(&writer)
    writer.key("approximations")
    writer.value(approximations)
    write(files, as: "files", &writer)
    if !retracted.isEmpty { write(retracted, as: "retracted", &writer) }
    if let changes {
      writer.key("changes")
      writer.beginObject()
      writer.member("slices", changes.sliceCount)
      writer.member("values", changes.valueCount)
      writer.member("sha256", changes.digest)
      writer.endObject()
    }
    writer.member("payload_sha256", payloadDigest)
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  private func writeBooks(_ writer: inout JSONWriter) {
    writer.key("ledger")
    writer.write(ledger)
    writer.key("splits")
    writer.beginArray()
    for split in splits {
      writer.beginObject()
      writer.member("split", split.name)
      writer.member("offset", split.offset)
      writer.key("ledger")
      writer.write(split.ledger)
      writer.endObject()
    }
    writer.endArray()
  }

  private func writeKey(_ writer: inout JSONWriter) {
    writer.key("key")
    writer.beginObject()
    for (name, value) in key {
      writer.key(name)
      value.write(to: &writer)
    }
    writer.endObject()
    writer.member("key_fingerprint", keyFingerprint ?? "")
  }

  private func write(_ digests: [String: String], as key: String, _ writer: inout JSONWriter) {
    writer.key(key)
    writer.beginObject()
    for name in digests.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      writer.member(name, digests[name] ?? "")
    }
    writer.endObject()
  }

  private func write(_ pane: PaneInfo, _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("index", pane.index)
    writer.member("timing", pane.timing.rawValue)
    writer.key("non_speculative_index")
    if let index = pane.nonSpeculativeIndex { writer.value(index) } else { writer.null() }
    writer.key("is_first")
    writer.value(pane.isFirst)
    writer.key("is_last")
    writer.value(pane.isLast)
    writer.endObject()
  }

  private func write(_ time: Timestamp, _ writer: inout JSONWriter) {
    switch time {
    case .distantPast: writer.value("distant_past")
    case .distantFuture: writer.value("distant_future")
    default: writer.value(time.description)
    }
  }
}

extension JSONWriter {
  /// A ledger as an object of counts.
  public mutating func write(_ ledger: Ledger) {
    beginObject()
    for (name, count) in ledger.counts { member(name, count) }
    endObject()
  }
}

extension Ledger {
  /// The counts by the names they have in files; those of label joins where they are not 0.
  public var counts: [(name: String, count: Int)] {
    [
      ("read", read), ("aggregated", aggregated), ("emitted", emitted), ("filtered", filtered),
      ("late", late), ("quarantined", quarantined),
    ]
      + [
        ("duplicate", duplicate), ("unmatched", unmatched), ("held", held), ("gone", gone),
      ].filter { $0.1 != 0 }
  }
}
