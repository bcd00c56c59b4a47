import Columns
import Dataflow
import FileIO
import Formats
import KafkaIO
import Yams

/// Where a job's records come from: its files or its topic, found and open to questions.
struct JobInput: Sendable {
  private enum Place: Sendable {
    case files(JobConfiguration.Files)
    case topic(KafkaTopic, MessageFormat)
  }

  private let place: Place
  /// The splits there are at the start.
  let splits: [String]

  /// Finds the input that a job file names.
  init(_ input: JobConfiguration.Input) throws {
    switch input {
    case .files(let files):
      place = .files(files)
      splits = try FileSource(
        patterns: files.paths, format: files.format, schema: Schema([]),
        isFollowed: files.isFollowed
      ).splits()
    case .kafka(let kafka):
      let topic = try KafkaTopic(kafka.configuration) { printToError("warning: \($0)") }
      place = .topic(topic, kafka.format)
      splits = try KafkaSource(topic, format: kafka.format, schema: Schema([])).splits()
    }
  }

  /// The columns found in the first records.
  func inferredFields() throws -> [Field] {
    switch place {
    case .files(let files): try SchemaFinder(format: files.format, splits: splits).found()
    case .topic(let topic, let format): try topic.inferSchema(format).schema.fields
    }
  }

  /// The columns that records have whatever they hold; `job` may name any header.
  func fixedFields(named job: ConfigurationNode) -> [Field] {
    guard case .topic = place else { return [] }
    return (MessageColumn.names + job.headerColumns).compactMap { name in
      MessageColumn(named: name)?.field(named: name)
    }
  }

  func source(of schema: Schema) -> any Source {
    switch place {
    case .files(let files):
      FileSource(
        patterns: files.paths, format: files.format, schema: schema,
        isFollowed: files.isFollowed)
    case .topic(let topic, let format): KafkaSource(topic, format: format, schema: schema)
    }
  }

  /// Keeps a run that was asked to stop from waiting for its input.
  func stop() {
    if case .topic(let topic, _) = place { topic.stop() }
  }

  /// Tells a consumer group how far the topic, if it is one, has been read.
  func tell(
    _ positions: [Int: Int], to group: String, _ milliseconds: Int
  ) throws(KafkaError) {
    guard case .topic(let topic, _) = place else { return }
    try topic.tell(positions, to: group, milliseconds: milliseconds)
  }

  /// The input for people to read.
  var description: String {
    switch place {
    case .files(let files):
      "\(splits.count) file\(splits.count == 1 ? "" : "s"), \(files.format.rawValue), "
        + (files.isFollowed ? "followed" : "read to the end")
    case .topic(let topic, _):
      "topic \(topic.configuration.topic) at \(topic.configuration.connection.brokers), "
        + "\(splits.count) partition\(splits.count == 1 ? "" : "s"), "
        + (topic.configuration.until == nil ? "read without end" : "read to the end")
    }
  }
}

extension ConfigurationNode {
  /// Every `__headers.NAME` that some text below names, once each.
  fileprivate var headerColumns: [String] {
    var names: Set<String> = []
    collectHeaderColumns(&names)
    return names.sorted()
  }

  private func collectHeaderColumns(_ names: inout Set<String>) {
    for (key, value) in (try? entries().pairs) ?? [] where key.text != "security" {
      value.collectHeaderColumns(&names)
    }
    for item in (try? list()) ?? [] { item.collectHeaderColumns(&names) }
    guard let text = node.scalar?.string else { return }
    for start in text.ranges(of: "__headers.") {
      let isQuoted = text[..<start.lowerBound].last == "`"
      let name = text[start.upperBound...].prefix {
        isQuoted ? $0 != "`" : $0.isLetter || $0.isNumber || $0 == "_" || $0 == "."
      }
      names.insert("__headers." + name)
    }
  }
}
