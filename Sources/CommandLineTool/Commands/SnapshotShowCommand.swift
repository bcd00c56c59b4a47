import ArgumentParser
import Dataflow
import EventTime
import FileIO
import Formats
import Snapshots

/// `limno snapshot show DIR`: one snapshot for people.
struct SnapshotShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one snapshot: its window, books and content.")

  @Argument(help: "The directory of a snapshot (one that holds manifest.json).")
  var directory: String

  @Option(help: "Show only metrics of this name.")
  var metric: [String] = []

  @Option(help: "At most so many lines of content.")
  var limit = 40

  @OptionGroup var options: SnapshotOutputOptions

  func run() throws {
    try reportingErrors {
      let path = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
      let store = SnapshotStore(directory: path)
      let name = path + "/manifest.json"
      let bytes = try FileSystem.contents(of: name)
      let manifest = try Manifest(json: bytes, path: name)
      if options.output == .json {
        print(String(decoding: bytes, as: UTF8.self), terminator: "")
        return
      }
      print(Self.head(manifest))
      switch manifest.kind {
      case .evaluation:
        print(try SliceTable(lines: try read("metrics.jsonl", store), only: metric).text(limit))
        if manifest.changes != nil {
          let changes = try ChangesTable(lines: try read("changes.jsonl", store))
          if !changes.isEmpty { print("\n" + changes.text(limit)) }
        }
      case .aggregate: print(try RowTable(lines: try read("rows.jsonl", store)).text(limit))
      case .drift: print(try DriftTable(lines: try read("drift.jsonl", store)).text)
      case .transformed:
        for (key, value) in manifest.applied.sorted(by: { $0.key < $1.key }) {
          print("\(key): \(value)")
        }
      case .transform: print(String(decoding: try read("graph.json", store), as: UTF8.self))
      }
    }
  }

  private func read(_ file: String, _ store: SnapshotStore) throws -> [UInt8] {
    try FileSystem.contents(of: store.directory + "/" + file)
  }

  private static func head(_ manifest: Manifest) -> String {
    let stage = manifest.stage.isEmpty ? "" : " \(manifest.stage)"
    let ledger = manifest.ledger
    var lines = [
      "\(manifest.kind.rawValue)\(stage) of job \(manifest.job)",
      "window     \(manifest.window)\(manifest.keyText.map { "\nkey        " + $0 } ?? "")",
      "pane       \(manifest.pane.index) (\(manifest.pane.timing.rawValue)"
        + (manifest.pane.isLast ? ", last" : "") + ")",
      "ledger     read \(ledger.read.grouped) = "
        + ledger.counts.dropFirst().filter { $0.name != "emitted" || $0.count > 0 }.map {
          "\($0.name) \($0.count.grouped)"
        }.joined(separator: " + ")
        + " (when the pane fired)",
    ]
    if let version = manifest.version { lines.append("version    \(version)") }
    if let verdict = manifest.verdict { lines.append("verdict    \(verdict)") }
    if let changes = manifest.changes {
      lines.append(
        "changes    \(changes.valueCount.grouped) values in \(changes.sliceCount.grouped) slices "
          + "since \(manifest.supersedes ?? "the pane before")")
    }
    for line in manifest.approximations { lines.append("not exact  \(line)") }
    lines.append("payload    \(manifest.payloadDigest)\n")
    return lines.joined(separator: "\n")
  }
}

/// `metrics.jsonl` as a table: a line a slice and model, a column a metric.
struct SliceTable {
  private var names: [String] = []
  private var rows: [(slice: String, values: [String: String])] = []

  init(lines: [UInt8], only wanted: [String]) throws {
    var positions: [String: Int] = [:]
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      let value = try JSONValue(parsing: Array(line))
      guard let metric = value["metric"]?.string, wanted.isEmpty || wanted.contains(metric) else {
        continue
      }
      let slice = Self.name(value)
      let row = positions[slice] ?? rows.count
      if row == rows.count {
        positions[slice] = row
        rows.append((slice, [:]))
      }
      if !names.contains(metric) { names.append(metric) }
      rows[row].values[metric] = (value["value"].map(Self.text) ?? "") + Self.bounds(value)
    }
  }

  func text(_ limit: Int) -> String {
    var table = Table([("slice", .left)] + names.map { ($0, .right) })
    for row in rows.prefix(limit) {
      table.add([row.slice] + names.map { row.values[$0] ?? "" })
    }
    let rest = rows.count - limit
    return table.text + (rest > 0 ? "\n… \(rest.grouped) more (--limit)" : "")
  }

  /// What missing labels may make of a value, if they may.
  private static func bounds(_ value: JSONValue) -> String {
    guard let bounds = value["label_bounds"]?.array, bounds.count == 2, bounds[0] != bounds[1]
    else {
      return ""
    }
    return " [\(text(bounds[0])) … \(text(bounds[1]))]"
  }

  static func name(_ value: JSONValue) -> String {
    let features = (value["slice"]?.object?.members ?? []).map { "\($0.key)=\(text($0.value))" }
    let slice = features.isEmpty ? "overall" : features.joined(separator: " ")
    let model = value["model"]?.string ?? ""
    return model.isEmpty ? slice : "\(slice) [\(model)]"
  }

  static func text(_ value: JSONValue) -> String {
    if let text = value.string { return text }
    if let integer = value.integer { return integer.grouped }
    guard let number = value.number else { return value.isNull ? "" : "(\(value.kind))" }
    let rounded = (number * 1e6).rounded() / 1e6
    return abs(number) >= 1e-4 && abs(number) < 1e9 ? "\(rounded)" : "\(number)"
  }
}

/// `rows.jsonl` as a table.
struct RowTable {
  private let rows: [JSONValue]

  init(lines: [UInt8]) throws {
    rows = try lines.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
  }

  func text(_ limit: Int) -> String {
    guard let first = rows.first?.object else { return "no rows" }
    var table = Table(first.members.map { ($0.key, $0.value.string == nil ? .right : .left) })
    for row in rows.prefix(limit) {
      table.add(
        (row.object?.members ?? []).map { member in
          guard let list = member.value.array else { return SliceTable.text(member.value) }
          return "(\(list.count) values)"
        })
    }
    let rest = rows.count - limit
    return table.text + (rest > 0 ? "\n… \(rest.grouped) more (--limit)" : "")
  }
}
