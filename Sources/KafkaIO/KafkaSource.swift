public import Columns
public import Dataflow
public import Formats

/// A topic as a source: each partition is a split, named `topic/partition`; positions are offsets.
public struct KafkaSource: Source {
  public let topic: KafkaTopic
  public let format: MessageFormat
  /// The columns to decode, of values and of messages.
  public let schema: Schema
  private let layout: MessageLayout

  public init(_ topic: KafkaTopic, format: MessageFormat, schema: Schema) {
    self.topic = topic
    self.format = format
    self.schema = schema
    let columns = schema.fields.compactMap { MessageColumn(named: $0.name) }
    layout = MessageLayout(
      format: format, texts: columns.filter(\.isText),
      hasTimestamps: columns.contains(.timestamp))
  }

  public var isUnbounded: Bool { topic.configuration.until == nil }

  /// The names of columns are part of the format.
  public var decodersNeedHead: Bool { false }

  public func splits() throws -> [String] {
    try topic.partitions().map { "\(topic.configuration.topic)/\($0)" }
  }

  /// Opens a partition; at offset 0, which no chunk ends at, where the configuration says.
  public func makeReader(of split: String, from offset: Int) throws -> any SplitReader {
    guard let partition = split.split(separator: "/").last.flatMap({ Int($0) }) else {
      preconditionFailure("'\(split)' is no split of this source")
    }
    return try topic.makeReader(partition, layout, from: offset > 0 ? offset : nil)
  }

  public func remainder(of split: String, after position: Int) -> SourceRemainder? {
    guard let partition = split.split(separator: "/").last.flatMap({ Int($0) }) else { return nil }
    return topic.remainder(of: partition, after: position)
  }

  public func makeDecoder() throws -> any RecordDecoder {
    MessageDecoder(schema, layout: layout, topic: topic.configuration.topic)
  }
}
