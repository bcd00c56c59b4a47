import CRdKafka

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Messages of one partition as librdkafka has fetched them, some of them in hand.
///
/// A message in hand keeps the whole answer of the broker it came with.
@safe final class MessageQueue {
  /// The most messages in hand.
  static let capacity = 1024

  private let client: KafkaClient
  private let partition: Int32
  private let messages = UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>
    .allocate(capacity: capacity)
  /// The messages in hand.
  private var inHand = 0..<0
  private var isStarted = false
  /// What has been fetched and is not in hand.
  private let waiting: OpaquePointer?
  /// The most messages that waited since librdkafka was last woken.
  private var mostWaiting = 0

  private static let wakeMilliseconds: Int32 = 100

  init(_ client: KafkaClient, partition: Int) {
    self.client = client
    self.partition = Int32(partition)
    unsafe messages.initialize(repeating: nil)
    unsafe waiting = rd_kafka_queue_get_partition(
      client.handle, client.configuration.topic, Int32(partition))
  }

  deinit {
    stop()
    if let waiting = unsafe waiting { unsafe rd_kafka_queue_destroy(waiting) }
    unsafe messages.deallocate()
  }

  var isEmpty: Bool { inHand.isEmpty }

  /// Begins to fetch.
  func start(at offset: Int) throws(KafkaError) {
    guard unsafe rd_kafka_consume_start(client.topic, partition, Int64(offset)) == 0 else {
      throw client.error(rd_kafka_last_error(), partition: Int(partition))
    }
    isStarted = true
  }

  /// Ends fetching and drops what was fetched.
  func stop() {
    drop(inHand.count)
    if isStarted { _ = unsafe rd_kafka_consume_stop(client.topic, partition) }
    isStarted = false
  }

  /// Wakes the thread that fetches if little is left of what waited.
  ///
  /// Before 2.2 librdkafka looks only once a second whether a full queue has room again. Any question
  /// to the leader wakes it; only this one has no side effect.
  func wakeIfLow() {
    guard FetchBound.needsWaking, let waiting = unsafe waiting else { return }
    let count = unsafe rd_kafka_queue_length(waiting)
    mostWaiting = max(mostWaiting, count)
    guard count < mostWaiting / 4 else { return }
    mostWaiting = count
    var low: Int64 = 0
    var high: Int64 = 0
    // Whether it is answered does not matter.
    _ = unsafe rd_kafka_query_watermark_offsets(
      client.handle, client.configuration.topic, partition, &low, &high, Self.wakeMilliseconds)
  }

  /// Takes the next message in hand, waiting for it at most so long.
  func wait(milliseconds: Int) { _ = fetch(milliseconds: milliseconds, limit: 1) }

  /// Takes what there is in hand; returns whether there is anything.
  func fetch(milliseconds: Int) -> Bool {
    fetch(milliseconds: milliseconds, limit: Self.capacity) > 0
  }

  private func fetch(milliseconds: Int, limit: Int) -> Int {
    precondition(inHand.isEmpty, "\(inHand.count) messages are still in hand")
    let count = unsafe rd_kafka_consume_batch(
      client.topic, partition, Int32(milliseconds), messages.baseAddress, limit)
    inHand = 0..<max(0, count)
    return inHand.count
  }

  /// What stands first in hand: its error, and its offset.
  var first: (code: rd_kafka_resp_err_t, offset: Int)? {
    guard let index = inHand.first, let message = unsafe messages[index] else { return nil }
    return unsafe (message.pointee.err, Int(message.pointee.offset))
  }

  /// A copy of what stands first in hand; `nil` if that is no record.
  func firstRecord() -> KafkaRecord? {
    guard let index = inHand.first, let message = unsafe messages[index],
      unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR
    else { return nil }
    let key = unsafe Self.bytes(message.pointee.key, message.pointee.key_len)
    let value = unsafe Self.bytes(message.pointee.payload, message.pointee.len)
    var record = unsafe KafkaRecord(
      key: key.map { unsafe Array($0) }, value: value.map { unsafe Array($0) } ?? [],
      headers: Self.headers(of: message))
    unsafe record.isTombstone = value == nil
    return record
  }

