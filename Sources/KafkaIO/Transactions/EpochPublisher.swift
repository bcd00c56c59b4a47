import Foundation

/// Publishes what belongs to an epoch in one transaction, exactly once.
///
/// With the records of an epoch its *marker* is written, to a compacted topic of commits and beside
/// the positions of a consumer group. When the outcome of a transaction is in doubt, after an error
/// as after a crash, a new incarnation of the producer fences the one before, which resolves the
/// doubt, and the last committed marker says what there is: that of the epoch, or that before it.
public struct EpochPublisher: Sendable {
  public struct Offset: Hashable, Sendable {
    public var topic: String
    public var partition: Int
    /// The record to be read next.
    public var next: Int

    public init(topic: String, partition: Int, next: Int) {
      self.topic = topic
      self.partition = partition
      self.next = next
    }
  }

  /// Who publishes, and where it says so.
  public struct Identity: Hashable, Sendable {
    public var connection: KafkaConnection
    /// Of the producer, stable over restarts.
    public var transactionalID: String
    public var commitTopic: String
    /// The key of the marker there.
    public var key: String
    /// What records on their way may take.
    public var bufferByteCount: Int

    public init(
      connection: KafkaConnection, transactionalID: String, commitTopic: String, key: String,
      bufferByteCount: Int
    ) {
      self.connection = connection
      self.bufferByteCount = bufferByteCount
      self.transactionalID = transactionalID
      self.commitTopic = commitTopic
      self.key = key
    }
  }

  /// What becomes visible together.
  public struct Epoch {
    /// Differs from that of every other epoch.
    public var marker: [UInt8]
    public var offsets: [Offset] = []
    public var group: String
    /// Stands beside each offset.
    public var metadata: String
    /// Hands over the records; again if the transaction is repeated.
    public var records: (_ send: (KafkaRecord, String) throws -> Void) throws -> Void

    public init(
      marker: [UInt8], group: String, metadata: String,
      records: @escaping (_ send: (KafkaRecord, String) throws -> Void) throws -> Void
    ) {
      self.marker = marker
      self.group = group
      self.metadata = metadata
      self.records = records
    }
  }

  /// The moments of a publication, for tests that end the process there.
  public enum Moment: Sendable {
    /// Before the transaction is begun; its records, its marker, its positions are handed over.
    case begin, produced, marked, positioned
    /// It is about to be committed; it is.
    case committing, committed
  }

  /// What the publisher tells, and asks, while it works.
  public struct Surroundings: Sendable {
    /// Whether the run is to stop: then a broker that is silent is not waited for.
    public var isStopping: @Sendable () -> Bool
    public var warn: @Sendable (String) -> Void
    public var reach: @Sendable (Moment) -> Void

    public init(
      isStopping: @escaping @Sendable () -> Bool, warn: @escaping @Sendable (String) -> Void,
      reach: @escaping @Sendable (Moment) -> Void = { _ in }
    ) {
      self.isStopping = isStopping
      self.warn = warn
      self.reach = reach
    }
  }

  private let identity: Identity
  private let surroundings: Surroundings
  private let commits: CommitTopic
  private var producer: TransactionalProducer?
  private var last: [UInt8]?

  /// How long a step of a transaction is repeated before the producer is made anew.
  private static let patience = Duration.seconds(30)
  private static let longestPause = 5.0

  /// - Throws: ``KafkaError`` for a setting that librdkafka refuses.
  public init(_ identity: Identity, _ surroundings: Surroundings) throws(KafkaError) {
    self.identity = identity
    self.surroundings = surroundings
    commits = CommitTopic(name: identity.commitTopic, connection: identity.connection)
    try identity.connection.validate()
  }

