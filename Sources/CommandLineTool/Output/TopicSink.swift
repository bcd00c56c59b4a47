import ByteCoding
import Dataflow
import EventTime
import Foundation
import KafkaIO
import Snapshots
import Synchronization

/// Snapshots in a directory, and a record of each in a topic; dead letters in a topic too.
///
/// The log of the directory is what the topic follows: a record for every line of it, at least once.
/// A checkpoint knows how far the topic had followed; a run taken up there sends again what came
/// after.
final class TopicSink: TransactionalSink {
  private let snapshots: SnapshotSink
  private let directory: String
  private let publications: Topic?
  private let deadLetters: Topic?
  /// How many bytes of the log have been sent.
  private let position: Mutex<UInt64>

  struct Topic: Sendable {
    let producer: KafkaProducer
    let name: String

    init(_ output: JobConfiguration.OutputTopic) throws(KafkaError) {
      producer = try KafkaProducer(output.connection)
      name = output.topic
    }
  }

  /// `position` is how much of the log a checkpoint says was sent.
  init(
    _ snapshots: SnapshotSink, directory: String, publications: Topic?, deadLetters: Topic?,
    position: UInt64
  ) {
    self.snapshots = snapshots
    self.directory = directory
    self.publications = publications
    self.deadLetters = deadLetters
    self.position = Mutex(position)
  }

  /// Splits what ``seal()`` returned: the state of the snapshots, and the position in the log.
  ///
  /// A run that had no topic has sent nothing.
  static func state(_ saved: [UInt8]) throws -> (snapshots: [UInt8], position: UInt64) {
    guard saved.starts(with: mark) else { return (saved, 0) }
    var reader = ByteReader(saved[mark.count...])
    let position = try reader.readVarint()
    return (Array(saved[reader.offset...]), position)
  }

  /// What the state of a sink with topics begins with.
  private static let mark = Array("topic\n".utf8)

  func publish(_ panes: [FiredPane]) throws {
    try snapshots.publish(panes)
    try follow()
  }

  func stage(_ panes: [FiredPane]) throws { try snapshots.stage(panes) }

  func seal() throws -> [UInt8] {
    try follow()
    try flush()
    var writer = ByteWriter()
    writer.append(contentsOf: Self.mark)
    writer.append(varint: position.withLock { $0 })
    writer.append(contentsOf: try snapshots.seal())
    return writer.bytes
  }

  func release() throws {
    try snapshots.release()
    try follow()
  }

  func quarantine(_ letters: [DeadLetter]) throws {
    try snapshots.quarantine(letters)
    guard let deadLetters else { return }
    for letter in letters where letter.refusals.isEmpty {
      var headers = [
        (name: "split", value: letter.split), (name: "offset", value: "\(letter.offset)"),
        (name: "reason", value: letter.reason),
      ]
      if let time = letter.eventTime { headers.append(("event_time", time.description)) }
      try deadLetters.producer.send(
        KafkaProducer.Record(
          key: Array("\(letter.split)@\(letter.offset)".utf8), value: letter.bytes,
          headers: headers),
        to: deadLetters.name)
    }
  }

  func finish(_ report: RunReport) throws {
    try snapshots.finish(report)
    try follow()
    try flush()
  }

  private func flush() throws {
    try publications?.producer.flush()
    try deadLetters?.producer.flush()
  }

  /// Sends what the log has gained.
  private func follow() throws {
    guard let publications else { return }
    try position.withLock { position in
      let file = try FileHandle(forReadingFrom: URL(filePath: directory + "/log.jsonl"))
      defer { try? file.close() }
      try file.seek(toOffset: position)
      let lines = [UInt8](try file.readToEnd() ?? Data())
      for line in lines.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
        if let record = try SnapshotRecord(line: Array(line), in: directory) {
          try publications.producer.send(record.record, to: publications.name)
        }
        position += UInt64(line.count) + 1
      }
    }
  }
}
