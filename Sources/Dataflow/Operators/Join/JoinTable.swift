import ByteCoding
import EventTime

/// The rows that a label join holds: their bytes, and by key those that wait for each other.
struct JoinTable: Sendable {
  /// A row whose bytes the table holds.
  struct Row: Sendable {
    var release: Int64
    var time: Int64
    var position: Int64
    var hash: UInt64
    var split: Int32
    var block: Int32
    var start: UInt32
    var keyLength: UInt32
    var payloadLength: UInt32
    var side: JoinSide

    /// The order in which rows take part.
    func isOrdered(before other: Row, _ splits: [String]) -> Bool {
      if release != other.release { return release < other.release }
      if time != other.time { return time < other.time }
      if side != other.side { return side == .predictions }
      if split != other.split { return splits[Int(split)] < splits[Int(other.split)] }
      return position < other.position
    }

    /// Whether the event time of this label is within `wait` of that of `prediction`.
    func fits(_ prediction: Row, within wait: Interval) -> Bool {
      let latest = Timestamp(microseconds: prediction.time).advanced(by: wait)
      return prediction.time <= time && time <= latest.microseconds
    }
  }

  struct Entry: Sendable {
    var row: Row
    /// The watermark from which on nothing can come of it.
    var closing: Int64
    var isLabelled = false
    /// Taken out, but its place is not free before it closes.
    var isDone = false
    /// The next one of the same hash, `none` for the last.
    var next: Int32
  }

  /// The bytes of the rows of one chunk, held while one of these is.
  private struct Block: Sendable {
    var bytes: [UInt8]
    var liveRows: Int
  }

  private static let none: Int32 = -1

  private(set) var entries: [Entry] = []
  private var freeEntries: [Int32] = []
  private var heads: [UInt64: Int32] = [:]
  /// Entries by when they close, and these times in order.
  private var closing: [Int64: [Int32]] = [:]
  private var closingTimes: [Int64] = []
  private var blocks: [Block] = []
  private var freeBlocks: [Int32] = []
  private var blockBytes = 0

  // MARK: Bytes

  /// Takes the bytes of `rows` over.
  mutating func hold(_ rows: JoinRows) -> [Row] {
    let block = addBlock(rows.bytes, liveRows: rows.count)
    return rows.rows.map { row in
      Row(
        release: row.release, time: row.time, position: row.position, hash: row.hash,
        split: Int32(rows.split), block: block, start: row.start, keyLength: row.keyLength,
        payloadLength: row.payloadLength, side: rows.side)
    }
  }

  private mutating func addBlock(_ bytes: [UInt8], liveRows: Int) -> Int32 {
    blockBytes += bytes.count
    let block = Block(bytes: bytes, liveRows: liveRows)
    guard let index = freeBlocks.popLast() else {
      blocks.append(block)
      return Int32(blocks.count - 1)
    }
    blocks[Int(index)] = block
    return index
  }

  func payload(of row: Row) -> ArraySlice<UInt8> {
    let start = Int(row.start + row.keyLength)
    return blocks[Int(row.block)].bytes[start..<start + Int(row.payloadLength)]
  }

  private func key(of row: Row) -> ArraySlice<UInt8> {
    blocks[Int(row.block)].bytes[Int(row.start)..<Int(row.start + row.keyLength)]
  }

  private func isSameKey(_ one: Row, _ two: Row) -> Bool {
    one.hash == two.hash && key(of: one) == key(of: two)
  }

  /// Says that the bytes of a row are not needed any more.
  mutating func release(_ row: Row) {
    blocks[Int(row.block)].liveRows -= 1
    guard blocks[Int(row.block)].liveRows == 0 else { return }
    blockBytes -= blocks[Int(row.block)].bytes.count
    blocks[Int(row.block)].bytes = []
    freeBlocks.append(row.block)
  }

  // MARK: Entries

  /// The prediction that the key of `row` has when `row` takes part.
  func prediction(ofKeyOf row: Row) -> Int? {
    var index = heads[row.hash] ?? Self.none
    while index != Self.none {
      let entry = entries[Int(index)]
      if entry.row.side == .predictions, row.release < entry.closing, isSameKey(entry.row, row) {
        return Int(index)
      }
      index = entry.next
    }
    return nil
  }