  /// Takes the place of whoever published under the same identity.
  ///
  /// - Returns: The marker of the last epoch that was committed, `nil` if none was.
  /// - Throws: ``KafkaError``: no broker answers, or it refuses.
  public mutating func start() throws(KafkaError) -> [UInt8]? {
    do throws(TransactionFailure) {
      last = try takeOver()
    } catch {
      switch error {
      case .refused(let refusal): throw refusal
      case .inDoubt(let reason):
        throw KafkaError(
          .unreachable, identity.connection.brokers, "no transaction can be made: \(reason)",
          remedy: "check brokers, network and security")
      case .stopped:
        throw KafkaError(
          .stopped, identity.connection.brokers, "stopped while waiting for the brokers")
      }
    }
    return last
  }

  /// Publishes an epoch, and waits for brokers as long as that takes.
  ///
  /// - Returns: Whether it is committed; `false` if the run is to stop before that is known.
  /// - Throws: ``KafkaError`` if the brokers refuse, or another process has published.
  public mutating func publish(_ epoch: Epoch) throws -> Bool {
    var pause = 0.05
    var told: String?
    while true {
      do {
        try attempt(epoch)
        surroundings.reach(.committed)
        last = epoch.marker
        return true
      } catch TransactionFailure.refused(let refusal) {
        producer = nil
        throw refusal
      } catch TransactionFailure.stopped {
        producer = nil
        return false
      } catch TransactionFailure.inDoubt(let reason) {
        producer = nil
        if told != reason {
          surroundings.warn(
            "\(identity.connection.brokers): not known to be published: \(reason); trying again")
        }
        told = reason
      }
      let end = Date(timeIntervalSinceNow: pause)
      while end.timeIntervalSinceNow > 0 {
        if surroundings.isStopping() { return false }
        Thread.sleep(forTimeInterval: 0.02)
      }
      pause = min(2 * pause, Self.longestPause)
      if try isPublished(epoch) { return true }
    }
  }

  /// Makes a new incarnation and learns from it whether `epoch` was committed; `false` also if the
  /// brokers do not answer.
  private mutating func isPublished(_ epoch: Epoch) throws(KafkaError) -> Bool {
    let found: [UInt8]?
    do throws(TransactionFailure) {
      found = try takeOver()
    } catch {
      if case .refused(let refusal) = error { throw refusal }
      return false
    }
    if found == epoch.marker {
      last = found
      return true
    }
    guard found == last else {
      producer = nil
      throw KafkaError(
        .fenced, identity.commitTopic,
        "another process has published under '\(identity.transactionalID)'; a job has one owner",
        remedy: "end one of them, and start the other again")
    }
    return false
  }

  private mutating func takeOver() throws(TransactionFailure) -> [UInt8]? {
    producer = nil
    do throws(KafkaError) {
      let next = try TransactionalProducer(
        identity, patience: Self.patience, isStopping: surroundings.isStopping)
      // The topic first: made only now, it would have the first transaction wait.
      _ = try commits.lastValue()
      do throws(TransactionFailure) {
        try next.initialize()
      } catch {
        throw KafkaError(taken: error, at: identity.connection.brokers)
      }
      let found = try commits.lastValue()
      producer = next
      return found
    } catch {
      switch error.code {
      case .unreachable, .other: throw .inDoubt(error.cause)
      case .stopped: throw .stopped
      default: throw .refused(error)
      }
    }
  }

  private func attempt(_ epoch: Epoch) throws {
    guard let producer else { throw TransactionFailure.inDoubt("no answer from the brokers") }
    surroundings.reach(.begin)
    try producer.begin()
    try epoch.records { record, topic in try producer.send(record, to: topic) }
    surroundings.reach(.produced)
    try producer.send(
      KafkaRecord(key: Array(identity.key.utf8), value: epoch.marker), to: identity.commitTopic)
    surroundings.reach(.marked)
    try producer.send(epoch.offsets, metadata: epoch.metadata, for: epoch.group)
    surroundings.reach(.positioned)
    surroundings.reach(.committing)
    try producer.commit()
  }
}

extension KafkaError {
  fileprivate init(taken failure: TransactionFailure, at brokers: String) {
    switch failure {
    case .refused(let refusal): self = refusal
    case .inDoubt(let reason): self.init(.unreachable, brokers, reason)
    case .stopped: self.init(.stopped, brokers, "stopped")
    }
  }
}
