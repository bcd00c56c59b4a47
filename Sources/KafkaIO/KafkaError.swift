/// A Kafka cluster that cannot be used as asked, or a configuration that makes no sense.
public struct KafkaError: Error, Hashable, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// The configuration contradicts itself, or librdkafka refuses it.
    case configuration
    /// No broker answers.
    case unreachable
    case unknownTopic, unknownPartition
    case refused
    /// Records that were to be read are gone.
    case offsetGap
    /// Another process publishes in this one's place, or what was published is not what was known.
    case fenced
    /// The run was stopped while a partition could not be read.
    case stopped
    case other
  }

  public var code: Code
  /// Topic, `topic/partition` or broker list.
  public var place: String
  public var cause: String
  /// What the user can do, if anything is known to help.
  public var remedy: String?

  public init(_ code: Code, _ place: String, _ cause: String, remedy: String? = nil) {
    self.code = code
    self.place = place
    self.cause = cause
    self.remedy = remedy
  }

  public var description: String { "\(place): \(cause)" + (remedy.map { "; \($0)" } ?? "") }
}
