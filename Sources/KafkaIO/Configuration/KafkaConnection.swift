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
    for name in ["auto.offset.reset"] { table[name] = "start and on_offset_gap" }
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
      let isSecurity = ["sasl.", "ssl.", "security.", "enable.ssl", "enable.sasl"].contains {
        name.hasPrefix($0)
      }
      if isSecurity {
        throw KafkaError(
          .configuration, "properties", "'\(name)' cannot be set here", remedy: "use 'security'")
      }
    }
  }

  /// The settings that all clients make.
  var settings: [(String, String)] {
    [("bootstrap.servers", brokers), ("client.id", "limno")] + security.properties
      + properties.map { ($0.name, $0.value) }
  }
}
