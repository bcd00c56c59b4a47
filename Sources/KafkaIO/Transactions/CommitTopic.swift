import CRdKafka

/// The compacted topic that says how far a job has published: the value of its last record.
///
/// Beside the offsets of the group, which expire when a job rests for long.
struct CommitTopic {
  let name: String
  let connection: KafkaConnection

  private static let waitMilliseconds = 30_000
  private static let tailCount = 64

  /// The value of the last committed record, `nil` if there is none; makes the topic if need be.
  func lastValue() throws(KafkaError) -> [UInt8]? {
    let client = try KafkaClient(KafkaConfiguration(connection, topic: name)) { _ in }
    guard try exists(client) else {
      try client.createCompacted(name, milliseconds: Self.waitMilliseconds)
      return nil
    }
    let ends = try client.ends(of: 0)
    var from = ends.upperBound
    var step = Self.tailCount
    while from > ends.lowerBound {
      from = max(ends.lowerBound, ends.upperBound - step)
      if let found = try last(of: from..<ends.upperBound, client) { return found }
      step *= 16
    }
    return nil
  }

  private func exists(_ client: KafkaClient) throws(KafkaError) -> Bool {
    do throws(KafkaError) {
      let partitions = try client.partitions(
        timeoutMilliseconds: client.configuration.connectMilliseconds)
      try check(client, partitionCount: partitions.count)
      return !partitions.isEmpty
    } catch  where error.code == .unknownTopic {
      return false
    }
  }

  /// Refuses a topic that would lose the marker.
  private func check(_ client: KafkaClient, partitionCount: Int) throws(KafkaError) {
    func refusal(_ what: String) -> KafkaError {
      KafkaError(
        .configuration, name,
        "\(what); the marker of the job is the last record of its key in one partition",
        remedy: "make it with one partition and cleanup.policy=compact")
    }
    if partitionCount > 1 { throw refusal("has \(partitionCount) partitions") }
    // Who may not ask is taken at its word.
    let policy = client.setting("cleanup.policy", milliseconds: 5000)
    if let policy, !policy.split(separator: ",").contains("compact") {
      throw refusal("has cleanup.policy=\(policy), so its records expire")
    }
  }

  private func last(of range: Range<Int>, _ client: KafkaClient) throws(KafkaError) -> [UInt8]? {
    var last: [UInt8]?
    try client.forEachRecord(of: 0, in: range) { last = $0.isTombstone ? last : $0.value }
    return last
  }
}
