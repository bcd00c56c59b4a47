import Dataflow
import EventTime
import Formats

/// One publication, as its line in `log.jsonl` says it.
struct Publication: Hashable, Codable, Sendable {
  var kind: StageKind
  var stage: String
  var window: Window
  /// The fingerprint of the window's key, if it has one.
  var key: String?
  var pane: Int
  var timing: PaneTiming
  var isLast: Bool
  var version: Int?
  var verdict: String?
  /// Below the output directory.
  var path: String
  var payloadDigest: String

  init(_ manifest: Manifest, path: String) {
    kind = manifest.kind
    stage = manifest.stage
    window = manifest.window
    key = manifest.keyFingerprint
    pane = manifest.pane.index
    timing = manifest.pane.timing
    isLast = manifest.pane.isLast
    version = manifest.version
    verdict = manifest.verdict
    self.path = path
    payloadDigest = manifest.payloadDigest
  }

  /// What is published, whatever its content and version.
  var identity: String {
    LoggedPublication.identity(kind.rawValue, stage, window.description, key, Int64(pane))
  }

  func write(into writer: inout JSONWriter) {
    writer.member("kind", kind.rawValue)
    writer.member("stage", stage)
    writer.member("window", window.description)
    if let key { writer.member("key", key) }
    writer.member("pane", pane)
    writer.member("timing", timing.rawValue)
    writer.key("is_last")
    writer.value(isLast)
    if let version { writer.member("version", version) }
    if let verdict { writer.member("verdict", verdict) }
    writer.member("path", path)
    writer.member("payload_sha256", payloadDigest)
  }
}

/// What a line of the log says of a publication, as far as a later run needs it.
struct LoggedPublication: Hashable, Sendable {
  var identity: String
  /// The kind and the name.
  var stage: String
  var version: Int?
  var path: String
  var payloadDigest: String

  /// `nil` for a line that is about none.
  init?(_ line: JSONValue) {
    guard let kind = line["kind"]?.string, let stage = line["stage"]?.string,
      let window = line["window"]?.string, let pane = line["pane"]?.integer,
      let path = line["path"]?.string, let digest = line["payload_sha256"]?.string
    else { return nil }
    self.stage = "\(kind) \(stage)"
    identity = Self.identity(kind, stage, window, line["key"]?.string, pane)
    version = line["version"]?.integer.map { Int($0) }
    self.path = path
    payloadDigest = digest
  }

  static func identity(
    _ kind: String, _ stage: String, _ window: String, _ key: String?, _ pane: Int64
  ) -> String {
    "\(kind) \(stage) \(window)\(key.map { " " + $0 } ?? "") \(pane)"
  }
}
