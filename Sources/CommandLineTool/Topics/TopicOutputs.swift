import KafkaIO

/// What a job writes to topics; all in one cluster, so that one transaction can hold it.
struct TopicOutputs: Sendable {
  struct Rows: Sendable {
    var topic: String
    var format: RowFormat
  }

  var connection: KafkaConnection
  /// Of a record for each publication.
  var snapshots: String?
  /// Of transformed rows, by the name of the stage.
  var rows: [String: Rows] = [:]
  var letters: String?
  /// What records on their way may take.
  var bufferByteCount: Int

  /// - Returns: `nil` if the job writes to none.
  /// - Throws: ``ConfigurationError`` if they are in different clusters.
  init?(_ configuration: JobConfiguration) throws(ConfigurationError) {
    var topics: [JobConfiguration.OutputTopic] = []
    if let topic = configuration.snapshotTopic { topics.append(topic) }
    let keepsLetters = configuration.badRecords == .deadLetter
    let letterTopic = keepsLetters ? configuration.deadLetterTopic : nil
    if let letterTopic { topics.append(letterTopic) }
    var rows: [String: Rows] = [:]
    for stage in configuration.stages {
      guard case .apply(let apply) = stage.body, let node = apply.topic else { continue }
      let topic = try KafkaParser.output(node, besides: configuration.input)
      rows[stage.name] = Rows(topic: topic.topic, format: apply.format)
      topics.append(topic)
    }
    guard let first = topics.first else { return nil }
    for topic in topics where topic.connection != first.connection {
      throw topic.node.error(
        "is reached in another way than '\(first.topic)'; one transaction covers all topics a job "
          + "writes to, so they are in one cluster and have the same brokers, security and "
          + "properties")
    }
    connection = first.connection
    bufferByteCount = configuration.buffers.produced
    snapshots = configuration.snapshotTopic?.topic
    self.rows = rows
    letters = letterTopic?.topic
  }
}