  private static func headers(
    of message: UnsafeMutablePointer<rd_kafka_message_t>
  ) -> [(name: String, value: String)] {
    var headers: OpaquePointer?
    guard unsafe rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR else {
      return []
    }
    return unsafe (0..<rd_kafka_header_cnt(headers)).compactMap { index in
      var name: UnsafePointer<CChar>?
      var value: UnsafeRawPointer?
      var size = 0
      guard
        unsafe rd_kafka_header_get_all(headers, index, &name, &value, &size)
          == RD_KAFKA_RESP_ERR_NO_ERROR, let name = unsafe name
      else { return nil }
      let bytes = unsafe UnsafeRawBufferPointer(start: value, count: size)
      return unsafe (String(cString: name), String(decoding: bytes, as: UTF8.self))
    }
  }

  func dropFirst() { drop(min(1, inHand.count)) }

  /// Gives back the first `count` in hand.
  private func drop(_ count: Int) {
    let kept = inHand.lowerBound + count
    for index in inHand.lowerBound..<kept {
      if let message = unsafe messages[index] { unsafe rd_kafka_message_destroy(message) }
      unsafe messages[index] = nil
    }
    inHand = kept..<inHand.upperBound
  }

  /// Moves messages to `block`: from `offset` on, ascending, below `end`, about `byteLimit` bytes.
  ///
  /// - Returns: How many; 0 if the first is an event, an error or not such a message.
  func take(
    into block: MessageBlock, from offset: Int, to end: Int, byteLimit: Int
  ) -> Int {
    let run = regularRun(from: offset, to: end, byteLimit: byteLimit)
    guard run.count > 0 else { return 0 }
    let first = inHand.lowerBound
    let hasTimestamps = block.layout.hasTimestamps
    unsafe block.append(run.count, byteCount: run.byteCount) { index in
      unsafe Self.view(messages[first + index], hasTimestamps)
    } text: { index, column in
      unsafe Self.text(column, of: messages[first + index])
    }
    drop(run.count)
    return run.count
  }

  private func regularRun(
    from offset: Int, to end: Int, byteLimit: Int
  ) -> (count: Int, byteCount: Int) {
    var next = offset
    var byteCount = 0
    for index in inHand {
      guard let message = unsafe messages[index],
        unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR,
        case let own = unsafe Int(message.pointee.offset), own >= next, own < end,
        byteCount < byteLimit
      else { return (index - inHand.lowerBound, byteCount) }
      next = own + 1
      unsafe byteCount += message.pointee.len
    }
    return (inHand.count, byteCount)
  }

  private static func view(
    _ message: UnsafeMutablePointer<rd_kafka_message_t>?, _ hasTimestamp: Bool
  ) -> MessageView {
    guard let message = unsafe message else { preconditionFailure("no message in hand") }
    var time = Int64.min
    if hasTimestamp {
      var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
      let milliseconds = unsafe rd_kafka_message_timestamp(message, &kind)
      if kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        if !overflow { time = product }
      }
    }
    return unsafe MessageView(
      offset: Int(message.pointee.offset), timestamp: time,
      value: bytes(message.pointee.payload, message.pointee.len))
  }

  private static func text(
    _ column: MessageColumn, of message: UnsafeMutablePointer<rd_kafka_message_t>?
  ) -> UnsafeRawBufferPointer? {
    guard let message = unsafe message else { return nil }
    guard case .header(let name) = column else {
      return unsafe bytes(message.pointee.key, message.pointee.key_len)
    }
    var headers: OpaquePointer?
    var value: UnsafeRawPointer?
    var size = 0
    guard unsafe rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR,
      unsafe rd_kafka_header_get_last(headers, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR
    else { return nil }
    return unsafe value.map { unsafe UnsafeRawBufferPointer(start: $0, count: size) }
  }

  /// No pointer means that there is none, as against an empty one.
  private static func bytes(
    _ start: UnsafeMutableRawPointer?, _ count: Int
  ) -> UnsafeRawBufferPointer? {
    unsafe start.map { unsafe UnsafeRawBufferPointer(start: $0, count: count) }
  }
}