  /// Takes out the labels of the key of `row` that `isWanted` says, in order.
  mutating func takeLabels(
    ofKeyOf row: Row, where isWanted: (Row) -> Bool, _ splits: [String]
  ) -> [Row] {
    var taken: [Row] = []
    var index = heads[row.hash] ?? Self.none
    while index != Self.none {
      let entry = entries[Int(index)]
      if entry.row.side == .labels, !entry.isDone, isSameKey(entry.row, row), isWanted(entry.row) {
        entries[Int(index)].isDone = true
        taken.append(entry.row)
      }
      index = entry.next
    }
    return taken.count < 2 ? taken : taken.sorted { $0.isOrdered(before: $1, splits) }
  }

  mutating func insert(_ row: Row, closing time: Int64) -> Int {
    let entry = Entry(row: row, closing: time, next: heads[row.hash] ?? Self.none)
    let index = freeEntries.popLast() ?? Int32(entries.count)
    if Int(index) == entries.count {
      entries.append(entry)
    } else {
      entries[Int(index)] = entry
    }
    heads[row.hash] = index
    if closing[time]?.append(index) == nil {
      closing[time] = [index]
      // Nearly always the last.
      let place = closingTimes.lastIndex { $0 < time }.map { $0 + 1 } ?? 0
      closingTimes.insert(time, at: place)
    }
    return Int(index)
  }

  mutating func markLabelled(_ entry: Int) { entries[entry].isLabelled = true }

  /// Takes out the entries that close by `time`.
  ///
  /// - Returns: The rows that found no other.
  mutating func expire(upTo time: Int64) -> [Row] {
    var unmatched: [Row] = []
    let times = closingTimes.prefix { $0 <= time }
    closingTimes.removeFirst(times.count)
    for closed in times {
      for index in closing.removeValue(forKey: closed) ?? [] {
        let entry = entries[Int(index)]
        unlink(index, entry)
        freeEntries.append(index)
        // A label that is done has been released with its prediction.
        guard !entry.isDone else { continue }
        if !entry.isLabelled { unmatched.append(entry.row) }
        release(entry.row)
      }
    }
    return unmatched
  }

  private mutating func unlink(_ index: Int32, _ entry: Entry) {
    guard let head = heads[entry.row.hash] else { preconditionFailure("entry \(index) is lost") }
    if head == index {
      heads[entry.row.hash] = entry.next == Self.none ? nil : entry.next
      return
    }
    var previous = head
    while entries[Int(previous)].next != index { previous = entries[Int(previous)].next }
    entries[Int(previous)].next = entry.next
  }

  /// The entries that are not done, by closing and in the order in which they took part.
  var open: [Entry] {
    closingTimes.flatMap { closing[$0] ?? [] }.map { entries[Int($0)] }.filter { !$0.isDone }
  }

  /// When the last entry closes, apart from those that never do.
  var latestClosing: Int64? { closingTimes.last { $0 < .max } }

  var byteCount: Int {
    blockBytes + entries.capacity * MemoryLayout<Entry>.stride + heads.capacity * 24
      + (entries.count - freeEntries.count) * 4
  }
}

extension JoinTable {
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | side |
  /// | 8, 8, 8 | release, event time, position; little-endian |
  /// | varint | split |
  /// | varint, bytes; varint, bytes | key, payload |
  func encode(_ row: Row, isWhole: Bool, into writer: inout ByteWriter) {
    writer.append(UInt8(row.side.rawValue))
    for value in [row.release, row.time, row.position] { writer.append(littleEndian: value) }
    writer.append(varint: UInt64(row.split))
    writer.append(lengthPrefixed: key(of: row))
    writer.append(lengthPrefixed: isWhole ? payload(of: row) : [])
  }

  mutating func decode(from reader: inout ByteReader) throws(ByteCodingError) -> Row {
    let offset = reader.offset
    guard let side = JoinSide(rawValue: Int(try reader.readByte())) else {
      throw ByteCodingError("a row of no side", at: offset)
    }
    let release = try reader.readLittleEndian(Int64.self)
    let time = try reader.readLittleEndian(Int64.self)
    let position = try reader.readLittleEndian(Int64.self)
    let split = try reader.readVarint()
    guard split <= Int32.max else { throw ByteCodingError("split \(split)", at: offset) }
    let key = try reader.readLengthPrefixed()
    let payload = try reader.readLengthPrefixed()
    let block = addBlock(Array(key) + payload, liveRows: 1)
    return Row(
      release: release, time: time, position: position, hash: fingerprint64(key),
      split: Int32(split), block: block, start: 0, keyLength: UInt32(key.count),
      payloadLength: UInt32(payload.count), side: side)
  }
}
