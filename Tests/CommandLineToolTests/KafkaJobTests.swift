import EventTime
import FileIOTesting
import KafkaIO
import Testing

@testable import CommandLineTool

/// The Kafka parts of a job file, without a broker.
@Suite struct KafkaJobTests {
  private static let canary = "canary-19bd"

  private func parse(
    _ kafka: String, output: String = "", environment: [String: String] = [:]
  ) throws -> JobConfiguration {
    let text = """
      job: k
      source:
        kafka: { \(kafka) }
      windows: { global: {} }
      aggregate: { keys: [], values: { n: count() } }
      output: { snapshots: out\(output) }
      """
    return try JobParser.parse(
      try ConfigurationFile.parse(
        Array(text.utf8), path: "job.yaml", environment: environment))
  }

  private func kafka(
    _ text: String, environment: [String: String] = [:]
  ) throws -> JobConfiguration.Kafka {
    guard case .kafka(let kafka) = try parse(text, environment: environment).input else {
      throw ConfigurationError(file: "", line: 0, column: 0, message: "not of Kafka")
    }
    return kafka
  }

  private static let least = "brokers: 'h:1', topic: t, format: jsonl"

  @Test func `what is not said has its default`() throws {
    let configuration = try kafka(Self.least).configuration
    #expect(configuration.connection.brokers == "h:1" && configuration.topic == "t")
    #expect(configuration.start == .earliest && configuration.until == nil)
    #expect(configuration.gapPolicy == .fail && configuration.partitions == nil)
  }

  @Test func `everything can be said`() throws {
    let found = try kafka(
      """
      brokers: ['h:1', 'i:2'], topic: t, format: csv, columns: [a, b], partitions: [2, 0],
      start: { timestamp: '2026-09-01T10:00:00Z' }, until: { offsets: { 0: 5, 2: 7 } },
      on_offset_gap: accept, properties: { fetch.wait.max.ms: 5 }
      """)
    #expect(found.format == .csv(columns: ["a", "b"]))
    var expected = KafkaConfiguration(KafkaConnection(brokers: "h:1,i:2"), topic: "t")
    expected.partitions = [2, 0]
    // 2026-09-01T10:00:00Z by `date -u -d … +%s`.
    expected.start = .timestamp(.init(microseconds: 1_788_256_800_000_000))
    expected.until = .offsets([0: 5, 2: 7])
    expected.gapPolicy = .accept
    expected.connection.properties = [.init("fetch.wait.max.ms", "5")]
    // The share of `memory.buffers`, as documented.
    expected.fetchByteCount = 40 << 20
    #expect(found.configuration == expected)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var kafka: String
    var words: [String]

    init(_ name: String, _ kafka: String, _ words: String...) {
      testDescription = name
      self.kafka = kafka
      self.words = words
    }
  }

  private static let login = "protocol: sasl_ssl, mechanism: PLAIN, username: u"
  static let cases = [
    Case("no topic", "brokers: 'h:1', format: jsonl", "'topic' is missing"),
    Case("a misspelt key", least + ", strat: latest", "did you mean 'start'?"),
    Case("a misspelt start", least + ", start: latets", "did you mean 'latest'?"),
    Case("a start of two kinds", least + ", start: { timestamp: x, offsets: {} }", "either"),
    Case("no time", least + ", start: { timestamp: noon }", "2026-09-01T10:00:00Z"),
    Case("CSV without names", "brokers: 'h:1', topic: t, format: csv", "'columns'"),
    Case("names without CSV", least + ", columns: [a]", "CSV"),
    Case("a file's format", "brokers: 'h:1', topic: t, format: tfrecord", "tf_example"),
    Case("a partition twice", least + ", partitions: [1, 1]", "different partitions"),
    Case("what the engine sets", least + ", properties: { group.id: g }", "group.id"),
    Case("security aside", least + ", properties: { sasl.password: p }", "security"),
    Case(
      "PLAIN in the clear",
      least
        + ", security: { protocol: sasl_plaintext, mechanism: PLAIN, username: u, "
        + "password: '${env:PASSWORD}' }",
      "PLAIN", "allow_cleartext"),
    Case("no mechanism", least + ", security: { protocol: sasl_ssl }", "'mechanism' is missing"),
    Case(
      "a mechanism alone", least + ", security: { protocol: ssl, mechanism: PLAIN }", "sasl_ssl"),
    Case(
      "a secret as it is", least + ", security: { \(login), password: \(canary) }", "${env:NAME}"),
    Case(
      "a secret with more", least + ", security: { \(login), password: 'x${env:PASSWORD}' }",
      "${env:NAME}"),
    Case(
      "no such variable", least + ", security: { \(login), password: '${env:NONE}' }",
      "NONE is not set"),
  ]

