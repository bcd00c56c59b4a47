import CRdKafka

/// The handle of a producer, with what it needs to live.
@safe final class ProducerClient: @unchecked Sendable {
  // Sound: the handle is set once and librdkafka allows any thread to use it.
  let connection: KafkaConnection
  let handle: OpaquePointer
  let log: ClientLog

  /// What librdkafka keeps of a record beside its bytes, at most.
  private static let recordOverhead = 512

  /// - Parameters:
  ///   - connection: The brokers.
  ///   - bufferByteCount: What records on their way may take.
  ///   - properties: Further settings.
  /// - Throws: ``KafkaError`` for a setting that librdkafka refuses; connects in the background.
  init(
    _ connection: KafkaConnection, bufferByteCount: Int, _ properties: [(String, String)] = []
  ) throws(KafkaError) {
    try connection.validate()
    self.connection = connection
    log = ClientLog(secrets: connection.security.secrets)
    let half = bufferByteCount / 2
    let own = [
      ("enable.idempotence", "true"), ("linger.ms", "5"), ("compression.codec", "lz4"),
      ("queue.buffering.max.kbytes", "\(max(1, half >> 10))"),
      ("queue.buffering.max.messages", "\(max(1, half / Self.recordOverhead))"),
    ]
    let settings = unsafe try makeSettings(own + connection.settings + properties, log)
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

  /// Hands a copy of a record over, to be sent in the background.
  func hand(_ record: KafkaRecord, to topic: String) -> rd_kafka_resp_err_t {
    let headers = unsafe record.headers.isEmpty ? nil : rd_kafka_headers_new(record.headers.count)
    for (name, value) in record.headers {
      let bytes = Array(value.utf8)
      _ = unsafe rd_kafka_header_add(headers, name, -1, bytes, bytes.count)
    }
    let code =
      if let key = record.key {
        unsafe crdkafka_send(
          handle, topic, key.isEmpty ? [0] : key, key.count, record.value, record.value.count,
          headers)
      } else {
        unsafe crdkafka_send(
          handle, topic, nil, 0, record.value, record.value.count, headers)
      }
    if code != RD_KAFKA_RESP_ERR_NO_ERROR, let headers = unsafe headers {
      unsafe rd_kafka_headers_destroy(headers)
    }
    return code
  }

  /// Takes what librdkafka has to say, waiting for it at most so long.
  func poll(milliseconds: Int32) { _ = unsafe rd_kafka_poll(handle, milliseconds) }

  /// A refusal that no second try mends, in words; `nil` for any other code.
  func refusal(_ code: rd_kafka_resp_err_t, _ place: String) -> KafkaError? {
    let text = unsafe String(cString: rd_kafka_err2str(code))
    switch code {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return KafkaError(
        .refused, place, log.last ?? text, remedy: "check the user and its rights")
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
      return KafkaError(
        .refused, place, "the brokers do not allow transactions as long as the job asks for",
        remedy: "lower properties: { transaction.timeout.ms: … } to the transaction.max.timeout.ms "
          + "of the brokers, or raise that")
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
      return KafkaError(
        .refused, place, "a record is larger than is allowed (\(text))",
        remedy: "raise properties: { message.max.bytes: … }, and max.message.bytes of the topic")
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
      RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return KafkaError(
        .unknownTopic, place, "the brokers at \(connection.brokers) know no such topic (\(text))",
        remedy: "create it, or check its name")
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return KafkaError(.refused, place, "the brokers have no transactions (\(text))")
    default: return nil
    }
  }
}
