import ArgumentParser
import Dataflow
import EventTime
import FileIO
import Formats
import Snapshots

/// `limno snapshot list OUT`.
struct SnapshotListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the last pane of each window.")

  @Argument(help: "The output directory of a job.", completion: .directory)
  var directory: String

  @Flag(help: "List every pane, not only the last of each window.")
  var all = false

  @OptionGroup var options: SnapshotOutputOptions

  func run() throws {
    try reportingErrors {
      let store = try SnapshotStore.existing(directory)
      let entries = try all ? store.entries() : store.lastPanes()
      print(options.output == .json ? Self.json(entries) : Self.table(entries))
    }
  }

  private static func table(_ entries: [SnapshotStore.Entry]) -> String {
    var table = Table([
      ("kind", .left), ("stage", .left), ("window", .left), ("pane", .right), ("timing", .left),
      ("verdict", .left), ("payload", .left), ("path", .left),
    ])
    for entry in entries {
      let manifest = entry.manifest
      table.add([
        manifest.kind.rawValue, manifest.stage,
        manifest.window.description + (manifest.keyText.map { " " + $0 } ?? ""),
        "\(manifest.pane.index)", manifest.pane.timing.rawValue, manifest.verdict ?? "",
        String(manifest.payloadDigest.prefix(12)), entry.path,
      ])
    }
    return table.text
  }

  private static func json(_ entries: [SnapshotStore.Entry]) -> String {
    var writer = JSONWriter()
    writer.beginArray()
    for entry in entries {
      writer.beginObject()
      let manifest = entry.manifest
      for (key, value) in [
        ("kind", manifest.kind.rawValue), ("stage", manifest.stage),
        ("window", manifest.window.description), ("timing", manifest.pane.timing.rawValue),
        ("verdict", manifest.verdict ?? ""), ("path", entry.path),
        ("payload_sha256", manifest.payloadDigest), ("key", manifest.keyText ?? ""),
      ] where key != "key" || !manifest.key.isEmpty {
        writer.key(key)
        writer.value(value)
      }
      writer.key("pane")
      writer.value(manifest.pane.index)
      writer.key("is_last")
      writer.value(manifest.pane.isLast)
      writer.key("ledger")
      writer.write(manifest.ledger)
      writer.endObject()
    }
    writer.endArray()
    return writer.text
  }
}

extension SnapshotStore {
  /// The store at `directory`, which must hold a publication log.
  static func existing(_ directory: String) throws -> SnapshotStore {
    let store = SnapshotStore(directory: directory)
    guard try store.exists else {
      throw SnapshotError(directory, "holds no snapshots (no log.jsonl); is it a job's output?")
    }
    return store
  }
}
