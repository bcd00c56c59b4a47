import ByteCoding
import Dataflow
import FileIO
import Foundation
import KafkaIO
import Snapshots
import Synchronization

/// Snapshots in a directory, and records of them, of rows and of dead letters in topics, exactly once.
///
/// What is published to topics is derived from what a checkpoint has made durable: the lines of the
/// publication log, which only grows and names no pane twice, and the dead letters of each epoch in
/// ``LetterOutbox``. With the records of an epoch goes a ``CommitMarker``; whoever takes the run up
/// reads it, publishes what it does not cover, and says with a marker of its own whose turn it is. If a newer checkpoint was lost, the marker is
/// ahead: then the log has the panes already, and dead letters before its positions are left out.
final class ExactTopicSink: TransactionalSink {
  struct Options {
    var directory: String
    var outputs: TopicOutputs
    var job: String
    /// The topics whose positions are committed with what is published: those in the same cluster,
    /// of one group.
    var read: [ReadTopic]
    /// The checkpoint to go on from; `nil` to begin.
    var resuming: [UInt8]?
    /// Whether what an earlier run has published may be followed by that of a new one.
    var startsOver: Bool
    var attempt: String
  }

  private struct State: ~Copyable {
    var publisher: EpochPublisher
    var outbox: LetterOutbox
    let run: String
    /// The last one that was sealed.
    var epoch: Int
    var published: CommitMarker?
    var positions: [String: Int]
  }

  /// What a checkpoint holds of it, before the state of the snapshots; JSON.
  struct Saved: Codable {
    var run: String
    var epoch = -1
    /// The last epoch that is known to be published.
    var published: Int?
    /// The sizes of outbox files, by epoch.
    var letters: [Int: Int] = [:]
    var positions: [String: Int] = [:]
  }

  private let snapshots: SnapshotSink
  private let options: Options
  private let log: LogRecords
  private let warn: @Sendable (String) -> Void
  private let state: Mutex<State>

  /// Publishes what the checkpoint has and the topics have not.
  ///
  /// - Throws: `KafkaError` if the brokers cannot be used, or what they have is not of this run.
  init(
    _ snapshots: SnapshotSink, _ options: Options, _ surroundings: EpochPublisher.Surroundings
  ) throws {
    self.snapshots = snapshots
    self.options = options
    log = LogRecords(directory: options.directory, outputs: options.outputs)
    warn = surroundings.warn
    let identity = Self.identity(options)
    var publisher = try EpochPublisher(identity, surroundings)
    let resuming = try options.resuming.map { try Self.split($0).saved } ?? nil
    let found = try publisher.start().map { try CommitMarker($0) }
    if let resuming {
      try Self.check(found, against: resuming, log, identity.commitTopic)
    } else if let found, found.epoch >= 0, !options.startsOver {
      throw KafkaError(
        .fenced, identity.commitTopic,
        "says that run \(found.run) has published up to epoch \(found.epoch), and its checkpoints "
          + "are not here",
        remedy: "restore them and the output directory, or start over with --fresh --force")
    }
    let saved = resuming ?? Saved(run: options.attempt)
    let own = resuming == nil ? nil : found
    var outbox = try LetterOutbox(in: options.directory, sealed: saved.letters)
    try outbox.remove(upTo: own?.epoch ?? -1)
    state = Mutex(
      State(
        publisher: publisher, outbox: outbox, run: saved.run,
        epoch: max(saved.epoch, own?.epoch ?? -1), published: own,
        positions: saved.positions.merging(own?.positions ?? [:]) { max($0, $1) }))
    // Even if nothing is left to publish: whose turn it is now, the one before must see.
    guard try publish(upTo: resuming == nil ? 0 : log.byteCount) else {
      throw KafkaError(
        .stopped, options.outputs.connection.brokers, "stopped while waiting for the brokers")
    }
  }

  private static func identity(_ options: Options) -> EpochPublisher.Identity {
    // What the name of a topic may be made of.
    let name = options.job.map {
      $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_"
    }
    return EpochPublisher.Identity(
      connection: options.outputs.connection, transactionalID: "limno-" + options.job,
      commitTopic: String(name) + "-commits", key: options.job,
      bufferByteCount: options.outputs.bufferByteCount)
  }

  // MARK: - The state in checkpoints

  /// What the state of a sink with topics begins with.
  private static let mark = Array("topics 1\n".utf8)

