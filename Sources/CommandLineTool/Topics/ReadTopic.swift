import Dataflow
import KafkaIO

/// A topic that a job reads, and the group whose positions say how far.
struct ReadTopic: Sendable {
  let connection: KafkaConnection
  let topic: String
  let group: String
  /// `nil` where it is the job's only input.
  let side: JoinSide?

  /// By partition, the record to be read next; `positions` are by split.
  func positions(_ positions: [String: Int]) -> [Int: Int] {
    var found: [Int: Int] = [:]
    let own = side.map { JoinedSource.name(topic, $0) } ?? topic
    for (split, next) in positions where next > 0 {
      guard let slash = split.lastIndex(of: "/"), split[..<slash] == own,
        let partition = Int(split[split.index(after: slash)...])
      else { continue }
      found[partition] = next
    }
    return found
  }
}

extension JobConfiguration {
  /// The topics that the job reads.
  func readTopics() throws(ConfigurationError) -> [ReadTopic] {
    var topics: [ReadTopic] = []
    let inputs: [(Input, JoinSide?)] =
      join.map { [($0.predictions.input, .predictions), ($0.labels.input, .labels)] }
      ?? [(input, nil)]
    for (input, side) in inputs {
      guard case .kafka(let kafka) = input else { continue }
      topics.append(
        ReadTopic(
          connection: kafka.configuration.connection, topic: kafka.configuration.topic,
          group: try kafka.group?.string() ?? "limno-" + name, side: side))
    }
    return topics
  }
}
