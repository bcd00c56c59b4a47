import CRdKafka

/// How much librdkafka may fetch ahead.
///
/// It bounds, for each partition, the bytes of the messages that wait and their number, and passes
/// the first bound by one answer at most. Half of a partition's share is for the bytes: messages that
/// wait, or, if they are large, those in hand beside them. The other half is for what it keeps of each
/// message.
struct FetchBound {
  /// What librdkafka keeps of a message beside its bytes; measured with 2.0.2 and 2.16.
  private static let messageOverhead = 256
  /// More is not taken.
  private static let greatestByteCount = 2_097_151 << 10
  private static let greatestMessageCount = 10_000_000
  private static let answerByteCounts = 64 << 10...1 << 20

  /// Whether a partition whose queue was full is looked at again only after a second, whatever is set.
  static let needsWaking = rd_kafka_version() < 0x0202_0000

  /// Of one answer, in one partition.
  let answerByteCount: Int
  /// Of the messages of a partition that wait.
  let queuedByteCount: Int
  let queuedMessageCount: Int

  /// - Parameters:
  ///   - byteCount: What all partitions may take.
  ///   - partitionCount: How many there are.
  init(byteCount: Int, partitionCount: Int) {
    let half = byteCount / max(1, partitionCount) / 2
    answerByteCount = min(
      max(half / 16, Self.answerByteCounts.lowerBound), Self.answerByteCounts.upperBound)
    queuedByteCount = min(
      max(half - answerByteCount, answerByteCount), Self.greatestByteCount)
    queuedMessageCount = min(
      max(1, queuedByteCount / Self.messageOverhead - MessageQueue.capacity),
      Self.greatestMessageCount)
  }

  var properties: [(String, String)] {
    var properties = [
      ("fetch.message.max.bytes", "\(answerByteCount)"),
      ("queued.max.messages.kbytes", "\(queuedByteCount >> 10)"),
      ("queued.min.messages", "\(queuedMessageCount)"),
    ]
    if !Self.needsWaking { properties.append(("fetch.queue.backoff.ms", "20")) }
    return properties
  }
}
