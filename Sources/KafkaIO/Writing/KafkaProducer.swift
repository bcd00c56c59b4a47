import CRdKafka

/// Writes records to topics, each at least once, in order.
public final class KafkaProducer: Sendable {
  private let client: ProducerClient

  private static let flushMilliseconds: Int32 = 60_000
  private static let fullQueueMilliseconds: Int32 = 100

  /// - Parameters:
  ///   - connection: The brokers.
  ///   - bufferByteCount: What records on their way may take.
  /// - Throws: ``KafkaError`` for a setting that librdkafka refuses; connects in the background.
  public init(_ connection: KafkaConnection, bufferByteCount: Int) throws(KafkaError) {
    client = try ProducerClient(connection, bufferByteCount: bufferByteCount)
  }

  /// Takes a record to be written; waits while too many are on their way.
  ///
  /// - Throws: ``KafkaError`` if it, or one before it, cannot be written.
  public func send(_ record: KafkaRecord, to topic: String) throws(KafkaError) {
    while true {
      let code = client.hand(record, to: topic)
      client.poll(
        milliseconds: code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? Self.fullQueueMilliseconds : 0)
      try check(topic)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { return }
      guard code == RD_KAFKA_RESP_ERR__QUEUE_FULL else {
        throw client.refusal(code, topic)
          ?? KafkaError(.other, topic, unsafe String(cString: rd_kafka_err2str(code)))
      }
    }
  }

  /// Returns once all records are written.
  ///
  /// - Throws: ``KafkaError`` if one cannot be written.
  public func flush() throws(KafkaError) {
    let code = unsafe rd_kafka_flush(client.handle, Self.flushMilliseconds)
    try check(client.connection.brokers)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw KafkaError(
        .unreachable, client.connection.brokers,
        "records are not written after \(Self.flushMilliseconds / 1000) s: "
          + (client.log.last ?? "no answer"))
    }
  }

  private func check(_ place: String) throws(KafkaError) {
    guard let failure = client.log.failure else { return }
    let text = unsafe String(cString: rd_kafka_err2str(failure))
    throw client.refusal(failure, place)
      ?? KafkaError(.other, place, "a record could not be written: \(text)")
  }
}
