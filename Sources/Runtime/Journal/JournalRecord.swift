import ByteCoding
import EventTime

/// One thing that a replay must do as the run did.
///
/// What a pane saw when it fired is the set of chunks accumulated before it, and lateness in a chunk
/// hangs on the greatest event time before it: with both recorded, in the order in which they came,
/// a replay needs neither threads nor watermarks.
enum JournalRecord: Hashable, Sendable {
  struct Chunk: Hashable, Sendable {
    var split: Int
    /// Where it lies in the split.
    var bytes: Range<Int>
    /// The greatest event time before it, `Int64.min` if there is none.
    var priorMaximum: Int64
    /// The least watermark its rows are judged by: later than the distant past for a split that
    /// came back from being idle, or appeared.
    var watermarkFloor: Timestamp
  }

  struct Firing: Hashable, Sendable {
    var stage: Int
    var window: Window
    /// `nil`: the window closed without one.
    var pane: PaneInfo?
    var takesBehind: Bool
    var closes: Bool
    var watermark: Timestamp
  }

  /// A split became known; they are numbered from 0 in this order.
  case split(String)
  case chunk(Chunk)
  case firing(Firing)
}

extension JournalRecord {
  /// Appends the record.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | 1 split, 2 chunk, 3 firing |
  /// | rest | split: varint length, name |
  /// | | chunk: varint split, varint offset, varint length, maximum before (8), floor (8) |
  /// | | firing: varint stage, window start and end (8 each), flags (1), watermark (8), pane |
  ///
  /// Flags: 1 takes behind, 2 closes, 4 has a pane, 8 first, 16 last, 32 early, 64 late. A pane is
  /// a varint index and a varint non-speculative index + 1, 0 for none. Integers of 8 bytes are
  /// little-endian microseconds.
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .split(let name):
      writer.append(UInt8(1))
      writer.append(lengthPrefixed: name.utf8)
    case .chunk(let chunk):
      writer.append(UInt8(2))
      writer.append(varint: UInt64(chunk.split))
      writer.append(varint: UInt64(chunk.bytes.lowerBound))
      writer.append(varint: UInt64(chunk.bytes.count))
      writer.append(littleEndian: chunk.priorMaximum)
      writer.append(littleEndian: chunk.watermarkFloor.microseconds)
    case .firing(let firing): encode(firing, into: &writer)
    }
  }

  private func encode(_ firing: Firing, into writer: inout ByteWriter) {
    writer.append(UInt8(3))
    writer.append(varint: UInt64(firing.stage))
    writer.append(littleEndian: firing.window.start.microseconds)
    writer.append(littleEndian: firing.window.end.microseconds)
    var flags: UInt8 = (firing.takesBehind ? 1 : 0) | (firing.closes ? 2 : 0)
    if let pane = firing.pane {
      flags |= 4 | (pane.isFirst ? 8 : 0) | (pane.isLast ? 16 : 0)
      flags |= pane.timing == .early ? 32 : pane.timing == .late ? 64 : 0
    }
    writer.append(flags)
    writer.append(littleEndian: firing.watermark.microseconds)
    guard let pane = firing.pane else { return }
    writer.append(varint: UInt64(pane.index))
    writer.append(varint: UInt64((pane.nonSpeculativeIndex ?? -1) + 1))
  }

  static func decode(from reader: inout ByteReader) throws(ByteCodingError) -> JournalRecord {
    let offset = reader.offset
    switch try reader.readByte() {
    case 1:
      let name = try reader.readLengthPrefixed()
      return .split(String(decoding: name, as: UTF8.self))
    case 2:
      let split = try reader.readCount()
      let start = try reader.readCount()
      let end = start + (try reader.readCount())
      return .chunk(
        Chunk(
          split: split, bytes: start..<end, priorMaximum: try reader.readLittleEndian(Int64.self),
          watermarkFloor: try reader.readTimestamp()))
    case 3: return .firing(try decodeFiring(from: &reader))
    case let tag: throw ByteCodingError("no kind of journal record: \(tag)", at: offset)
    }
  }

  private static func decodeFiring(
    from reader: inout ByteReader
  ) throws(ByteCodingError) -> Firing {
    let stage = try reader.readCount()
    let start = try reader.readTimestamp()
    let end = try reader.readTimestamp()
    guard start < end else { throw ByteCodingError("a window of no length", at: reader.offset) }
    let flags = try reader.readByte()
    var firing = Firing(
      stage: stage, window: Window(start: start, end: end), takesBehind: flags & 1 != 0,
      closes: flags & 2 != 0, watermark: try reader.readTimestamp())
    guard flags & 4 != 0 else { return firing }
    let index = try reader.readCount()
    let nonSpeculative = try reader.readCount()
    firing.pane = PaneInfo(
      index: index, nonSpeculativeIndex: nonSpeculative == 0 ? nil : nonSpeculative - 1,
      timing: flags & 32 != 0 ? .early : flags & 64 != 0 ? .late : .onTime,
      isFirst: flags & 8 != 0, isLast: flags & 16 != 0)
    return firing
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
