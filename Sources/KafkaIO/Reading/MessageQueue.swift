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
  private static let capacity = 1024

  private let client: KafkaClient
  private let partition: Int32
  private let messages = UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>
    .allocate(capacity: capacity)
  /// The messages in hand.
  private var inHand = 0..<0
  private var isStarted = false

  init(_ client: KafkaClient, partition: Int) {
    self.client = client
    self.partition = Int32(partition)
    unsafe messages.initialize(repeating: nil)
  }

  deinit {
    stop()
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
    while !inHand.isEmpty { dropFirst() }
    if isStarted { _ = unsafe rd_kafka_consume_stop(client.topic, partition) }
    isStarted = false
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

  func dropFirst() {
    guard let index = inHand.first else { return }
    if let message = unsafe messages[index] { unsafe rd_kafka_message_destroy(message) }
    unsafe messages[index] = nil
    inHand = index + 1..<inHand.upperBound
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
    for _ in 0..<run.count { dropFirst() }
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
