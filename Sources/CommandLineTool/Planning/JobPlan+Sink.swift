import Dataflow
import EventTime
import Foundation
import Snapshots

extension JobPlan {
  /// Names this process among all that write to the same directories, one after the other.
  static let attempt =
    "\(ProcessInfo.processInfo.processIdentifier)_\(Int(Date().timeIntervalSince1970 * 1000))"

  /// Where the panes of a run go: snapshots in `directory`, bad records where the job file says.
  ///
  /// `checkpoint` is the sink's state in the checkpoint to go on from, `nil` to begin.
  func makeSink(
    in directory: String, configurationDigest: String, resuming checkpoint: [UInt8]? = nil
  ) throws -> SnapshotSink {
    let letters: String?
    switch configuration.badRecords {
    case .deadLetter:
      let isElsewhere = configuration.deadLetterTopic != nil
      letters =
        configuration.deadLetterPath
        ?? (isElsewhere ? nil : directory + "/dead_letters/dead_letters.jsonl")
    case .skip, .fail: letters = nil
    }
    var options = SnapshotSink.Options(
      directory: directory, job: configuration.name, configuration: configurationDigest,
      deadLetterPath: letters, failsOnBadRecords: configuration.badRecords == .fail,
      attempt: Self.attempt,
      clock: { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) })
    if pipeline.eventTime.keepsLateRows {
      options.lateRowPath = directory + "/late_rows/late_rows.jsonl"
    }
    for versions in appliedVersions { versions.resume(directory) }
    return try SnapshotSink(outputs, options: options, resuming: checkpoint)
  }

  /// The same, and the topics that the job file names.
  func makeSinkWithTopics(
    in directory: String, configurationDigest: String, resuming checkpoint: [UInt8]?
  ) throws -> any TransactionalSink {
    let saved = try checkpoint.map { try TopicSink.state($0) }
    let snapshots = try makeSink(
      in: directory, configurationDigest: configurationDigest, resuming: saved?.snapshots)
    let publications = try configuration.snapshotTopic.map { try TopicSink.Topic($0) }
    let keepsLetters = configuration.badRecords == .deadLetter
    let letters = try (keepsLetters ? configuration.deadLetterTopic : nil).map {
      try TopicSink.Topic($0)
    }
    guard publications != nil || letters != nil else { return snapshots }
    return TopicSink(
      snapshots, directory: directory, publications: publications, deadLetters: letters,
      position: saved?.position ?? 0)
  }
}