  @Test(arguments: cases)
  func `a wrong block says where and what is allowed`(_ example: Case) throws {
    let error = #expect(throws: ConfigurationError.self) {
      _ = try kafka(example.kafka, environment: ["PASSWORD": Self.canary])
    }
    let message = error.map { "\($0)" } ?? ""
    for word in example.words { #expect(message.contains(word), "\(message)") }
    #expect(error?.line == 3 && !message.contains(Self.canary), "\(message)")
  }

  @Test func `a secret comes from the environment or a file, and is shown nowhere`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("password", Array((Self.canary + "\n").utf8))
    for reference in ["${env:PASSWORD}", "${PASSWORD}", "file:\(path)"] {
      let found = try kafka(
        Self.least + ", security: { \(Self.login), password: '\(reference)' }",
        environment: ["PASSWORD": Self.canary])
      let login = found.configuration.connection.security.login
      #expect(login == .plain(user: "u", password: Secret(Self.canary)))
      var shown = "\(found.configuration)"
      dump(found.configuration, to: &shown)
      #expect(!shown.contains(Self.canary))
    }
  }

  @Test func `a topic to write to is on the cluster that is read, unless brokers are named`() throws
  {
    let same = try parse(Self.least, output: ", kafka: snapshots").snapshotTopic
    #expect(same?.topic == "snapshots" && same?.connection.brokers == "h:1")
    let other = try parse(Self.least, output: ", kafka: { topic: s, brokers: 'o:9' }")
    #expect(other.snapshotTopic?.connection.brokers == "o:9")
  }

  @Test func `all topics that a job writes to are in one cluster`() throws {
    let letters = "\ndead_letters: { topic: { brokers: 'i:1', topic: bad } }"
    let refusal = #expect(throws: ConfigurationError.self) {
      try parse(Self.least, output: ", kafka: told }" + letters + "\nmemory: { limit: 1GiB")
    }
    #expect("\(refusal, default: "")".contains("one transaction covers all topics"))
    let same = "\ndead_letters: { topic: bad }\nmemory: { limit: 1GiB"
    let topics = try parse(Self.least, output: ", kafka: told }" + same).topics
    #expect(topics?.snapshots == "told" && topics?.letters == "bad")
  }

  @Test(arguments: [
    ("0=150,1=200", KafkaBound.offsets([0: 150, 1: 200])), ("7=0", .offsets([7: 0])),
    ("end", .latest),
    ("2026-09-01T10:00:00Z", .timestamp(.init(microseconds: 1_788_256_800_000_000))),
  ])
  func `a bound is said in one argument`(_ text: String, bound: KafkaBound) throws {
    #expect(try KafkaParser.bound(argument: text, of: "--until", ["end": .latest]) == bound)
  }

  @Test(arguments: ["", "0", "0=", "0=1,", "0=1,0=2", "-1=3", "0=1;1=2", "ende"])
  func `what is no bound is refused`(_ text: String) {
    #expect(throws: (any Error).self) {
      try KafkaParser.bound(argument: text, of: "--until", ["end": .latest])
    }
  }
}
