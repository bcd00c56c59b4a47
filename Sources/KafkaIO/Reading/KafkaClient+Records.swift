import CRdKafka

/// Reading records as they are, where they are few.
extension KafkaClient {
  /// How long a record is waited for.
  private static let patience = Duration.seconds(30)

  /// Hands over the committed records of a partition whose offsets lie in `range`, in order.
  ///
  /// - Throws: ``KafkaError``: no broker answers, or it refuses.
  func forEachRecord(
    of partition: Int, in range: Range<Int>, _ body: (KafkaRecord) -> Void
  ) throws(KafkaError) {
    guard !range.isEmpty else { return }
    let queue = MessageQueue(self, partition: partition)
    try queue.start(at: range.lowerBound)
    var deadline = ContinuousClock.now + Self.patience
    while true {
      guard queue.fetch(milliseconds: 100) else {
        guard .now < deadline else {
          throw KafkaError(
            .unreachable, place(partition),
            "cannot be read: \(complaint ?? "no answer from the brokers")")
        }
        continue
      }
      deadline = ContinuousClock.now + Self.patience
      while let (code, offset) = queue.first {
        defer { queue.dropFirst() }
        switch code {
        case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__PARTITION_EOF:
          if offset >= range.upperBound { return }
          if let record = queue.firstRecord() { body(record) }
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__FATAL,
          RD_KAFKA_RESP_ERR__AUTHENTICATION:
          throw error(code, partition: partition)
        default: break  // The client tries again by itself.
        }
      }
    }
  }
}

extension KafkaTopic {
  /// Every committed record that a topic holds now, partition by partition in order.
  ///
  /// - Throws: ``KafkaError``: no broker answers, it refuses, or there is no such topic.
  public static func records(
    of topic: String, at connection: KafkaConnection
  ) throws(KafkaError) -> [KafkaRecord] {
    let client = try KafkaClient(KafkaConfiguration(connection, topic: topic)) { _ in }
    var records: [KafkaRecord] = []
    let partitions = try client.partitions(
      timeoutMilliseconds: client.configuration.connectMilliseconds)
    for partition in partitions {
      let ends = try client.ends(of: partition)
      try client.forEachRecord(of: partition, in: ends) { records.append($0) }
    }
    return records
  }
}
