/// A topic to read, and how.
public struct KafkaConfiguration: Hashable, Sendable {
  public enum GapPolicy: String, Hashable, Sendable, CaseIterable {
    /// Records that are gone end the run.
    case fail
    /// Reading goes on behind the gap; it is reported.
    case accept
  }

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
  public var topic: String
  /// The partitions to read; `nil` for all, those to come included.
  public var partitions: [Int]?
  public var start = KafkaBound.earliest
  /// Where each partition ends; `nil` for a run without end.
  public var until: KafkaBound?
  public var gapPolicy = GapPolicy.fail
  public var security = KafkaSecurity()
  public var properties: [Property] = []
  /// How long the first answer of a broker is waited for.
  public var connectMilliseconds = 10_000

  public init(brokers: String, topic: String) {
    self.brokers = brokers
    self.topic = topic
  }

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

  /// The settings of a consumer, in the order they are made.
  var consumerProperties: [(String, String)] {
    [
      ("bootstrap.servers", brokers), ("client.id", "limno"),
      ("enable.auto.commit", "false"), ("auto.commit.enable", "false"),
      ("enable.auto.offset.store", "false"), ("enable.partition.eof", "true"),
      ("auto.offset.reset", "error"), ("isolation.level", "read_committed"),
      ("fetch.wait.max.ms", "50"),
      // Once its queue is full librdkafka 2.0 pauses fetching for about a second.
      ("queued.min.messages", "1000000"), ("queued.max.messages.kbytes", "65536"),
    ] + security.properties + properties.map { ($0.name, $0.value) }
  }
}
