import Columns
import Formats
import Foundation

/// What a decoder made of some bytes, in a form that can be compared: each value as text.
struct DecodedRows: Equatable {
  var rows: [[String]] = []
  /// Bytes and reason of each bad record, and how many rows precede it.
  var bad: [String] = []

  /// Decodes `bytes` as a file: in chunks of whole records as `framing` cuts them out of about
  /// `chunk` bytes, and `limit` records at a time.
  init(
    _ decoder: inout some RecordDecoder, _ bytes: [UInt8], framing: (any RecordFraming)? = nil,
    chunk: Int = .max, limit: Int = 1000
  ) {
    decoder.beginFile()
    var rest = bytes[...]
    while !rest.isEmpty {
      var size = min(chunk, rest.count)
      var whole = rest.count
      while let framing, size < rest.count {
        whole = framing.wholeRecordPrefix(of: PaddedBuffer(rest.prefix(size)))
        if whole > 0 { break }
        size = min(2 * size, rest.count)
        whole = rest.count
      }
      add(&decoder, PaddedBuffer(rest.prefix(whole)), limit)
      rest = rest.dropFirst(whole)
    }
  }

  private mutating func add(
    _ decoder: inout some RecordDecoder, _ buffer: PaddedBuffer, _ limit: Int
  ) {
    var offset = 0
    while offset < buffer.count {
      let decoded = decoder.decode(buffer, from: offset, limit: limit)
      precondition(decoded.end > offset && decoded.recordCount <= limit)
      for (record, before) in zip(decoded.badRecords, decoded.rowsBeforeBadRecords) {
        let bytes = unsafe buffer.withBytes { unsafe Array($0[record.range]) }
        let text = String(decoding: bytes, as: UTF8.self)
        bad.append("\(rows.count + before): \(text): \(record.reason)")
      }
      for row in 0..<decoded.batch.rowCount {
        rows.append(decoded.batch.columns.map { Self.text($0, row) })
      }
      offset = decoded.end
    }
  }

  static func text(_ column: Column, _ row: Int) -> String {
    guard column.validity.isPresent(row) else { return "-" }
    switch column {
    case .bool(let column): return "\(column.values[row])"
    case .int64(let column): return "\(column.values[row])"
    case .float64(let column): return "\(column.values[row])"
    case .string(let column): return "'\(column.dictionary.string(column.ids[row]))'"
    case .plain(let column):
      let range = Int(column.offsets[row])..<Int(column.offsets[row + 1])
      return "'\(String(decoding: column.bytes[range], as: UTF8.self))'"
    case .list(let column):
      let range = Int(column.offsets[row])..<Int(column.offsets[row + 1])
      return "[" + range.map { text(column.elements, $0) }.joined(separator: " ") + "]"
    }
  }
}

func fixture(_ path: String) throws -> [UInt8] {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures").appending(path: path)))
}

/// The fields of the rows in `Fixtures/rides`.
let rides = Schema([
  Field("event_time_ms", .timestamp, timestampUnit: .milliseconds), Field("fare", .float64),
  Field("tip", .float32), Field("trip_miles", .float64), Field("passengers", .int64),
  Field("company_id", .float64), Field("payment_type", .string),
  Field("comment", .string, encoding: .plain), Field("label", .int64),
  Field("mc_scores", .list(.float64)), Field("query_id", .string), Field("rank_score", .float64),
])

/// A linear congruential generator, so that a seed gives the same cases everywhere.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    print("seed \(seed)")
    state = seed
  }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let mixed = (state ^ state >> 33) &* 0xFF51_AFD7_ED55_8CCD
    return mixed ^ mixed >> 29
  }
}
