import Dataflow
import EventTime
import KafkaIO
import Snapshots
import Synchronization

/// Snapshots in a directory, and records of them, of rows and of dead letters in topics, at least
/// once: for runs without checkpoints.
final class TopicSink: PaneSink {
  private let snapshots: SnapshotSink
  private let outputs: TopicOutputs
  private let log: LogRecords
  private let producer: KafkaProducer
  /// How much of the log has been sent.
  private let position = Mutex(0)

  init(
    _ snapshots: SnapshotSink, directory: String, outputs: TopicOutputs
  ) throws(KafkaError) {
    self.snapshots = snapshots
    self.outputs = outputs
    log = LogRecords(directory: directory, outputs: outputs)
    producer = try KafkaProducer(
      outputs.connection, bufferByteCount: outputs.bufferByteCount)
  }

  func publish(_ panes: [FiredPane]) throws {
    try snapshots.publish(panes)
    try position.withLock { position in
      let end = try log.byteCount
      try log.send(position..<end) { record, topic in try producer.send(record, to: topic) }
      position = end
    }
  }

  func quarantine(_ letters: [DeadLetter]) throws {
    try snapshots.quarantine(letters)
    guard let topic = outputs.letters else { return }
    for letter in letters where letter.refusals.isEmpty {
      try producer.send(KafkaRecord(letter), to: topic)
    }
  }

  func finish(_ report: RunReport) throws {
    try snapshots.finish(report)
    try producer.flush()
  }
}

extension KafkaRecord {
  /// A record that could not be used: its bytes, and where it came from.
  init(_ letter: DeadLetter) {
    var headers = [
      (name: "split", value: letter.split), (name: "offset", value: "\(letter.offset)"),
      (name: "reason", value: letter.reason),
    ]
    if let time = letter.eventTime { headers.append(("event_time", time.description)) }
    self.init(
      key: Array("\(letter.split)@\(letter.offset)".utf8), value: letter.bytes, headers: headers)
  }
}
