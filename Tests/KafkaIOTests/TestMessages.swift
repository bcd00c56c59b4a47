import Columns
import Formats

@testable import KafkaIO

/// Messages as a test writes them down.
struct TestMessage {
  var offset: Int
  var value: [UInt8]?
  var key: [UInt8]?
  var headers: [String: [UInt8]] = [:]
  var timestamp = Int64.min

  init(_ offset: Int, _ value: String?) {
    self.offset = offset
    self.value = value.map { Array($0.utf8) }
  }
}

/// Lends copies of bytes for as long as it lives.
@safe final class Lender {
  private var lent: [UnsafeMutableRawBufferPointer] = unsafe []

  deinit { unsafe lent.forEach { unsafe $0.deallocate() } }

  func lend(_ bytes: [UInt8]?) -> UnsafeRawBufferPointer? {
    guard let bytes else { return nil }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    unsafe buffer.copyBytes(from: bytes)
    unsafe lent += [buffer]
    return UnsafeRawBufferPointer(buffer)
  }
}

extension MessageBlock {
  /// A block of `messages`, taken in in groups of `group`; it ends at offset `end`.
  convenience init(
    _ messages: [TestMessage], _ layout: MessageLayout, partition: Int = 0, from start: Int = 0,
    to end: Int? = nil, group: Int = 3
  ) {
    self.init(layout)
    begin(partition, at: start)
    let lender = Lender()
    for first in stride(from: 0, to: messages.count, by: group) {
      let some = messages[first..<min(first + group, messages.count)]
      let byteCount = some.reduce(0) { $0 + ($1.value?.count ?? 0) }
      unsafe append(some.count, byteCount: byteCount) { index in
        let message = some[first + index]
        return unsafe MessageView(
          offset: message.offset, timestamp: message.timestamp, value: lender.lend(message.value))
      } text: { index, column in
        let message = some[first + index]
        guard case .header(let name) = column else { return unsafe lender.lend(message.key) }
        return unsafe lender.lend(message.headers[name])
      }
    }
    if let end { extend(to: end) }
  }
}

/// What became of a message: the row's values as text, or why there is none.
struct Outcome: Hashable, CustomStringConvertible {
  var offset: Int
  var row: [String]?
  var reason: String?

  var description: String { "\(offset): \(row.map { "\($0)" } ?? reason ?? "")" }
}

extension MessageBlock {
  /// Decodes all, `limit` records at a time, as the engine does; rows carry `__offset` last.
  func outcomes(_ schema: Schema, limit: Int) -> [Outcome] {
    let buffer = PaddedBuffer(capacity: 0)
    buffer.hold(self)
    var decoder = MessageDecoder(
      Schema(schema.fields + [Field("__offset", .int64)]), layout: layout, topic: "topic")
    var result: [Outcome] = []
    var position = 0
    while position < buffer.count {
      let decoded = decoder.decode(buffer, from: position, limit: limit)
      position = decoded.end
      for row in 0..<decoded.batch.rowCount {
        let values = decoded.batch.columns.map { $0.text(row) }
        result.append(Outcome(offset: Int(values[values.count - 1]) ?? -1, row: values.dropLast()))
      }
      for bad in decoded.badRecords {
        result.append(
          Outcome(offset: firstOffset + bad.range.lowerBound, row: nil, reason: bad.reason))
      }
    }
    return result.sorted { $0.offset < $1.offset }
  }
}

extension Column {
  /// The value of a row for comparison; `-` if it is missing.
  func text(_ row: Int) -> String {
    guard validity.isPresent(row) else { return "-" }
    switch self {
    case .bool(let column): return "\(column.values[row])"
    case .int64(let column): return "\(column.values[row])"
    case .float64(let column): return "\(column.values[row])"
    case .string(let column): return "'\(column.dictionary.string(column.ids[row]))'"
    case .plain(let column):
      let range = Int(column.offsets[row])..<Int(column.offsets[row + 1])
      return "'\(String(decoding: column.bytes[range], as: UTF8.self))'"
    case .list: return "list"
    }
  }
}
