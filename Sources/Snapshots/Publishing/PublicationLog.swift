import Dataflow
import EventTime
import FileIO
import Formats

/// `log.jsonl`: one line a publication, each with the digest of the line before it.
struct PublicationLog: ~Copyable {
  /// How many lines there are, and the digest of the last.
  struct Position: Hashable, Codable, Sendable {
    var lineCount = 0
    var digest = PublicationLog.start
  }

  static let start = String(repeating: "0", count: 64)

  private var log: AppendLog
  private(set) var position = Position()

  /// Opens a log that is empty, or will be appended to.
  init(path: String) throws(FileIOError) { log = try AppendLog(path: path) }

  /// Opens a log that was at `position` once.
  ///
  /// - Parameters:
  ///   - path: The log.
  ///   - position: Where it stood.
  ///   - later: Set to the lines that were added since.
  /// - Throws: `SnapshotError` if the log is another one.
  init(path: String, resuming position: Position, later: inout [JSONValue]) throws {
    let log = try AppendLog(path: path)
    let lines = try FileSystem.contents(of: path).split(separator: UInt8(ascii: "\n"))
    let known = position.lineCount
    guard lines.count >= known,
      known == 0 || ContentDigest.hex(Array(lines[known - 1])) == position.digest
    else {
      throw SnapshotError(
        path,
        "has \(lines.count) lines and is not the log that the checkpoint goes with "
          + "(\(known) lines then); restore the output directory, or start over with "
          + "--fresh --force")
    }
    later = try lines[known...].map { try JSONValue(parsing: Array($0)) }
    self.log = log
    let last = lines.last.map { ContentDigest.hex(Array($0)) }
    self.position = Position(lineCount: lines.count, digest: last ?? Self.start)
  }

  mutating func append(_ publications: [Publication], at time: Timestamp) throws(FileIOError) {
    try append(publications.map { one in { one.write(into: &$0) } }, at: time)
  }

  /// The last line of a run: its books.
  mutating func appendEnd(_ report: RunReport, at time: Timestamp) throws(FileIOError) {
    try append(
      [
        { writer in
          writer.member("kind", "end")
          writer.key("is_complete")
          writer.value(report.isComplete)
          if report.isDrained {
            writer.key("is_drained")
            writer.value(true)
          }
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
    guard !bodies.isEmpty else { return }
    var lines: [[UInt8]] = []
    var next = position
    for body in bodies {
      var writer = JSONWriter()
      writer.beginObject()
      writer.member("sequence", next.lineCount)
      writer.member("published_at", time.description)
      body(&writer)
      writer.member("previous_sha256", next.digest)
      writer.endObject()
      lines.append(writer.bytes)
      next = Position(lineCount: next.lineCount + 1, digest: ContentDigest.hex(writer.bytes))
    }
    try log.append(lines)
    position = next
  }
}
