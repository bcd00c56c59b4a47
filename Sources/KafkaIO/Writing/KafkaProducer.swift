import CRdKafka

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Writes records to topics, each at least once, in order.
@safe public final class KafkaProducer: @unchecked Sendable {
  // Sound: the handle is set once and librdkafka allows any thread to use it.
  private let connection: KafkaConnection
  private let handle: OpaquePointer
  private let log: ClientLog

  /// A record to be written.
  public struct Record: Sendable {
    public var key: [UInt8]
    public var value: [UInt8]
    public var headers: [(name: String, value: String)]

    public init(key: [UInt8], value: [UInt8], headers: [(name: String, value: String)] = []) {
      self.key = key
      self.value = value
      self.headers = headers
    }
  }

  private static let flushMilliseconds: Int32 = 60_000
  private static let fullQueueMilliseconds: Int32 = 100

  /// - Throws: ``KafkaError`` for a setting that librdkafka refuses; connects in the background.
  public init(_ connection: KafkaConnection) throws(KafkaError) {
    try connection.validate()
    self.connection = connection
    log = ClientLog(secrets: connection.security.secrets)
    let properties = [
      ("enable.idempotence", "true"), ("linger.ms", "5"), ("compression.codec", "lz4"),
    ]
    let settings = unsafe try makeSettings(properties + connection.settings, log)
    unsafe log.attachReports(to: settings)
    let made = unsafe withErrorText { text, size in
      unsafe rd_kafka_new(RD_KAFKA_PRODUCER, settings, text, size)
    }
    guard let handle = unsafe made.value else {
      unsafe rd_kafka_conf_destroy(settings)
      throw KafkaError(
        .configuration, connection.brokers, log.hidingSecrets(unsafe made.text))
    }
    unsafe self.handle = handle
  }

  deinit { unsafe rd_kafka_destroy(handle) }

  /// Takes a record to be written; waits while too many are on their way.
  ///
  /// - Throws: ``KafkaError`` if it, or one before it, cannot be written.
  public func send(_ record: Record, to topic: String) throws(KafkaError) {
    while true {
      let code = hand(record, topic)
      _ = unsafe rd_kafka_poll(
        handle, code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? Self.fullQueueMilliseconds : 0)
      try check(topic)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { return }
      guard code == RD_KAFKA_RESP_ERR__QUEUE_FULL else {
        throw KafkaError(.other, topic, unsafe String(cString: rd_kafka_err2str(code)))
      }
    }
  }

  /// Returns once all records are written.
  ///
  /// - Throws: ``KafkaError`` if one cannot be written.
  public func flush() throws(KafkaError) {
    let code = unsafe rd_kafka_flush(handle, Self.flushMilliseconds)
    try check(connection.brokers)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw KafkaError(
        .unreachable, connection.brokers,
        "records are not written after \(Self.flushMilliseconds / 1000) s: "
          + (log.last ?? "no answer"))
    }
  }

  private func check(_ place: String) throws(KafkaError) {
    if let failure = log.failure {
      throw KafkaError(.other, place, "a record could not be written: \(failure)")
    }
  }

  private func hand(_ record: Record, _ topic: String) -> rd_kafka_resp_err_t {
    let headers = unsafe rd_kafka_headers_new(record.headers.count)
    for (name, value) in record.headers {
      let bytes = Array(value.utf8)
      _ = unsafe rd_kafka_header_add(headers, name, -1, bytes, bytes.count)
    }
    let code = unsafe crdkafka_send(
      handle, topic, record.key, record.key.count, record.value, record.value.count, headers)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR, let headers = unsafe headers {
      unsafe rd_kafka_headers_destroy(headers)
    }
    return code
  }
}
