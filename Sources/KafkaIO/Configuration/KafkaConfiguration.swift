/// A topic to read, and how.
public struct KafkaConfiguration: Hashable, Sendable {
  public enum GapPolicy: String, Hashable, Sendable, CaseIterable {
    /// Records that are gone end the run.
    case fail
    /// Reading goes on behind the gap; it is reported.
    case accept
  }

  public var connection: KafkaConnection
  public var topic: String
  /// The partitions to read; `nil` for all, those to come included.
  public var partitions: [Int]?
  public var start = KafkaBound.earliest
  /// Where each partition ends; `nil` for a run without end.
  public var until: KafkaBound?
  public var gapPolicy = GapPolicy.fail
  /// How long the first answer of a broker is waited for.
  public var connectMilliseconds = 10_000
  /// How many bytes may be fetched ahead of the reading, over all partitions: messages, and what
  /// librdkafka keeps beside them.
  public var fetchByteCount = askingByteCount

  /// For a client that reads but little.
  static let askingByteCount = 16 << 20

  public init(_ connection: KafkaConnection, topic: String) {
    self.connection = connection
    self.topic = topic
  }

  /// The settings of a consumer that reads `partitionCount` partitions, in the order they are made.
  func consumerProperties(partitionCount: Int) -> [(String, String)] {
    [
      ("enable.auto.commit", "false"), ("auto.commit.enable", "false"),
      ("enable.auto.offset.store", "false"), ("enable.partition.eof", "true"),
      ("auto.offset.reset", "error"), ("isolation.level", "read_committed"),
      ("fetch.wait.max.ms", "50"),
    ] + FetchBound(byteCount: fetchByteCount, partitionCount: partitionCount).properties
      + connection.settings
  }
}
