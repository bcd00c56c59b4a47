import Dataflow
import EventTime
import FileIO
import Formats

/// Records that could not be used, or came too late, one JSON line each, with their bytes and where
/// they came from.
///
/// | key | value |
/// |---|---|
/// | `split`, `offset` | where the record began, in decompressed bytes |
/// | `reason` | what was expected and found |
/// | `event_time` | if it is known |
/// | `refused_by` | of a late row: `stage`, `window`, and `lateness`, how far the watermark of its split had passed the end of that window |
/// | `text` or `base64` | the record: as text if it is UTF-8, else in base 64 |
struct DeadLetterFile: ~Copyable {
  private var log: AppendLog
  private let stages: [String]

  /// A file at `path`; late rows name the stage at each position as `stages` does.
  init(path: String, stages: [String] = []) throws(FileIOError) {
    self.stages = stages
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      _ = try FileSystem.makeDirectories(String(path[..<slash]))
    }
    log = try AppendLog(path: path)
  }

  var byteCount: Int { log.byteCount }

  /// Takes back what was appended after the first `count` bytes; they will come again.
  mutating func cut(to count: Int) throws(FileIOError) { try log.cut(to: count) }

  mutating func append(_ letters: [DeadLetter]) throws(FileIOError) {
    let stages = stages
    try log.append(letters.map { Self.line($0, stages) })
  }

  private static func line(_ letter: DeadLetter, _ stages: [String]) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("split", letter.split)
    writer.member("offset", letter.offset)
    writer.member("reason", letter.reason)
    if let time = letter.eventTime { writer.member("event_time", time.description) }
    if !letter.refusals.isEmpty { write(letter.refusals, stages, &writer) }
    if let text = String(validating: letter.bytes, as: UTF8.self) {
      writer.member("text", text)
    } else {
      writer.member("base64", base64(letter.bytes))
    }
    writer.endObject()
    return writer.bytes
  }

  private static func write(
    _ refusals: [DeadLetter.Refusal], _ stages: [String], _ writer: inout JSONWriter
  ) {
    writer.key("refused_by")
    writer.beginArray()
    for refusal in refusals {
      writer.beginObject()
      writer.member("stage", stages[refusal.stage])
      writer.member("window", refusal.window.description)
      writer.member("lateness", refusal.lateness.description)
      writer.endObject()
    }
    writer.endArray()
  }

  /// RFC 4648, with padding.
  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      bits <<= UInt32(8 * (3 - group.count))
      for position in 0..<4 {
        let isPadding = position > group.count
        let index = Int(bits >> UInt32(18 - 6 * position)) & 63
        text.append(isPadding ? UInt8(ascii: "=") : alphabet[index])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
