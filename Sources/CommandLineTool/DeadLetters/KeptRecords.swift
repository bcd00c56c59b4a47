import EventTime
import KafkaIO
import Snapshots

/// The records that a job has set aside, in a file or in a topic.
struct KeptRecords {
  /// For people.
  let place: String
  /// Beside what path it is noted which of them have been replayed.
  let path: String
  var records: [KeptRecord]

  /// Those at `path`: an output directory, a file, or a job file, which says where they are.
  init(at path: String, late: Bool) throws {
    guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else {
      try self.init(file: try KeptRecord.file(at: path, late: late))
      return
    }
    let job = try JobConfiguration(path: path)
    guard let directory = job.snapshots else {
      throw job.root.error("no output.snapshots, beside which is noted what was replayed")
    }
    if !late, let topic = job.deadLetterTopic {
      try self.init(topic, in: directory)
    } else {
      let own = late ? nil : job.deadLetterPath
      try self.init(file: try own ?? KeptRecord.file(at: directory, late: late))
    }
  }

  private init(file: String) throws {
    place = file
    path = file
    records = try KeptRecord.read(file)
  }

  /// Of a topic; where it has a record twice, as another run has set it aside, the last one counts.
  private init(_ topic: JobConfiguration.OutputTopic, in directory: String) throws {
    place = "topic \(topic.topic) at \(topic.connection.brokers)"
    path = "\(directory)/dead_letters/\(topic.topic)"
    let all = try KafkaTopic.records(of: topic.topic, at: topic.connection)
    var seen: Set<KeptRecord.Place> = []
    records = []
    for record in try all.reversed().map({ try KeptRecord($0, in: topic.topic) })
    where seen.insert(record.place).inserted { records.append(record) }
    records.reverse()
  }
}

extension KeptRecord {
  /// A record of a topic of dead letters.
  fileprivate init(_ record: KafkaRecord, in topic: String) throws(KafkaError) {
    func header(_ name: String) -> String? { record.headers.last { $0.name == name }?.value }
    guard let split = header("split"), let offset = header("offset").flatMap({ Int($0) }),
      let reason = header("reason")
    else {
      throw KafkaError(
        .other, topic, "holds a record without the headers split, offset and reason",
        remedy: "give a topic that only jobs write their dead letters to")
    }
    self.init(
      place: Place(split: split, offset: offset), reason: reason,
      eventTime: header("event_time").flatMap { Timestamp(rfc3339: $0) }, bytes: record.value)
  }
}
