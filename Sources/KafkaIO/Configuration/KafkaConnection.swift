/// How a Kafka cluster is reached.
public struct KafkaConnection: Hashable, Sendable {
  /// A setting of librdkafka, by its name there.
  public struct Property: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// `host:port`, comma-separated.
  public var brokers: String
  public var security = KafkaSecurity()
  public var properties: [Property] = []

  public init(brokers: String) { self.brokers = brokers }

  /// What the engine must have its way in, or what has a place of its own in the configuration.
  private static let reserved: [String: String] = {
    var table: [String: String] = [:]
    for name in ["bootstrap.servers", "metadata.broker.list"] { table[name] = "brokers" }
    for name in ["group.id", "group.instance.id", "group.protocol"] {
      table[name] = "partitions are assigned, there is no group"
    }
    table["auto.offset.reset"] = "start and on_offset_gap"
    for name in [
      "queued.min.messages", "queued.max.messages.kbytes", "fetch.message.max.bytes",
      "max.partition.fetch.bytes", "fetch.queue.backoff.ms",
    ] { table[name] = "memory.buffers" }
    for name in [
      "enable.auto.commit", "auto.commit.enable", "enable.auto.offset.store",
      "enable.partition.eof", "transactional.id",
    ] { table[name] = "the engine keeps the positions" }
    return table
  }()

  /// Says what is wrong, as far as that can be known without a broker.
  ///
  /// - Throws: ``KafkaError``.
  public func validate() throws(KafkaError) {
    try security.validate()
    for property in properties {
      let name = property.name
      if let instead = Self.reserved[name] {
        throw KafkaError(
          .configuration, "properties", "'\(name)' cannot be set here (\(instead))")
      }
      if name == "transaction.timeout.ms" { try checkTransactionTimeout(property.value) }
      let isSecurity = ["sasl.", "ssl.", "security.", "enable.ssl", "enable.sasl"].contains {
        name.hasPrefix($0)
      }
      if isSecurity {
        throw KafkaError(
          .configuration, "properties", "'\(name)' cannot be set here", remedy: "use 'security'")
      }
    }
  }

  /// What lasts longer than brokers allow by default is refused by them; what is shorter than a
  /// broker may take to answer is aborted behind the job's back.
  private static let transactionMilliseconds = 10_000...900_000

  private func checkTransactionTimeout(_ value: String) throws(KafkaError) {
    guard let milliseconds = Int(value), Self.transactionMilliseconds.contains(milliseconds) else {
      throw KafkaError(
        .configuration, "properties",
        "transaction.timeout.ms is \(value); it must lie between 10000 and 900000, the "
          + "transaction.max.timeout.ms of brokers",
        remedy:
          "a transaction lasts as long as its records take to be written; 60000 is the default"
      )
    }
  }

  /// The settings that all clients make.
  var settings: [(String, String)] {
    [("bootstrap.servers", brokers), ("client.id", "limno")] + security.properties
      + properties.map { ($0.name, $0.value) }
  }
}
