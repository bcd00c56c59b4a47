import ByteCoding
import Columns
import Formats

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the messages of a source have that its decoder needs.
struct MessageLayout: Hashable, Sendable {
  var format: MessageFormat
  /// Keys and headers that are columns.
  var texts: [MessageColumn] = []
  var hasTimestamps = false
}

/// A message as librdkafka lends it, for the length of a call.
@safe struct MessageView {
  var offset: Int
  /// In microseconds; `Int64.min` for none.
  var timestamp: Int64
  /// `nil` for a tombstone.
  var value: UnsafeRawBufferPointer?
}

/// The messages of one chunk of a partition; positions are offsets from that of the chunk.
///
/// Values are copied once, end to end and framed as their format's decoder takes them. A message
/// whose value is not certain to be exactly one record is *odd*: the decoder stops before it.
final class MessageBlock: RecordBlock {
  enum Oddity: Hashable {
    case bad(String)
    /// To be decoded by itself.
    case alone
  }

  let layout: MessageLayout
  /// The framed values, end to end.
  let values = PaddedBuffer(capacity: 320 << 10)
  private(set) var partition = 0
  /// The offset that position 0 stands for.
  private(set) var firstOffset = 0
  private(set) var count = 0
  /// By message: its position.
  private(set) var positions: [Int] = []
  /// By message: where its frame starts in `values`.
  private(set) var starts: [Int] = []
  /// By message: where its own bytes are.
  private(set) var ranges: [Range<Int>] = []
  private(set) var timestamps: [Int64] = []
  /// Odd messages, ascending.
  private(set) var oddities: [(message: Int, oddity: Oddity)] = []
  /// Keys and headers of all messages, end to end.
  private(set) var text: [UInt8] = []
  /// For each text column, by message: where it stands in `text`, `nil` if it is missing.
  private(set) var textRanges: [[Range<Int>?]]

  init(_ layout: MessageLayout) {
    self.layout = layout
    textRanges = layout.texts.map { _ in [] }
  }

  var messageCount: Int { positions.count }
  var byteCount: Int { values.count }

  /// Drops everything; the first position stands for `offset` of `partition`.
  func begin(_ partition: Int, at offset: Int) {
    self.partition = partition
    firstOffset = offset
    count = 0
    values.removeAll()
    positions.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    ranges.removeAll(keepingCapacity: true)
    timestamps.removeAll(keepingCapacity: true)
    oddities.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    for column in textRanges.indices { textRanges[column].removeAll(keepingCapacity: true) }
  }

  /// Says that there are no further messages before `offset`.
  func extend(to offset: Int) { count = max(count, offset - firstOffset) }

  /// The bytes of the messages at `range` of positions, as they came.
  func copy(_ range: Range<Int>) -> [UInt8] {
    let messages = message(at: range.lowerBound)..<message(at: range.upperBound)
    return messages.flatMap { values.copy(ranges[$0]) }
  }

  /// The first message at or after `position`; ``messageCount`` if there is none.
  func message(at position: Int) -> Int {
    // Without gaps a message is at its own number.
    if position < positions.count && positions[position] == position { return position }
    var (low, high) = (0, positions.count)
    while low < high {
      let middle = (low + high) / 2
      if positions[middle] < position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The position of a message, or the end.
  func position(of message: Int) -> Int {
    message < positions.count ? positions[message] : count
  }

  /// The first odd message at or after `message`, with what is odd about it.
  func nextOddity(from message: Int) -> (message: Int, oddity: Oddity)? {
    guard let last = oddities.last, last.message >= message else { return nil }
    return oddities.first { $0.message >= message }
  }
}

/// Taking messages in.
extension MessageBlock {
  private static let frameByteCount = 16

  /// Adds `count` messages.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - byteCount: How long their values are together.
  ///   - view: Lends one of them.
  ///   - lendText: Lends its key or header.
  func append(
    _ count: Int, byteCount: Int, view: (Int) -> MessageView,
    text lendText: (Int, MessageColumn) -> UnsafeRawBufferPointer?
  ) {
    let base = values.count
    unsafe values.append(byteCount + count * Self.frameByteCount) { target in
      var end = 0
      for index in 0..<count {
        let message = view(index)
        positions.append(message.offset - firstOffset)
        timestamps.append(message.timestamp)
        starts.append(base + end)
        let (own, oddity) = unsafe place(message.value, in: target, at: &end)
        ranges.append(base + own.lowerBound..<base + own.upperBound)
        for column in layout.texts.indices {
          unsafe add(lendText(index, layout.texts[column]), to: column)
        }
        if let oddity = oddity ?? badText() { oddities.append((messageCount - 1, oddity)) }
      }
      return end
    }
    if let last = positions.last { self.count = max(self.count, last + 1) }
  }

  /// Copies one value with its frame; returns where its own bytes are, and what is odd about it.
  @inline(__always)
  private func place(
    _ value: UnsafeRawBufferPointer?, in target: UnsafeMutableRawBufferPointer, at end: inout Int
  ) -> (Range<Int>, Oddity?) {
    guard let base = target.baseAddress, let value = unsafe value else {
      return (end..<end, .bad("the message has no value (a tombstone)"))
    }
    if layout.format == .tfExample {
      let start = end + TFRecordFrameWriter.headerByteCount
      end = unsafe TFRecordFrameWriter.write(value, to: target, at: end)
      return (start..<start + value.count, nil)
    }
    let start = end
    if let source = value.baseAddress {
      unsafe (base + start).copyMemory(from: source, byteCount: value.count)
    }
    end = start + value.count
    unsafe target[end] = 0x0A
    end += 1
    return unsafe (start..<start + value.count, lineOddity(value))
  }

  /// What keeps a value from being one line of one record.
  @inline(__always)
  private func lineOddity(_ value: UnsafeRawBufferPointer) -> Oddity? {
    guard let base = value.baseAddress,
      unsafe !value.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A })
    else { return .bad("the message is empty") }
    if unsafe memchr(base, 0x0A, value.count) != nil { return .alone }
    if layout.format != .json, unsafe memchr(base, 0x22, value.count) != nil,
      unsafe !CSVQuotes.areClosed(in: value)
    {
      return .alone
    }
    return nil
  }

  private func add(_ bytes: UnsafeRawBufferPointer?, to column: Int) {
    guard let bytes = unsafe bytes else { return textRanges[column].append(nil) }
    let start = text.count
    unsafe text.append(contentsOf: bytes)
    textRanges[column].append(start..<text.count)
  }

  /// Says which key or header of the last message cannot be a column's value.
  private func badText() -> Oddity? {
    for column in textRanges.indices {
      guard let range = textRanges[column].last.flatMap({ $0 }) else { continue }
      let isPlain = text[range].allSatisfy { $0 < 0x80 }
      if !isPlain && String(validating: text[range], as: UTF8.self) == nil {
        return .bad("\(layout.texts[column].name): not UTF-8")
      }
    }
    return nil
  }
}