  /// Splits what ``seal(_:)`` returned into its own part, `nil` if the run had no topics, and that of
  /// the snapshots.
  static func split(_ bytes: [UInt8]) throws -> (saved: Saved?, snapshots: [UInt8]) {
    guard bytes.starts(with: mark) else { return (nil, bytes) }
    var reader = ByteReader(bytes[mark.count...])
    let own = try reader.readLengthPrefixed()
    return (
      try JSONDecoder().decode(Saved.self, from: Data(own)), Array(bytes[reader.offset...])
    )
  }

  /// What the topics say must be what the checkpoint, or one after it, has published.
  static func check(
    _ found: CommitMarker?, against saved: Saved, _ log: LogRecords, _ place: String
  ) throws {
    func refuse(_ what: String) -> KafkaError {
      KafkaError(
        .fenced, place, what,
        remedy: "restore what belongs together, or start over with --fresh --force")
    }
    guard let found, found.run == saved.run else {
      let what = found.map { "is of run \($0.run)" } ?? "is empty"
      throw refuse("\(what), and the checkpoint is of run \(saved.run)")
    }
    guard found.epoch >= saved.published ?? -1 else {
      throw refuse(
        "says that epoch \(found.epoch) was the last to be published, and the checkpoint knows of "
          + "epoch \(saved.published ?? -1)")
    }
    guard try log.digest(at: found.logByteCount) == found.logDigest else {
      throw refuse(
        "says that \(found.logByteCount) bytes of \(log.directory)/log.jsonl are published, and "
          + "that is another log")
    }
  }

  func seal(_ splits: [SplitStatus]) throws -> [UInt8] {
    let own = try state.withLock { state in
      state.epoch += 1
      try state.outbox.seal(state.epoch)
      for split in splits {
        state.positions[split.name] = max(split.offset, state.positions[split.name] ?? 0)
      }
      let saved = Saved(
        run: state.run, epoch: state.epoch, published: state.published?.epoch,
        letters: state.outbox.sealed, positions: state.positions)
      return try JSONEncoder().encode(saved)
    }
    var writer = ByteWriter()
    writer.append(contentsOf: Self.mark)
    writer.append(lengthPrefixed: own)
    writer.append(contentsOf: try snapshots.seal(splits))
    return writer.bytes
  }

  // MARK: - Publishing

  func publish(_ panes: [FiredPane]) { preconditionFailure("published without a checkpoint") }

  func stage(_ panes: [FiredPane]) throws { try snapshots.stage(panes) }

  func release() throws {
    try snapshots.release()
    guard try !publish(upTo: log.byteCount) else { return }
    warn(
      "the brokers at \(options.outputs.connection.brokers) do not answer; what waits for them is "
        + "published by the next start")
  }

  func quarantine(_ letters: [DeadLetter]) throws {
    try snapshots.quarantine(letters)
    guard options.outputs.letters != nil else { return }
    try state.withLock { state in
      let known = state.published?.positions ?? [:]
      try state.outbox.append(
        letters.filter { $0.refusals.isEmpty && $0.offset >= known[$0.split] ?? 0 })
    }
  }

  func finish(_ report: RunReport) throws { try snapshots.finish(report) }

  /// Publishes what is sealed and not published, of the log up to `end`.
  ///
  /// - Returns: Whether it is; `false` if the run is to stop, and the brokers do not answer.
  private func publish(upTo end: Int) throws -> Bool {
    try state.withLock { state in
      let begin = state.published?.logByteCount ?? 0
      guard let digest = try log.digest(at: end) else {
        throw SnapshotError(log.directory, "the last line of its log is not whole")
      }
      let marker = CommitMarker(
        run: state.run, epoch: state.epoch, attempt: options.attempt, logByteCount: end,
        logDigest: digest, positions: state.positions)
      let waiting = state.outbox.sealed.keys.sorted()
      let letters = try waiting.flatMap { try state.outbox.letters(of: $0) }
      var epoch = EpochPublisher.Epoch(
        marker: try marker.encoded, group: options.read.first?.group ?? "",
        metadata: "\(state.run) \(state.epoch)"
      ) { [log, options] send in
        try log.send(begin..<end, to: send)
        guard let topic = options.outputs.letters else { return }
        for letter in letters { try send(KafkaRecord(letter), topic) }
      }
      epoch.offsets = options.read.flatMap { $0.offsets(state.positions) }
      guard try state.publisher.publish(epoch) else { return false }
      state.published = marker
      try state.outbox.remove(upTo: marker.epoch)
      return true
    }
  }
}

extension ReadTopic {
  fileprivate func offsets(_ positions: [String: Int]) -> [EpochPublisher.Offset] {
    self.positions(positions).sorted { $0.key < $1.key }.map {
      EpochPublisher.Offset(topic: topic, partition: $0.key, next: $0.value)
    }
  }
}
