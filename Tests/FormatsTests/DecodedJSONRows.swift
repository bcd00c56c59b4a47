import Columns
import Formats

/// What a decoder made of some bytes, as plain values, so that tests can compare it.
struct DecodedJSONRows: Equatable {
  var rows: [[String]] = []
  var bad: [BadRecord] = []
  var rowsBefore: [Int] = []

  init(_ decoder: some RecordDecoder, _ text: [UInt8], limit: Int = 1000, isFile: Bool = true) {
    var decoder = decoder
    if isFile { decoder.beginFile() }
    let buffer = PaddedBuffer(text)
    var offset = 0
    while offset < text.count {
      let decoded = decoder.decode(buffer, from: offset, limit: limit)
      precondition(decoded.end > offset, "no progress at \(offset)")
      precondition(decoded.recordCount <= limit, "\(decoded.recordCount) records of \(limit)")
      rowsBefore += decoded.rowsBeforeBadRecords.map { $0 + rows.count }
      bad += decoded.badRecords
      rows += (0..<decoded.batch.rowCount).map { row in
        decoded.batch.columns.map { Self.text($0, row) }
      }
      offset = decoded.end
    }
  }

  init(_ decoder: some RecordDecoder, _ text: String, limit: Int = 1000) {
    self.init(decoder, Array(text.utf8), limit: limit)
  }

  /// A value with all its bits: `-` absent, `0x…` a double, quotes round text.
  static func text(_ column: Column, _ row: Int) -> String {
    guard column.validity.isPresent(row) else { return "-" }
    switch column {
    case .bool(let column): return "\(column.values[row])"
    case .int64(let column): return "\(column.values[row])"
    case .float64(let column):
      let value = column.values[row]
      return value.isNaN ? "nan" : value == 0 && value.sign == .minus ? "-0.0" : "\(value)"
    case .string(let column): return "\"\(column.dictionary.string(column.ids[row]))\""
    case .plain(let column):
      let bytes = column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])]
      return "\"\(String(decoding: bytes, as: UTF8.self))\""
    case .list(let column):
      let range = Int(column.offsets[row])..<Int(column.offsets[row + 1])
      return "[" + range.map { text(column.elements, $0) }.joined(separator: ",") + "]"
    }
  }
}

/// A small reproducible generator (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
