import ByteCoding
import EventTime

/// One thing that happened and that a replay must do again.
///
/// The coordinator is a state machine, and what a pane holds is what was accumulated before its
/// content was taken out of each worker: the steps of the one and the chunks and extractions of the
/// others, in one order that fits both, are a whole run, panes of every timing, idle splits and all.
enum JournalRecord: Hashable, Sendable {
  /// A worker has accumulated a chunk.
  struct Chunk: Hashable, Sendable {
    var worker: Int
    var split: Int
    /// Where it lies in the split.
    var bytes: Range<Int>
    /// Nothing followed it at the time.
    var isCaughtUp: Bool
    /// The greatest event time before it, `Int64.min` if there is none.
    var priorMaximum: Int64
    /// The least watermark its rows are judged by.
    var watermarkFloor: Timestamp
    /// The processing time they are held against, if the job guards against future rows.
    var now: Timestamp?
    /// Records before it, where reading begins, that are gone.
    var goneCount = 0
  }

  case chunk(Chunk)
  /// What a worker held for the next pane that is due was taken out of it; out of all by now?
  case extraction(worker: Int, isLast: Bool)
  /// A process took the run up, from a checkpoint of this moment or from its begin.
  case start(now: Timestamp)
  case addSplit(String)
  case beginLease(split: Int)
  case endLease(split: Int, isCaughtUp: Bool, isFinished: Bool)
  /// The report on the chunk of `split` that begins at `offset`.
  case report(split: Int, offset: Int, now: Timestamp)
  case tick(now: Timestamp)
  case endOfInput
  /// The run was asked to end its input here: every window fires and closes.
  case drain
}

extension JournalRecord {
  /// Appends the record.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | kind: position of the case above, from 1; plus 16, 32 and 64 for its flags |
  /// | rest | its values: integers as varints, times as 8 bytes little-endian |
  ///
  /// Flags: of a chunk, caught up, has a processing time, and records are gone before it; of an extraction, the last; of a
  /// lease's end, caught up and finished.
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .chunk(let chunk):
      writer.append(
        UInt8(
          1 + (chunk.isCaughtUp ? 16 : 0) + (chunk.now == nil ? 0 : 32)
            + (chunk.goneCount == 0 ? 0 : 64)))
      for value in [chunk.worker, chunk.split, chunk.bytes.lowerBound, chunk.bytes.count] {
        writer.append(varint: UInt64(value))
      }
      writer.append(littleEndian: chunk.priorMaximum)
      writer.append(littleEndian: chunk.watermarkFloor.microseconds)
      if let now = chunk.now { writer.append(littleEndian: now.microseconds) }
      if chunk.goneCount > 0 { writer.append(varint: UInt64(chunk.goneCount)) }
    case .extraction(let worker, let isLast):
      writer.append(UInt8(2 + (isLast ? 16 : 0)))
      writer.append(varint: UInt64(worker))
    case .start(let now):
      writer.append(UInt8(3))
      writer.append(littleEndian: now.microseconds)
    case .addSplit(let name):
      writer.append(UInt8(4))
      writer.append(lengthPrefixed: name.utf8)
    case .beginLease(let split):
      writer.append(UInt8(5))
      writer.append(varint: UInt64(split))
    case .endLease(let split, let isCaughtUp, let isFinished):
      writer.append(UInt8(6 + (isCaughtUp ? 16 : 0) + (isFinished ? 32 : 0)))
      writer.append(varint: UInt64(split))
    case .report(let split, let offset, let now):
      writer.append(UInt8(7))
      writer.append(varint: UInt64(split))
      writer.append(varint: UInt64(offset))
      writer.append(littleEndian: now.microseconds)
    case .tick(let now):
      writer.append(UInt8(8))
      writer.append(littleEndian: now.microseconds)
    case .endOfInput: writer.append(UInt8(9))
    case .drain: writer.append(UInt8(10))
    }
  }

  static func decode(from reader: inout ByteReader) throws(ByteCodingError) -> JournalRecord {
    let offset = reader.offset
    let tag = try reader.readByte()
    let (first, second) = (tag & 16 != 0, tag & 32 != 0)
    switch tag & 15 {
    case 1:
      var chunk = try decodeChunk(isCaughtUp: first, hasTime: second, from: &reader)
      if tag & 64 != 0 { chunk.goneCount = try reader.readCount() }
      return .chunk(chunk)
    case 2: return .extraction(worker: try reader.readCount(), isLast: first)
    case 3: return .start(now: try reader.readTimestamp())
    case 4:
      return .addSplit(String(decoding: try reader.readLengthPrefixed(), as: UTF8.self))
    case 5: return .beginLease(split: try reader.readCount())
    case 6:
      return .endLease(split: try reader.readCount(), isCaughtUp: first, isFinished: second)
    case 7:
      return .report(
        split: try reader.readCount(), offset: try reader.readCount(),
        now: try reader.readTimestamp())
    case 8: return .tick(now: try reader.readTimestamp())
    case 9: return .endOfInput
    case 10: return .drain
    default: throw ByteCodingError("no kind of journal record: \(tag)", at: offset)
    }
  }

  private static func decodeChunk(
    isCaughtUp: Bool, hasTime: Bool, from reader: inout ByteReader
  ) throws(ByteCodingError) -> Chunk {
    let worker = try reader.readCount()
    let split = try reader.readCount()
    let start = try reader.readCount()
    let end = start + (try reader.readCount())
    return Chunk(
      worker: worker, split: split, bytes: start..<end, isCaughtUp: isCaughtUp,
      priorMaximum: try reader.readLittleEndian(Int64.self),
      watermarkFloor: try reader.readTimestamp(), now: hasTime ? try reader.readTimestamp() : nil)
  }

  /// The records that `bytes` hold, end to end.
  static func all(in bytes: [UInt8]) throws(ByteCodingError) -> [JournalRecord] {
    var reader = ByteReader(bytes)
    var records: [JournalRecord] = []
    while !reader.isAtEnd { records.append(try decode(from: &reader)) }
    return records
  }
}

extension ByteReader {
  fileprivate mutating func readCount() throws(ByteCodingError) -> Int {
    let count = try readVarint()
    guard count <= UInt64(Int.max) / 2 else { throw ByteCodingError("count \(count)", at: offset) }
    return Int(count)
  }

  fileprivate mutating func readTimestamp() throws(ByteCodingError) -> Timestamp {
    Timestamp(microseconds: try readLittleEndian(Int64.self))
  }
}
