import Dataflow
import EventTime
import Formats

/// A snapshot directory that does not hold what it should.
public struct SnapshotError: Error, Hashable, CustomStringConvertible {
  public var path: String
  public var reason: String

  public init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "\(path): \(reason)" }
}

extension Manifest {
  /// Reads a `manifest.json` and checks the digest it gives of itself.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: For messages.
  /// - Throws: `SnapshotError` for what is not a manifest of this format.
  public init(json bytes: [UInt8], path: String) throws(SnapshotError) {
    let top: JSONValue
    do {
      top = try JSONValue(parsing: bytes)
    } catch {
      throw SnapshotError(path, "not JSON: \(error)")
    }
    guard top["format"]?.integer == Int64(Self.formatVersion) else {
      throw SnapshotError(path, "format version \(Self.formatVersion) expected")
    }
    guard let job = top["job"]?.string, let configuration = top["configuration_sha256"]?.string,
      let kind = (top["kind"]?.string).flatMap(StageKind.init), let stage = top["stage"]?.string,
      let start = top["window"]?["start_us"]?.integer, let end = top["window"]?["end_us"]?.integer,
      start < end, let pane = top["pane"].flatMap(PaneInfo.init),
      let files = top["files"]?.object, let digest = top["payload_sha256"]?.string
    else { throw SnapshotError(path, "a required key is missing or of the wrong type") }
    self.job = job
    self.configuration = configuration
    self.kind = kind
    self.stage = stage
    window = Window(start: Timestamp(microseconds: start), end: Timestamp(microseconds: end))
    self.pane = pane
    key = (top["key"]?.object?.members ?? []).map { ($0.key, KeyValue($0.value)) }
    readFingerprint = top["key_fingerprint"]?.string
    merged = (top["merged"]?.array ?? []).compactMap(\.string)
    version = (top["version"]?.integer).map(Int.init)
    supersedes = top["supersedes"]?.string
    verdict = top["verdict"]?.string
    applied = (top["applied"]?.object).map(Self.texts) ?? [:]
    exports = (top["exports"]?.object).map(Self.texts) ?? [:]
    isLagged = top["phase"]?.string == "lagged"
    statesFrom = (top["states_from"]?.object).map(Self.texts) ?? [:]
    accumulation = (top["accumulation"]?.string).flatMap(AccumulationMode.init)
    models = (top["models"]?.object).map(Self.texts) ?? [:]
    watermark = Self.time(top["watermark"]?.string)
    splits = (top["splits"]?.array ?? []).map { split in
      SplitStatus(
        name: split["split"]?.string ?? "", offset: Int(split["offset"]?.integer ?? 0),
        ledger: Ledger(split["ledger"]))
    }
    approximations = (top["approximations"]?.array ?? []).compactMap(\.string)
    self.files = Self.texts(files)
    retracted = (top["retracted"]?.object).map(Self.texts) ?? [:]
    changes = top["changes"].map { changes in
      Changes(
        digest: changes["sha256"]?.string ?? "", sliceCount: Int(changes["slices"]?.integer ?? 0),
        valueCount: Int(changes["values"]?.integer ?? 0))
    }
    guard payloadDigest == digest else {
      throw SnapshotError(path, "payload_sha256 does not agree with the files listed")
    }
    guard Ledger(top["ledger"]) == ledger else {
      throw SnapshotError(path, "the ledger is not the sum of its splits")
    }
  }

  private static func texts(_ object: JSONObject) -> [String: String] {
    Dictionary(
      object.members.map { ($0.key, $0.value.string ?? "") },
      uniquingKeysWith: { first, _ in first })
  }

  private static func time(_ text: String?) -> Timestamp {
    switch text {
    case "distant_future": .distantFuture
    case let text?: Timestamp(rfc3339: text) ?? .distantPast
    case nil: .distantPast
    }
  }
}

extension KeyValue {
  /// A component of a key as a manifest writes it.
  fileprivate init(_ value: JSONValue) {
    if let bool = value.bool {
      self = .bool(bool)
    } else if let integer = value.integer {
      self = .int64(integer)
    } else if let number = value.number {
      self = .float64(number)
    } else {
      self = value.string.map { .string($0) } ?? .missing
    }
  }
}

extension Ledger {
  init(_ value: JSONValue?) {
    self.init()
    func count(_ name: String) -> Int { Int(value?[name]?.integer ?? 0) }
    read = count("read")
    aggregated = count("aggregated")
    emitted = count("emitted")
    filtered = count("filtered")
    late = count("late")
    quarantined = count("quarantined")
    gone = count("gone")
    duplicate = count("duplicate")
    unmatched = count("unmatched")
    held = count("held")
  }
}

extension PaneInfo {
  fileprivate init?(_ value: JSONValue) {
    guard let index = value["index"]?.integer,
      let timing = (value["timing"]?.string).flatMap(PaneTiming.init),
      let isFirst = value["is_first"]?.bool, let isLast = value["is_last"]?.bool
    else { return nil }
    self.init(
      index: Int(index),
      nonSpeculativeIndex: (value["non_speculative_index"]?.integer).map(Int.init),
      timing: timing, isFirst: isFirst, isLast: isLast)
  }
}
