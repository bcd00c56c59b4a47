import CRdKafka

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One incarnation of a transactional id: what it writes between ``begin()`` and ``commit()`` becomes
/// visible at once or not at all.
///
/// A retriable error is repeated here; after any other the incarnation is of no use any more.
final class TransactionalProducer: Sendable {
  private let client: ProducerClient
  private let isStopping: @Sendable () -> Bool
  /// How long a step is repeated.
  private let patience: Duration

  private static let stepMilliseconds: Int32 = 500
  private static let fullQueueMilliseconds: Int32 = 100

  /// - Throws: ``KafkaError`` for a setting that librdkafka refuses; connects in the background.
  init(
    _ identity: EpochPublisher.Identity, patience: Duration,
    isStopping: @escaping @Sendable () -> Bool
  ) throws(KafkaError) {
    client = try ProducerClient(
      identity.connection, bufferByteCount: identity.bufferByteCount,
      [("transactional.id", identity.transactionalID), ("socket.timeout.ms", "10000")])
    self.patience = patience
    self.isStopping = isStopping
  }

  /// Fences every earlier incarnation, and ends the transaction it left open.
  func initialize() throws(TransactionFailure) {
    try unsafe step("taking over") { unsafe rd_kafka_init_transactions(client.handle, $0) }
  }

  func begin() throws(TransactionFailure) {
    try unsafe step("begin") { _ in unsafe rd_kafka_begin_transaction(client.handle) }
  }

  /// Takes a record to be written; waits while too many are on their way.
  func send(_ record: KafkaRecord, to topic: String) throws(TransactionFailure) {
    while true {
      let code = client.hand(record, to: topic)
      let isFull = code == RD_KAFKA_RESP_ERR__QUEUE_FULL
      client.poll(milliseconds: isFull ? Self.fullQueueMilliseconds : 0)
      if let failure = client.log.failure { throw self.failure("a record", failure, topic) }
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { return }
      guard isFull else { throw failure("a record", code, topic) }
      if isStopping() { throw .stopped }
    }
  }

  /// Makes positions of partitions, for a consumer group, part of the transaction; `metadata` stands
  /// beside each.
  func send(
    _ offsets: [EpochPublisher.Offset], metadata: String, for group: String
  ) throws(TransactionFailure) {
    guard !offsets.isEmpty,
      let list = unsafe rd_kafka_topic_partition_list_new(Int32(offsets.count)),
      let member = unsafe rd_kafka_consumer_group_metadata_new(group)
    else { return }
    defer {
      unsafe rd_kafka_topic_partition_list_destroy(list)
      unsafe rd_kafka_consumer_group_metadata_destroy(member)
    }
    for offset in offsets {
      let entry = unsafe rd_kafka_topic_partition_list_add(
        list, offset.topic, Int32(offset.partition))
      unsafe entry?.pointee.offset = Int64(offset.next)
      // The list frees it.
      unsafe entry?.pointee.metadata = unsafe UnsafeMutableRawPointer(strdup(metadata))
      unsafe entry?.pointee.metadata_size = metadata.utf8.count
    }
    try unsafe step("positions") {
      unsafe rd_kafka_send_offsets_to_transaction(client.handle, list, member, $0)
    }
  }

  func commit() throws(TransactionFailure) {
    try unsafe step("commit") { unsafe rd_kafka_commit_transaction(client.handle, $0) }
  }

  /// Does `body`, which is given how long it may take, until it succeeds.
  private func step(
    _ name: String, _ body: (Int32) -> OpaquePointer?
  ) throws(TransactionFailure) {
    let start = ContinuousClock.now
    while let error = unsafe body(Self.stepMilliseconds) {
      defer { unsafe rd_kafka_error_destroy(error) }
      let code = unsafe rd_kafka_error_code(error)
      let reason = unsafe String(cString: rd_kafka_error_string(error))
      if unsafe rd_kafka_error_is_retriable(error) != 0 {
        if isStopping() { throw .stopped }
        if start.duration(to: .now) < patience {
          client.poll(milliseconds: 10)
          continue
        }
      }
      // What a record was not written for says more than that the transaction cannot be committed.
      if let own = client.log.failure, client.refusal(own, "") != nil {
        throw failure(name, own, client.connection.brokers)
      }
      if let refusal = client.refusal(code, client.connection.brokers) { throw .refused(refusal) }
      let log = client.log.last.map { " (\($0))" } ?? ""
      throw .inDoubt("\(name): \(client.log.hidingSecrets(reason))\(log)")
    }
  }

  private func failure(
    _ name: String, _ code: rd_kafka_resp_err_t, _ place: String
  ) -> TransactionFailure {
    if let refusal = client.refusal(code, place) { return .refused(refusal) }
    return .inDoubt("\(name): \(unsafe String(cString: rd_kafka_err2str(code)))")
  }
}
