import CRdKafka

/// Requests whose answers come as events.
extension KafkaClient {
  /// Makes a request, which is given where the answer is to go, and reads that.
  ///
  /// - Returns: `nil` if none comes in time.
  private func ask<Answer>(
    milliseconds: Int, _ request: (OpaquePointer) -> Void, read: (OpaquePointer) -> Answer
  ) -> Answer? {
    guard let queue = unsafe rd_kafka_queue_new(handle) else { return nil }
    defer { unsafe rd_kafka_queue_destroy(queue) }
    unsafe request(queue)
    guard let event = unsafe rd_kafka_queue_poll(queue, Int32(clamping: milliseconds)) else {
      return nil
    }
    defer { unsafe rd_kafka_event_destroy(event) }
    return unsafe read(event)
  }

  /// Makes a topic of one partition that keeps the last record of each key.
  ///
  /// - Throws: ``KafkaError``: no broker answers, or it refuses; but not if the topic is there.
  func createCompacted(_ name: String, milliseconds: Int) throws(KafkaError) {
    let made = unsafe withErrorText { text, size in
      unsafe rd_kafka_NewTopic_new(name, 1, -1, text, size)
    }
    guard let topic = unsafe made.value else {
      throw KafkaError(.configuration, name, unsafe made.text)
    }
    defer { unsafe rd_kafka_NewTopic_destroy(topic) }
    _ = unsafe rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "compact")
    let code = unsafe ask(milliseconds: milliseconds) { queue in
      var topics: [OpaquePointer?] = unsafe [topic]
      unsafe rd_kafka_CreateTopics(handle, &topics, 1, nil, queue)
    } read: { event in
      var count = 0
      let result = unsafe rd_kafka_event_CreateTopics_result(event)
      let topics = unsafe result.flatMap {
        unsafe rd_kafka_CreateTopics_result_topics($0, &count)
      }
      guard count > 0 else { return unsafe rd_kafka_event_error(event) }
      return unsafe rd_kafka_topic_result_error(topics?[0])
    }
    guard let code else {
      throw KafkaError(.unreachable, name, "no answer from the brokers to its creation")
    }
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS
    else {
      throw KafkaError(
        .refused, name, "cannot be made: \(unsafe String(cString: rd_kafka_err2str(code)))",
        remedy: "make it: one partition, cleanup.policy=compact")
    }
  }

  /// A setting of the topic; `nil` if brokers do not tell.
  func setting(_ name: String, milliseconds: Int) -> String? {
    guard
      let resource = unsafe rd_kafka_ConfigResource_new(
        RD_KAFKA_RESOURCE_TOPIC, configuration.topic)
    else { return nil }
    defer { unsafe rd_kafka_ConfigResource_destroy(resource) }
    let found: String?? = unsafe ask(milliseconds: milliseconds) { queue in
      var resources: [OpaquePointer?] = unsafe [resource]
      unsafe rd_kafka_DescribeConfigs(handle, &resources, 1, nil, queue)
    } read: { event in
      var (resourceCount, count) = (0, 0)
      guard let result = unsafe rd_kafka_event_DescribeConfigs_result(event),
        let resources = unsafe rd_kafka_DescribeConfigs_result_resources(result, &resourceCount),
        resourceCount == 1,
        let entries = unsafe rd_kafka_ConfigResource_configs(resources[0], &count)
      else { return nil }
      for index in 0..<count {
        guard let own = unsafe rd_kafka_ConfigEntry_name(entries[index]),
          unsafe String(cString: own) == name,
          let value = unsafe rd_kafka_ConfigEntry_value(entries[index])
        else { continue }
        return unsafe String(cString: value)
      }
      return nil
    }
    return found ?? nil
  }

  /// Says where a group, which has no members, would go on: by partition, the record to be read next.
  ///
  /// - Throws: ``KafkaError``: no broker answers in time, or it refuses.
  func commit(_ positions: [Int: Int], of group: String, milliseconds: Int) throws(KafkaError) {
    guard let list = unsafe rd_kafka_topic_partition_list_new(Int32(positions.count)) else {
      return
    }
    defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
    for (partition, next) in positions.sorted(by: { $0.key < $1.key }) {
      let entry = unsafe rd_kafka_topic_partition_list_add(
        list, configuration.topic, Int32(partition))
      unsafe entry?.pointee.offset = Int64(next)
    }
    guard let change = unsafe rd_kafka_AlterConsumerGroupOffsets_new(group, list) else { return }
    defer { unsafe rd_kafka_AlterConsumerGroupOffsets_destroy(change) }
    let code = unsafe ask(milliseconds: milliseconds) { queue in
      var changes: [OpaquePointer?] = unsafe [change]
      unsafe rd_kafka_AlterConsumerGroupOffsets(handle, &changes, 1, nil, queue)
    } read: { event in
      var count = 0
      let result = unsafe rd_kafka_event_AlterConsumerGroupOffsets_result(event)
      let groups = unsafe result.flatMap {
        unsafe rd_kafka_AlterConsumerGroupOffsets_result_groups($0, &count)
      }
      guard count == 1 else { return unsafe rd_kafka_event_error(event) }
      if let error = unsafe rd_kafka_group_result_error(groups?[0]) {
        return unsafe rd_kafka_error_code(error)
      }
      let own = unsafe rd_kafka_group_result_partitions(groups?[0])
      return unsafe own?.pointee.elems?.pointee.err ?? RD_KAFKA_RESP_ERR_NO_ERROR
    }
    guard let code else {
      throw KafkaError(
        .unreachable, configuration.connection.brokers,
        "no answer from the brokers: \(complaint ?? "positions of group \(group)")")
    }
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw error(code, partition: nil) }
  }
}
