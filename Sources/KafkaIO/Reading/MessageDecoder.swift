import Columns
import Formats

/// Decodes the messages of a ``MessageBlock``: values by their format's decoder, the rest as columns.
struct MessageDecoder: RecordDecoder {
  let schema: Schema
  private let layout: MessageLayout
  private var values: any RecordDecoder
  private let builder: MessageColumnBuilder
  /// One value by itself.
  private let single = PaddedBuffer(capacity: 4 << 10)
  private let nothing = PaddedBuffer(capacity: 64)

  init(_ schema: Schema, layout: MessageLayout, topic: String) {
    self.schema = schema
    self.layout = layout
    builder = MessageColumnBuilder(schema, layout: layout, topic: topic)
    values = layout.format.makeDecoder(builder.valueSchema)
  }

  /// Messages know no files.
  mutating func beginFile() {}

  mutating func decode(
    _ buffer: PaddedBuffer, from offset: Int, limit: Int
  ) -> DecodedBatch {
    guard let block = buffer.block as? MessageBlock else {
      preconditionFailure("a decoder of messages was given a buffer without any")
    }
    let first = block.message(at: offset)
    guard first < block.messageCount else { return gap(offset..<block.count) }
    let odd = block.nextOddity(from: first)
    if let odd, odd.message == first { return decode(odd.oddity, at: first, in: block) }
    let whole = (odd?.message ?? block.messageCount) - first
    let decoded = values.decode(
      block.values, from: block.messages[first].start, limit: min(limit, whole))
    precondition(
      decoded.recordCount > 0 && decoded.recordCount <= whole,
      "\(decoded.recordCount) records in \(whole) messages")
    return translate(decoded, first: first, in: block)
  }

  /// Positions that hold no message.
  private mutating func gap(_ range: Range<Int>) -> DecodedBatch {
    let empty = values.decode(nothing, from: 0, limit: 1)
    return DecodedBatch(
      batch: builder.batch(empty.batch, of: [], in: nil), badRecords: [],
      rowsBeforeBadRecords: [], records: range, end: range.upperBound)
  }

  /// A batch of values as one of messages, the first of which is message `first`.
  private func translate(
    _ decoded: DecodedBatch, first: Int, in block: MessageBlock
  ) -> DecodedBatch {
    var bad: [BadRecord] = []
    var rows: [Int] = []
    let next = first + decoded.recordCount
    if decoded.badRecords.isEmpty {
      rows = builder.hasMessageColumns ? Array(first..<next) : []
    } else {
      var message = first
      for (record, before) in zip(decoded.badRecords, decoded.rowsBeforeBadRecords) {
        let own = first + before + bad.count
        rows += message..<own
        message = own + 1
        let position = block.position(of: own)
        bad.append(BadRecord(range: position..<position + 1, reason: record.reason))
      }
      rows += message..<next
    }
    return DecodedBatch(
      batch: builder.batch(decoded.batch, of: rows, in: block), badRecords: bad,
      rowsBeforeBadRecords: decoded.rowsBeforeBadRecords,
      records: block.position(of: first)..<block.position(of: next - 1) + 1,
      end: block.position(of: next))
  }

  private mutating func decode(
    _ oddity: MessageBlock.Oddity, at message: Int, in block: MessageBlock
  ) -> DecodedBatch {
    switch oddity {
    case .bad(let reason): return bad(reason, at: message, in: block)
    case .alone:
      prepareSingle(block.values.copy(block.messages[message].range))
      let decoded = values.decode(single, from: 0, limit: 1)
      if let record = decoded.badRecords.first {
        return bad(record.reason, at: message, in: block)
      }
      guard decoded.recordCount == 1 else { return bad("no record", at: message, in: block) }
      guard decoded.end == single.count else {
        return bad("more than one record in a message", at: message, in: block)
      }
      return translate(decoded, first: message, in: block)
    }
  }

  private mutating func bad(
    _ reason: String, at message: Int, in block: MessageBlock
  ) -> DecodedBatch {
    let position = block.position(of: message)
    var result = gap(position..<position + 1)
    result.badRecords = [BadRecord(range: position..<position + 1, reason: reason)]
    result.rowsBeforeBadRecords = [0]
    result.recordCount = 1
    result.end = block.position(of: message + 1)
    return result
  }

  /// Fills `single` with one value as a line.
  ///
  /// JSON may be spread over lines, which a carriage return joins: white space between tokens, and
  /// as wrong as a line feed inside of text.
  private func prepareSingle(_ value: [UInt8]) {
    var line = value
    while let last = line.last, last == 0x0A || last == 0x0D { line.removeLast() }
    if layout.format == .json {
      for index in line.indices where line[index] == 0x0A { line[index] = 0x0D }
    }
    line.append(0x0A)
    single.removeAll()
    unsafe single.append(line.count) { target in
      unsafe target.copyBytes(from: line)
      return line.count
    }
  }
}
