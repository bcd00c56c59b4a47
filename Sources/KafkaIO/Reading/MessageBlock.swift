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

  /// A message whose value is among ``values``.
  struct Entry {
    var position: Int
    /// In microseconds; `Int64.min` for none.
    var timestamp: Int64
    /// Where its frame starts.
    var start: Int
    /// Where its own bytes are.
    var range: Range<Int>
  }

  let layout: MessageLayout
  /// The framed values, end to end.
  let values = PaddedBuffer(capacity: 320 << 10)
  private(set) var partition = 0
  /// The offset that position 0 stands for.
  private(set) var firstOffset = 0
  private(set) var count = 0
  private(set) var messages: [Entry] = []
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

  var messageCount: Int { messages.count }
  var byteCount: Int { values.count }

  /// Drops everything; the first position stands for `offset` of `partition`.
  func begin(_ partition: Int, at offset: Int) {
    self.partition = partition
    firstOffset = offset
    count = 0
    values.removeAll()
    messages.removeAll(keepingCapacity: true)
    oddities.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    for column in textRanges.indices { textRanges[column].removeAll(keepingCapacity: true) }
  }

  /// Says that there are no further messages before `offset`.
  func extend(to offset: Int) { count = max(count, offset - firstOffset) }

  /// The bytes of the messages at `range` of positions, as they came.
  func copy(_ range: Range<Int>) -> [UInt8] {
    let own = message(at: range.lowerBound)..<message(at: range.upperBound)
    return messages[own].flatMap { values.copy($0.range) }
  }

  /// The first message at or after `position`; ``messageCount`` if there is none.
  func message(at position: Int) -> Int {
    // Without gaps a message is at its own number.
    if position < messages.count && messages[position].position == position { return position }
    var (low, high) = (0, messages.count)
    while low < high {
      let middle = (low + high) / 2
      if messages[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The position of a message, or the end.
  func position(of message: Int) -> Int {
    message < messages.count ? messages[message].position : count
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
    var badTexts: [Int: Oddity] = [:]
    if !layout.texts.isEmpty {
      for index in 0..<count {
        for column in layout.texts.indices {
          unsafe add(lendText(index, layout.texts[column]), to: column)
        }
        badTexts[messageCount + index] = badText()
      }
    }
    let base = values.count
    unsafe values.append(byteCount + count * Self.frameByteCount) { target in
      unsafe Self.place(
        count, view, in: target, at: base, layout.format, firstOffset, badTexts, &messages,
        &oddities)
    }
    if let last = messages.last { self.count = max(self.count, last.position + 1) }
  }

  /// Copies `count` values with their frames to `target`, whose place among all values is `base`;
  /// returns how many bytes these are.
  ///
  /// It runs for each message: what it changes is lent to it once for all of them.
  private static func place(
    _ count: Int, _ view: (Int) -> MessageView, in target: UnsafeMutableRawBufferPointer,
    at base: Int, _ format: MessageFormat, _ firstOffset: Int, _ badTexts: [Int: Oddity],
    _ messages: inout [Entry], _ oddities: inout [(message: Int, oddity: Oddity)]
  ) -> Int {
    var end = 0
    for index in 0..<count {
      let message = view(index)
      let start = base + end
      let (own, oddity) = unsafe place(message.value, in: target, at: &end, format)
      messages.append(
        Entry(
          position: message.offset - firstOffset, timestamp: message.timestamp, start: start,
          range: base + own.lowerBound..<base + own.upperBound))
      if let oddity = oddity ?? (badTexts.isEmpty ? nil : badTexts[messages.count - 1]) {
        oddities.append((messages.count - 1, oddity))
      }
    }
    return end
  }

  /// Copies one value with its frame; returns where its own bytes are, and what is odd about it.
  @inline(__always)
  private static func place(
    _ value: UnsafeRawBufferPointer?, in target: UnsafeMutableRawBufferPointer,
    at end: inout Int, _ format: MessageFormat
  ) -> (Range<Int>, Oddity?) {
    guard let base = target.baseAddress, let value = unsafe value else {
      return (end..<end, .bad("the message has no value (a tombstone)"))
    }
    if format == .tfExample {
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
    return unsafe (start..<start + value.count, lineOddity(value, format))
  }

  /// What keeps a value from being one line of one record.
  @inline(__always)
  private static func lineOddity(
    _ value: UnsafeRawBufferPointer, _ format: MessageFormat
  ) -> Oddity? {
    guard let base = value.baseAddress,
      unsafe !value.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A })
    else { return .bad("the message is empty") }
    if unsafe memchr(base, 0x0A, value.count) != nil { return .alone }
    if format != .json, unsafe memchr(base, 0x22, value.count) != nil,
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
