import FileIO
import Formats
import Foundation
import KafkaIO
import Snapshots

/// What topics are told of each line of the publication log: the records of a publication, and its
/// transformed rows.
struct LogRecords: Sendable {
  let directory: String
  let outputs: TopicOutputs

  private var path: String { directory + "/log.jsonl" }

  /// The size of the log.
  var byteCount: Int {
    get throws { try FileSystem.kind(of: path) == nil ? 0 : FileSystem.size(of: path) }
  }

  /// The digest of the line that ends at `end`; empty at the start of the log, `nil` if no line ends
  /// there.
  func digest(at end: Int) throws -> String? {
    guard end > 0 else { return "" }
    guard end <= (try byteCount) else { return nil }
    var count = 4096
    while true {
      let start = max(0, end - count)
      let bytes = try bytes(start..<end)
      guard bytes.last == 0x0A else { return nil }
      let line = bytes.dropLast()
      if let before = line.lastIndex(of: 0x0A) {
        return SnapshotStore.digest(Array(line[(before + 1)...]))
      }
      if start == 0 { return SnapshotStore.digest(Array(line)) }
      count *= 4
    }
  }

  /// Sends the records of the lines in a range of bytes.
  func send(_ range: Range<Int>, to send: (KafkaRecord, String) throws -> Void) throws {
    guard !range.isEmpty else { return }
    for line in try bytes(range).split(separator: 0x0A) {
      let publication = try JSONValue(parsing: Array(line))
      guard let path = publication["path"]?.string else { continue }
      if let topic = outputs.snapshots,
        let record = try SnapshotRecord(publication, in: directory)
      {
        try send(record.record, topic)
      }
      if publication["kind"]?.string == "transformed",
        let rows = outputs.rows[publication["stage"]?.string ?? ""]
      {
        try sendRows(of: path, rows, to: send)
      }
    }
  }

  private func sendRows(
    of path: String, _ rows: TopicOutputs.Rows, to send: (KafkaRecord, String) throws -> Void
  ) throws {
    let file = "\(directory)/\(path)/rows.\(rows.format.rawValue)"
    // A window before which there is no version has no rows.
    guard try FileSystem.kind(of: file) != nil else { return }
    for row in try rows.format.records(try FileSystem.contents(of: file)) {
      try send(KafkaRecord(key: nil, value: Array(row)), rows.topic)
    }
  }

  private func bytes(_ range: Range<Int>) throws -> [UInt8] {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? file.close() }
    try file.seek(toOffset: UInt64(range.lowerBound))
    return [UInt8](try file.read(upToCount: range.count) ?? Data())
  }
}
