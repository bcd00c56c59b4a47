import CRdKafka
import EventTime
import Synchronization

/// A consumer of one topic, whose partitions are read independently.
///
/// A thread-safe handle of librdkafka with what it needs to live; readers keep it alive.
@safe final class KafkaClient: @unchecked Sendable {
  // Sound: the handles are set once, librdkafka allows any thread to use them, and everything else
  // is immutable or atomic.
  let configuration: KafkaConfiguration
  /// The topic's handle.
  let topic: OpaquePointer
  let warn: @Sendable (String) -> Void
  let handle: OpaquePointer
  private let log: ClientLog
  private let stopping = Atomic<Bool>(false)

  /// - Parameters:
  ///   - configuration: What to read.
  ///   - partitionCount: How many partitions share what may be fetched ahead.
  ///   - warn: Told of what the user should know.
  /// - Throws: ``KafkaError`` for a setting that librdkafka refuses; connects to nothing yet.
  init(
    _ configuration: KafkaConfiguration, partitionCount: Int = 1,
    warn: @escaping @Sendable (String) -> Void
  ) throws(KafkaError) {
    try configuration.connection.validate()
    self.warn = warn
    self.configuration = configuration
    log = ClientLog(secrets: configuration.connection.security.secrets)
    let settings = unsafe try makeSettings(
      configuration.consumerProperties(partitionCount: partitionCount), log)
    let made = unsafe withErrorText { text, size in
      unsafe rd_kafka_new(RD_KAFKA_CONSUMER, settings, text, size)
    }
    guard let handle = unsafe made.value else {
      unsafe rd_kafka_conf_destroy(settings)
      throw KafkaError(
        .configuration, configuration.connection.brokers, log.hidingSecrets(unsafe made.text))
    }
    guard let topic = unsafe rd_kafka_topic_new(handle, configuration.topic, nil) else {
      unsafe rd_kafka_destroy(handle)
      throw KafkaError(
        .configuration, configuration.topic, "librdkafka does not take this name of a topic")
    }
    unsafe self.handle = handle
    unsafe self.topic = topic
  }

  deinit {
    unsafe rd_kafka_topic_destroy(topic)
    unsafe rd_kafka_destroy(handle)
  }

  /// Asks readers that wait to give up.
  func stop() { stopping.store(true, ordering: .relaxed) }
  var isStopping: Bool { stopping.load(ordering: .relaxed) }

  /// The last thing librdkafka complained of.
  var complaint: String? { log.last }
}

/// Questions to the brokers.
extension KafkaClient {
  /// The numbers of the topic's partitions, ascending.
  func partitions(timeoutMilliseconds: Int) throws(KafkaError) -> [Int] {
    var answer: UnsafePointer<rd_kafka_metadata>?
    let code = unsafe rd_kafka_metadata(
      handle, 0, topic, &answer, Int32(clamping: timeoutMilliseconds))
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer = unsafe answer else {
      throw unreachable(code)
    }
    defer { unsafe rd_kafka_metadata_destroy(answer) }
    guard unsafe answer.pointee.topic_cnt == 1, let found = unsafe answer.pointee.topics else {
      throw unreachable(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
    }
    if unsafe found.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw error(unsafe found.pointee.err, partition: nil)
    }
    return unsafe (0..<Int(found.pointee.partition_cnt)).map {
      unsafe Int(found.pointee.partitions[$0].id)
    }.sorted()
  }

  /// The offsets of the first record of a partition and of the next one to come.
  func ends(of partition: Int) throws(KafkaError) -> Range<Int> {
    var low: Int64 = 0
    var high: Int64 = 0
    let code = unsafe rd_kafka_query_watermark_offsets(
      handle, configuration.topic, Int32(partition), &low, &high,
      Int32(clamping: configuration.connectMilliseconds))
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw error(code, partition: partition) }
    return Int(low)..<max(Int(low), Int(high))
  }

  /// The same by what fetches have told, without asking; `nil` before the first.
  func knownEnds(of partition: Int) -> Range<Int>? {
    var low: Int64 = 0
    var high: Int64 = 0
    let code = unsafe rd_kafka_get_watermark_offsets(
      handle, configuration.topic, Int32(partition), &low, &high)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, high >= 0 else { return nil }
    return max(0, Int(low))..<max(0, Int(low), Int(high))
  }

  /// The offset that `bound` means in a partition now.
  func offset(of bound: KafkaBound, in partition: Int) throws(KafkaError) -> Int {
    switch bound {
    case .earliest: return try ends(of: partition).lowerBound
    case .latest: return try ends(of: partition).upperBound
    case .offsets(let offsets):
      guard let offset = offsets[partition] else {
        throw KafkaError(
          .configuration, place(partition), "no offset is given for this partition",
          remedy: "name every partition, or list the ones to read under 'partitions'")
      }
      return offset
    case .timestamp(let time):
      let found = try offset(atMilliseconds: time.microseconds / 1000, in: partition)
      if let found { return found }
      return try ends(of: partition).upperBound
    }
  }

  /// The first record at or after a time; `nil` when all are before it.
  private func offset(
    atMilliseconds time: Int64, in partition: Int
  ) throws(KafkaError) -> Int? {
    guard let list = unsafe rd_kafka_topic_partition_list_new(1) else { return nil }
    defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
    let entry = unsafe rd_kafka_topic_partition_list_add(
      list, configuration.topic, Int32(partition))
    unsafe entry?.pointee.offset = time
    let code = unsafe rd_kafka_offsets_for_times(
      handle, list, Int32(clamping: configuration.connectMilliseconds))
    let own = unsafe entry?.pointee.err ?? RD_KAFKA_RESP_ERR_NO_ERROR
    for code in [code, own] where code != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw error(code, partition: partition)
    }
    let found = unsafe entry?.pointee.offset ?? -1
    return found < 0 ? nil : Int(found)
  }
}

/// Errors in words.
extension KafkaClient {
  func place(_ partition: Int) -> String { "\(configuration.topic)/\(partition)" }

  private func unreachable(_ code: rd_kafka_resp_err_t) -> KafkaError {
    KafkaError(
      .unreachable, configuration.connection.brokers,
      "no answer from the brokers: \(complaint ?? text(code))",
      remedy: "check brokers, network and security")
  }

  func error(_ code: rd_kafka_resp_err_t, partition: Int?) -> KafkaError {
    let place = partition.map { self.place($0) } ?? configuration.topic
    switch code {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return KafkaError(
        .unknownTopic, place,
        "the brokers at \(configuration.connection.brokers) know no such topic",
        remedy: "create it, or check its name")
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return KafkaError(.unknownPartition, place, "the topic has no such partition")
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__AUTHENTICATION,
      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return KafkaError(
        .refused, place, complaint ?? text(code), remedy: "check the user and its rights")
    case RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT,
      RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      return unreachable(code)
    default: return KafkaError(.other, place, text(code))
    }
  }

  private func text(_ code: rd_kafka_resp_err_t) -> String {
    unsafe String(cString: rd_kafka_err2str(code))
  }
}
