import CRdKafka

/// A configuration of librdkafka with `properties`, which whoever makes a client of it gives away.
///
/// - Throws: ``KafkaError`` for a setting that librdkafka refuses.
func makeSettings(
  _ properties: [(String, String)], _ log: ClientLog
) throws(KafkaError) -> OpaquePointer {
  guard let settings = unsafe rd_kafka_conf_new() else {
    preconditionFailure("librdkafka makes no configuration")
  }
  for (name, value) in properties {
    let set = unsafe withErrorText { text, size in
      unsafe rd_kafka_conf_set(settings, name, value, text, size)
    }
    if set.value != RD_KAFKA_CONF_OK {
      unsafe rd_kafka_conf_destroy(settings)
      throw KafkaError(.configuration, "kafka", log.hidingSecrets(set.text))
    }
  }
  unsafe log.attach(to: settings)
  return unsafe settings
}

/// Calls a function of librdkafka that explains a failure in a text buffer.
func withErrorText<Value>(
  _ body: (UnsafeMutablePointer<CChar>?, Int) -> Value
) -> (value: Value, text: String) {
  var text = [CChar](repeating: 0, count: 512)
  let value = unsafe text.withUnsafeMutableBufferPointer { buffer in
    unsafe body(buffer.baseAddress, buffer.count)
  }
  let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  return (value, String(decoding: bytes, as: UTF8.self))
}
