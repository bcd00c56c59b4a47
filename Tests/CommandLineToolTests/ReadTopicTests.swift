import Dataflow
import KafkaIO
import Synchronization
import Testing

@testable import CommandLineTool

/// What topics' groups are told, and what all that is on its way may take.
@Suite struct ReadTopicTests {
  private static func configuration(_ text: String) throws -> JobConfiguration {
    try JobParser.parse(
      try ConfigurationFile.parse(Array(text.utf8), path: "job.yaml", environment: [:]))
  }

  private static func job(_ more: String = "") -> String {
    """
    job: a
    source: { kafka: { brokers: 'h:1', topic: in, format: jsonl, until: end } }
    windows: { global: {} }
    aggregate: { keys: [], values: { n: count() } }
    \(more)
    """
  }

  private static let joined = """
    job: a
    join:
      predictions:
        kafka: { brokers: 'h:1', topic: in, format: jsonl, until: end, group: g }
        event_time: { column: __timestamp }
      labels:
        kafka: { brokers: 'h:2', topic: in, format: jsonl, until: end }
        event_time: { column: __timestamp }
      on: [id]
      label_wait: 1m
    evaluate: { windows: { fixed: 1m }, label: label, prediction: p, metrics: [example_count] }
    """

  @Test func `a group is told of the partitions of its own topic`() throws {
    let topic = try #require(try Self.configuration(Self.job()).readTopics().first)
    #expect(topic.group == "limno-a")
    #expect(topic.positions(["in/0": 5, "in/12": 7, "in/1": 0, "ins/0": 9]) == [0: 5, 12: 7])
    let sides = try Self.configuration(Self.joined).readTopics()
    let positions = ["predictions:in/0": 5, "labels:in/0": 7]
    #expect(sides.map(\.group) == ["g", "limno-a"])
    #expect(sides.map { $0.positions(positions) } == [[0: 5], [0: 7]])
  }

  /// A sink that takes everything.
  private final class Sink: TransactionalSink {
    func publish(_: [FiredPane]) {}
    func quarantine(_: [DeadLetter]) {}
    func finish(_: RunReport) {}
    func stage(_: [FiredPane]) {}
    func seal(_: [SplitStatus]) -> [UInt8] { [7] }
    func release() {}
  }

  private struct Silence: Error {}

  @Test func `positions are told once a checkpoint is made, and a silent broker stops nothing`()
    throws
  {
    let told = Mutex<[[String: Int]]>([])
    let warnings = Mutex(0)
    let sink = PositionSink(Sink()) { positions, _ in
      told.withLock { $0.append(positions) }
      if positions["in/0"] == 2 { throw Silence() }
    } warn: { _ in
      warnings.withLock { $0 += 1 }
    }
    for offset in 1...4 {
      #expect(try sink.seal([SplitStatus(name: "in/0", offset: offset, ledger: Ledger())]) == [7])
      #expect(told.withLock { $0.count } == min(offset - 1, 2), "not before it is durable")
      try sink.release()
    }
    #expect(told.withLock { $0 } == [["in/0": 1], ["in/0": 2]], "nor soon after a failure")
    #expect(warnings.withLock { $0 } == 1)
  }

  @Test func `one budget is shared by all buffers`() throws {
    let job = try Self.configuration(Self.job("memory: { buffers: 64MiB }"))
    let budget = job.buffers
    #expect(budget.byteCount == 64 << 20)
    #expect(
      budget.fetched + budget.inWork + budget.queued + budget.produced == budget.byteCount)
    #expect(
      BufferBudget(byteCount: 1 << 40).fetched == budget.fetched, "more makes nothing faster")
    #expect(Self.fetched(job.input) == budget.fetched)
    try budget.check(workers: 8, at: job.root)
    #expect(throws: ConfigurationError.self) { try budget.check(workers: 9, at: job.root) }
    let few = budget.chunkBytes(columnCount: 60, workers: 2)
    let many = budget.chunkBytes(columnCount: 5000, workers: 2)
    #expect(few == 256 << 10 && many == 1 << 20, "wide records come in larger chunks, with room")
    #expect(BufferBudget().chunkBytes(columnCount: 5000, workers: 2) == 512 * 5000)
    let join = try #require(try Self.configuration(Self.joined).join)
    #expect(Self.fetched(join.predictions.input) == BufferBudget().fetched / 2)
    #expect(Self.fetched(join.labels.input) == BufferBudget().fetched / 2)
  }

  private static func fetched(_ input: JobConfiguration.Input) -> Int? {
    guard case .kafka(let kafka) = input else { return nil }
    return kafka.configuration.fetchByteCount
  }
}
