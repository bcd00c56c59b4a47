import Dataflow
import EventTime
import Formats
import Snapshots

/// What the page is made of.
struct ReportData {
  /// An evaluation, its windows in order.
  struct Evaluation {
    var stage: String
    var windows: [WindowOfMetrics]
    /// Of the newest window.
    var plots: [JSONValue]
    /// Lines of `heavy_hitters.jsonl`, of the newest window.
    var members: [JSONValue]
    var validation: JSONValue?
  }

  /// The last pane of a window, and its metrics.
  struct WindowOfMetrics {
    var name: String
    var pane: Int
    var isLate: Bool
    var isLast: Bool
    /// Of the last pane, where that is told.
    var changes: Manifest.Changes?
    var lines: [MetricLine]
    /// Where each line is.
    let index: [Key: Int]

    struct Key: Hashable {
      var metric: String
      var slice: String
      var model: String
      var isDiff: Bool
    }

    init(_ manifest: Manifest, _ lines: [MetricLine]) {
      name = manifest.window.description
      pane = manifest.pane.index
      isLate = manifest.pane.timing == .late
      isLast = manifest.pane.isLast
      changes = manifest.changes
      self.lines = lines
      index = Dictionary(
        lines.indices.filter { lines[$0].baselineSlice == nil }.map {
          let line = lines[$0]
          let key = Key(
            metric: line.metric, slice: line.slice, model: line.model, isDiff: line.isDiff)
          return (key, $0)
        }, uniquingKeysWith: { first, _ in first })
    }
  }

  struct Drift {
    var stage: String
    /// The last pane of each window, with its lines.
    var windows: [(name: String, lines: [JSONValue])]
  }

  /// So many windows are shown, the newest.
  static let windowLimit = 200

  var job = ""
  var evaluations: [Evaluation] = []
  var drifts: [Drift] = []
  /// All last panes, for the list of verdicts.
  var panes: [SnapshotStore.Entry] = []
  /// By split, from the newest snapshot.
  var splits: [SplitStatus] = []

  init(_ store: SnapshotStore) throws {
    panes = try store.lastPanes()
    guard let newest = panes.max(by: { Self.readCount($0) < Self.readCount($1) }) else { return }
    job = newest.manifest.job
    splits = newest.manifest.splits
    var stages: [String] = []
    for entry in panes {
      let stage = "\(entry.manifest.kind.rawValue) \(entry.manifest.stage)"
      if !stages.contains(stage) { stages.append(stage) }
    }
    for stage in stages {
      let all = panes.filter { "\($0.manifest.kind.rawValue) \($0.manifest.stage)" == stage }
      let shown = Array(all.suffix(Self.windowLimit))
      switch shown[0].manifest.kind {
      case .evaluation: evaluations.append(try Self.evaluation(shown, store))
      case .drift:
        drifts.append(
          Drift(
            stage: shown[0].manifest.stage,
            windows: try shown.map {
              ($0.manifest.window.description, try Self.lines("drift.jsonl", $0, store))
            }))
      case .transform, .aggregate, .transformed: break
      }
    }
  }

  private static func readCount(_ entry: SnapshotStore.Entry) -> Int64 {
    Int64(entry.manifest.ledger.read)
  }

  private static func evaluation(
    _ entries: [SnapshotStore.Entry], _ store: SnapshotStore
  ) throws -> Evaluation {
    let windows = try entries.map { entry in
      WindowOfMetrics(
        entry.manifest, try lines("metrics.jsonl", entry, store).compactMap(MetricLine.init))
    }
    // Windows at the end of a stream may be empty: the newest that has rows is shown.
    let newest = entries[windows.lastIndex { $0.lines.contains { $0.examples > 0 } } ?? 0]
    return Evaluation(
      stage: newest.manifest.stage, windows: windows,
      plots: try lines("plots.jsonl", newest, store),
      members: try lines("heavy_hitters.jsonl", newest, store),
      validation: newest.manifest.files["validation.json"] == nil
        ? nil : try JSONValue(parsing: store.contents(of: "validation.json", in: newest)))
  }

  private static func lines(
    _ file: String, _ entry: SnapshotStore.Entry, _ store: SnapshotStore
  ) throws -> [JSONValue] {
    guard entry.manifest.files[file] != nil else { return [] }
    return try store.contents(of: file, in: entry).split(separator: UInt8(ascii: "\n")).map {
      try JSONValue(parsing: Array($0))
    }
  }
}

extension ReportData.Evaluation {
  /// The newest window that has rows.
  var newest: ReportData.WindowOfMetrics {
    windows.last { $0.lines.contains { $0.examples > 0 } } ?? windows[windows.count - 1]
  }
}

/// A line of `metrics.jsonl` whose value is a number.
struct MetricLine {
  /// `country=de, device=3`; `overall` without a feature.
  var slice: String
  /// Of a comparison of slices, the other one.
  var baselineSlice: String?
  /// The name with what else is in the key, the model apart.
  var metric: String
  var model: String
  var isDiff: Bool
  var value: Double
  var bound: Double?
  var interval: ClosedRange<Double>?
  /// Where the value can be once all labels have come.
  var labelBounds: ClosedRange<Double>?
  var examples: Int64

  init?(_ line: JSONValue) {
    guard let slice = line["slice"]?.object, let name = line["metric"]?.string,
      let value = line["value"]?.number, let key = line["key"]?.object
    else { return nil }
    self.slice = Self.text(slice)
    baselineSlice = line["baseline_slice"]?.object.map(Self.text)
    let output = line["output"]?.string ?? ""
    let rest = key.members.compactMap { member -> String? in
      switch member.value {
      case .bool: nil
      case .string(let text): text
      case let value: "\(member.key) \(value.integer ?? 0)"
      }
    }
    metric = ([name] + rest + (output.isEmpty ? [] : [output])).joined(separator: ", ")
    isDiff = key["diff"]?.bool ?? false
    model = line["model"]?.string ?? ""
    self.value = value
    bound = line["bound"]?.number
    interval = Self.range(line["interval"])
    labelBounds = Self.range(line["label_bounds"])
    examples = line["examples"]?.integer ?? 0
  }

  private static func range(_ value: JSONValue?) -> ClosedRange<Double>? {
    guard let bounds = value?.array?.compactMap(\.number), bounds.count == 2,
      bounds[0] <= bounds[1]
    else { return nil }
    return bounds[0]...bounds[1]
  }

  static func text(_ slice: JSONObject) -> String {
    if slice.members.isEmpty { return "overall" }
    return slice.members.map { "\($0.key)=\(text($0.value))" }.joined(separator: ", ")
  }

  private static func text(_ value: JSONValue) -> String {
    value.string ?? value.integer.map(String.init) ?? value.number.map(shown)
      ?? value.bool.map(String.init) ?? "missing"
  }
}
