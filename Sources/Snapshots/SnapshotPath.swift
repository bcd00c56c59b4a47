import Dataflow
import EventTime

/// Where a snapshot lies below the output directory.
enum SnapshotPath {
  static let log = "log.jsonl"
  static let deadLetters = "dead_letters"
  static let lateRows = "late_rows"
  /// Below a snapshot: the files of the one it takes back; those of a session that has become part
  /// of it stand below the window of that.
  static let retracted = "retracted/"
  /// Below a snapshot: how it differs from the one it replaces.
  static let changes = "changes.jsonl"

  /// Where TensorFlow Serving looks for the versions of a model.
  static func serving(stage: String, version: Int) -> String {
    stage.isEmpty ? "serving/\(version)" : "serving/\(stage)/\(version)"
  }

  /// `transform/<version>`, `evaluation/<window>/<pane>`, `aggregate/<window>/<pane>`; the name of
  /// a named stage comes after the kind, the fingerprint of a key after the window.
  static func path(
    _ kind: StageKind, stage: String, window: Window, key: [KeyValue], pane: Int, version: Int?
  ) -> String {
    let base = stage.isEmpty ? kind.rawValue : "\(kind.rawValue)/\(stage)"
    if let version { return "\(base)/\(version)" }
    let digits = String(pane)
    let padding = String(repeating: "0", count: max(0, 4 - digits.count))
    let level = key.isEmpty ? "" : "/" + fingerprint(of: key)
    return "\(base)/\(window)\(level)/\(padding)\(digits)"
  }

  /// 16 hexadecimal digits.
  static func fingerprint(of key: [KeyValue]) -> String {
    let digits = String(key.fingerprint, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
