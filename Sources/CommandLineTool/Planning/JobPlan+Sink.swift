import Dataflow
import EventTime
import FileIO
import Expressions
import Foundation
import KafkaIO
import Snapshots

extension JobPlan {
  /// Names this process among all that write to the same directories, one after the other.
  static let attempt =
    "\(ProcessInfo.processInfo.processIdentifier)_\(Int(Date().timeIntervalSince1970 * 1000))"

  /// The time for publication logs.
  static let clock: @Sendable () -> Timestamp = {
    Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
  }

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
      clock: Self.clock)
    if pipeline.eventTime.keepsLateRows {
      options.lateRowPath = directory + "/late_rows/late_rows.jsonl"
    }
    for model in models { options.models[model.reference.path] = model.reference.digest }
    for versions in appliedVersions { versions.resume(directory) }
    return try SnapshotSink(outputs, options: options, resuming: checkpoint)
  }

  /// The same, and the topics that the job file names: at least once.
  func makeSinkWithTopics(
    in directory: String, configurationDigest: String
  ) throws -> any PaneSink {
    let snapshots = try makeSink(in: directory, configurationDigest: configurationDigest)
    guard let outputs = configuration.topics else { return snapshots }
    return try TopicSink(snapshots, directory: directory, outputs: outputs)
  }

  /// The same for a run with checkpoints: exactly once.
  ///
  /// `startsOver` lets what an earlier run has
  /// published be followed by that of a new one.
  func makeTransactionalSink(
    in directory: String, configurationDigest: String, resuming checkpoint: [UInt8]?,
    startsOver: Bool
  ) throws -> any TransactionalSink {
    let saved = try checkpoint.map { try ExactTopicSink.split($0).snapshots }
    let snapshots = try makeSink(
      in: directory, configurationDigest: configurationDigest, resuming: saved)
    let read = try configuration.readTopics()
    guard let outputs = configuration.topics else { return telling(read, snapshots) }
    // A transaction holds the positions of one group, in the cluster it is in.
    let group = read.first { $0.connection.brokers == outputs.connection.brokers }?.group
    let isInside = { (topic: ReadTopic) in
      topic.group == group && topic.connection.brokers == outputs.connection.brokers
    }
    let options = ExactTopicSink.Options(
      directory: directory, outputs: outputs, job: configuration.name,
      read: read.filter(isInside), resuming: checkpoint, startsOver: startsOver,
      attempt: Self.attempt)
    let sink = try ExactTopicSink(
      snapshots, options,
      EpochPublisher.Surroundings(
        isStopping: { [stopSignal] in stopSignal.isOn }, warn: { printToError("warning: \($0)") },
        reach: { $0.reachFaultPoint() }))
    return telling(read.filter { !isInside($0) }, sink)
  }

  /// `sink`, with the positions in `topics` told after each checkpoint.
  private func telling(
    _ topics: [ReadTopic], _ sink: any TransactionalSink
  ) -> any TransactionalSink {
    guard !topics.isEmpty else { return sink }
    return PositionSink(sink) { [input, labels] positions, milliseconds in
      for topic in topics {
        let own = topic.positions(positions)
        guard !own.isEmpty else { continue }
        try (topic.side == .labels ? labels : input)?.tell(own, to: topic.group, milliseconds)
      }
    } warn: {
      printToError("warning: \($0)")
    }
  }
}

extension EpochPublisher.Moment {
  /// Ends the process if a test wants it to end here.
  fileprivate func reachFaultPoint() {
    switch self {
    case .begin: FaultPoint.begin.reach()
    case .produced: FaultPoint.produce.reach()
    case .marked: FaultPoint.mark.reach()
    case .positioned: FaultPoint.offsets.reach()
    case .committing:
      FaultPoint.commit.reach()
      FaultPoint.committing.reachSoon()
    case .committed: FaultPoint.committed.reach()
    }
  }
}
