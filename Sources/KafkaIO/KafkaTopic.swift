import Columns
import Dataflow
public import Formats
import Synchronization

/// A topic, the connection to its brokers, and what is known of its partitions.
public final class KafkaTopic: Sendable {
  public let configuration: KafkaConfiguration
  /// Asks questions.
  private let client: KafkaClient
  private let state = Mutex(State())

  private struct State {
    var partitions: [Int] = []
    /// Those that came after the start are read from their first record.
    var initial: Set<Int> = []
    /// Where the run ends, by partition.
    var ends: [Int: Int]?
    var refreshed: ContinuousClock.Instant?
    /// Whose partitions share what may be fetched ahead; made when it is known how many there are.
    var reading: KafkaClient?
  }

  /// How often new partitions are looked for, and how long that may hold the run up.
  private static let refreshInterval = Duration.seconds(10)
  private static let refreshMilliseconds = 500

  /// - Parameters:
  ///   - configuration: Brokers, topic, how to read it.
  ///   - warn: Told of what the user should know, from any thread.
  /// - Throws: ``KafkaError`` if the configuration cannot be used; connects to nothing yet.
  public init(
    _ configuration: KafkaConfiguration, warn: @escaping @Sendable (String) -> Void
  ) throws(KafkaError) {
    self.configuration = configuration
    var asking = configuration
    asking.fetchByteCount = KafkaConfiguration.askingByteCount
    client = try KafkaClient(asking, warn: warn)
  }

  /// What of a partition comes after `offset`, by what the brokers said last.
  func remainder(of partition: Int, after offset: Int) -> SourceRemainder? {
    let reading = state.withLock { $0.reading }
    guard let known = reading?.knownEnds(of: partition) else { return nil }
    let end = state.withLock { $0.ends?[partition] } ?? known.upperBound
    return .records(max(0, end - max(offset, known.lowerBound)))
  }

  /// Asks readers that wait for a broker to give up: a run that was stopped must not hang.
  public func stop() {
    client.stop()
    state.withLock { $0.reading }?.stop()
  }

  /// Tells a consumer group how far the topic has been read, for tools that show its lag.
  ///
  /// - Parameters:
  ///   - positions: By partition, the record to be read next.
  ///   - group: It must have no members.
  ///   - milliseconds: How long an answer is waited for.
  /// - Throws: ``KafkaError``: no broker answers, or it refuses.
  public func tell(
    _ positions: [Int: Int], to group: String, milliseconds: Int
  ) throws(KafkaError) {
    try client.commit(positions, of: group, milliseconds: milliseconds)
  }

  /// The partitions to read, those that appeared meanwhile included.
  ///
  /// - Throws: ``KafkaError`` if no broker answers at the first call, or the topic is not there.
  func partitions() throws(KafkaError) -> [Int] {
    try state.withLock { state throws(KafkaError) in
      guard let refreshed = state.refreshed else {
        state.partitions = try chosen(
          client.partitions(timeoutMilliseconds: configuration.connectMilliseconds))
        state.initial = Set(state.partitions)
        state.ends = try ends(of: state.partitions)
        state.refreshed = .now
        return state.partitions
      }
      let isFixed = configuration.partitions != nil || configuration.until != nil
      guard !isFixed, refreshed.duration(to: .now) > Self.refreshInterval else {
        return state.partitions
      }
      state.refreshed = .now
      // Whoever is to read a partition must have heard of it.
      let asking = state.reading ?? client
      if let found = try? asking.partitions(timeoutMilliseconds: Self.refreshMilliseconds) {
        state.partitions += found.filter { !state.partitions.contains($0) }
      }
      return state.partitions
    }
  }

  private func chosen(_ found: [Int]) throws(KafkaError) -> [Int] {
    guard let wanted = configuration.partitions else { return found }
    for partition in wanted where !found.contains(partition) {
      throw KafkaError(
        .unknownPartition, client.place(partition),
        "the topic has \(found.count) partitions and not this one")
    }
    return wanted.sorted()
  }

  private func ends(of partitions: [Int]) throws(KafkaError) -> [Int: Int]? {
    guard let until = configuration.until else { return nil }
    var ends: [Int: Int] = [:]
    for partition in partitions {
      ends[partition] = try client.offset(of: until, in: partition)
    }
    return ends
  }

  func makeReader(
    _ partition: Int, _ layout: MessageLayout, from offset: Int?
  ) throws(KafkaError) -> PartitionReader {
    let reading = try readingClient()
    let (isInitial, end) = state.withLock {
      ($0.initial.contains(partition), $0.ends?[partition])
    }
    let bound = isInitial ? configuration.start : .earliest
    return PartitionReader(
      reading, partition: partition, layout: layout,
      start: offset.map { .offset($0) } ?? .bound(bound), end: end)
  }

  private func readingClient() throws(KafkaError) -> KafkaClient {
    let count = try partitions().count
    return try state.withLock { state throws(KafkaError) in
      if let reading = state.reading { return reading }
      let reading = try KafkaClient(configuration, partitionCount: count, warn: client.warn)
      if client.isStopping { reading.stop() }
      state.reading = reading
      return reading
    }
  }

  /// Guesses the columns of the values from records that are there.
  public func inferSchema(_ format: MessageFormat) throws -> SchemaInference {
    var inference = SchemaInference()
    let layout = MessageLayout(format: format)
    let buffer = PaddedBuffer(capacity: 0)
    for partition in try partitions() {
      let ends = try client.ends(of: partition)
      guard !ends.isEmpty else { continue }
      let start = configuration.start == .earliest ? ends.lowerBound : ends.upperBound - 1000
      let reader = PartitionReader(
        client, partition: partition, layout: layout,
        start: .offset(max(start, ends.lowerBound)), end: nil)
      buffer.removeAll()
      guard try reader.nextChunk(into: buffer, targetBytes: 64 << 10) != nil,
        let block = buffer.block as? MessageBlock
      else { continue }
      block.observe(&inference)
    }
    return inference
  }
}

extension MessageBlock {
  /// Lets `inference` see every value.
  fileprivate func observe(_ inference: inout SchemaInference) {
    if layout.format == .tfExample {
      inference.observe(tfRecords: values.copy(0..<values.count))
      return
    }
    var lines: [UInt8] = []
    for message in messages {
      lines += values.copy(message.range).map { $0 == 0x0A ? 0x20 : $0 }
      lines.append(0x0A)
    }
    switch layout.format {
    case .csv(let columns): inference.observe(csv: MessageFormat.header(columns) + lines)
    case .json, .tfExample: inference.observe(jsonLines: lines)
    }
  }
}
