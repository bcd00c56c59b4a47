import Dataflow
import EventTime
import FileIO
import Formats

/// `log.jsonl`: one line a publication, each with the digest of the line before it.
struct PublicationLog: ~Copyable {
  struct Entry {
    var path: String
    var manifest: Manifest
  }

  static let start = String(repeating: "0", count: 64)

  private var log: AppendLog
  private var previous = Self.start
  private var sequence = 0

  init(path: String) throws(FileIOError) { log = try AppendLog(path: path) }

  mutating func append(_ entries: [Entry], at time: Timestamp) throws(FileIOError) {
    try append(
      entries.map { entry in
        { writer in
          let manifest = entry.manifest
          writer.member("kind", manifest.kind.rawValue)
          writer.member("stage", manifest.stage)
          writer.member("window", manifest.window.description)
          writer.member("pane", manifest.pane.index)
          writer.member("timing", manifest.pane.timing.rawValue)
          writer.key("is_last")
          writer.value(manifest.pane.isLast)
          if let version = manifest.version { writer.member("version", version) }
          if let verdict = manifest.verdict { writer.member("verdict", verdict) }
          writer.member("path", entry.path)
          writer.member("payload_sha256", manifest.payloadDigest)
        }
      }, at: time)
  }

  /// The last line of a run: its books.
  mutating func appendEnd(_ report: RunReport, at time: Timestamp) throws(FileIOError) {
    try append(
      [
        { writer in
          writer.member("kind", "end")
          writer.key("is_complete")
          writer.value(report.isComplete)
          writer.key("ledger")
          writer.write(report.total)
          writer.key("splits")
          writer.beginArray()
          for split in report.splits {
            writer.beginObject()
            writer.member("split", split.name)
            writer.member("offset", split.offset)
            writer.key("ledger")
            writer.write(split.ledger)
            writer.endObject()
          }
          writer.endArray()
        }
      ], at: time)
  }

  private mutating func append(
    _ bodies: [(inout JSONWriter) -> Void], at time: Timestamp
  ) throws(FileIOError) {
    var lines: [[UInt8]] = []
    var last = previous
    for (offset, body) in bodies.enumerated() {
      var writer = JSONWriter()
      writer.beginObject()
      writer.member("sequence", sequence + offset)
      writer.member("published_at", time.description)
      body(&writer)
      writer.member("previous_sha256", last)
      writer.endObject()
      lines.append(writer.bytes)
      last = Digest.hex(writer.bytes)
    }
    try log.append(lines)
    sequence += lines.count
    previous = last
  }
}
