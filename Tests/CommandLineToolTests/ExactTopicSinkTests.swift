import FileIO
import FileIOTesting
import KafkaIO
import Snapshots
import Testing

@testable import CommandLineTool

/// What a run does about what the topic of commits says, without a broker.
@Suite struct ExactTopicSinkTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Run, epoch, lines of the log; `nil` for an empty topic.
    var found: (run: String, epoch: Int, lines: Int)?
    /// The last epoch that the checkpoint knows to be published, of epoch 7.
    var published: Int? = 6
    var isRefused: Bool
  }

  static let cases: [Case] = [
    Case(testDescription: "all is published", found: ("a", 7, 2), isRefused: false),
    Case(testDescription: "the last is not", found: ("a", 6, 1), isRefused: false),
    Case(
      testDescription: "nor those before it", found: ("a", 4, 1), published: 4, isRefused: false),
    Case(testDescription: "a newer checkpoint was lost", found: ("a", 9, 2), isRefused: false),
    Case(testDescription: "less than was known", found: ("a", 5, 1), isRefused: true),
    Case(testDescription: "another log", found: ("a", 7, 3), isRefused: true),
    Case(testDescription: "another run", found: ("b", 7, 2), isRefused: true),
    Case(testDescription: "nothing any more", found: nil, isRefused: true),
    Case(
      testDescription: "only whose turn it is", found: ("a", -1, 0), published: nil,
      isRefused: false),
  ]

  @Test(arguments: cases)
  func `what the topic says must fit the checkpoint`(_ example: Case) throws {
    let folder = try TemporaryDirectory()
    let lines = ["first", "second"]
    try FileSystem.write(
      Array(lines.map { $0 + "\n" }.joined().utf8), toNew: folder.path + "/log.jsonl")
    let outputs = try #require(try Self.outputs(folder.path))
    let log = LogRecords(directory: folder.path, outputs: outputs)
    let found = example.found.map { found in
      CommitMarker(
        run: found.run, epoch: found.epoch, attempt: "x",
        logByteCount: lines.prefix(found.lines).reduce(0) { $0 + $1.utf8.count + 1 },
        logDigest: found.lines == 0
          ? "" : SnapshotStore.digest(Array((lines + ["third"])[found.lines - 1].utf8)),
        positions: [:])
    }
    let saved = ExactTopicSink.Saved(
      run: "a", epoch: 7, published: example.published)
    let refusal = #expect(throws: (any Error).self) {
      try ExactTopicSink.check(found, against: saved, log, "a-commits")
      throw NotRefused()
    }
    #expect(refusal is KafkaError == example.isRefused)
  }

  private struct NotRefused: Error {}

  private static func outputs(_ folder: String) throws -> TopicOutputs? {
    let text = """
      job: a
      source: { files: { paths: [x.jsonl], format: jsonl } }
      windows: { global: {} }
      aggregate: { keys: [], values: { n: count() } }
      output: { snapshots: '\(folder)', kafka: { brokers: 'h:1', topic: t } }
      """
    return try JobParser.parse(
      try ConfigurationFile.parse(Array(text.utf8), path: "job.yaml", environment: [:])
    ).topics
  }

  @Test func `a line of the log is known by where it ends`() throws {
    let folder = try TemporaryDirectory()
    let long = String(repeating: "x", count: 20_000)
    try FileSystem.write(Array("a\n\(long)\nb\n".utf8), toNew: folder.path + "/log.jsonl")
    let log = LogRecords(
      directory: folder.path, outputs: try #require(try Self.outputs(folder.path)))
    func digest(_ text: String) -> String { SnapshotStore.digest(Array(text.utf8)) }
    #expect(try log.digest(at: 0) == "")
    #expect(try log.digest(at: 2) == digest("a"))
    #expect(try log.digest(at: 20_003) == digest(long))
    #expect(try log.digest(at: 20_005) == digest("b"))
    #expect(try log.digest(at: 20_004) == nil && log.digest(at: 20_006) == nil)
  }
}
