import Dataflow
import EventTime
import FileIO
import FileIOTesting
import Formats
import Foundation
import Testing

@testable import Snapshots

@Suite struct SnapshotSinkTests {
  private static let rows = Array("{\"n\":1}\n".utf8)

  static func sink(
    _ directory: String, deadLetters: String? = nil, fails: Bool = false, attempt: String = "1"
  ) throws -> SnapshotSink {
    try SnapshotSink(
      [
        SnapshotSink.StageOutput(kind: .aggregate, name: "") { _, _ in
          Payload(files: ["rows.jsonl": rows, "rows.csv": []], approximations: ["n: ± 1"])
        },
        SnapshotSink.StageOutput(kind: .transform, name: "daily") { _, _ in
          Payload(files: ["graph.json": Array("{}".utf8), "assets/words": Array("a\n".utf8)])
        },
      ],
      options: SnapshotSink.Options(
        directory: directory, job: "test", configuration: "c0ffee", deadLetterPath: deadLetters,
        failsOnBadRecords: fails, attempt: attempt,
        clock: { Timestamp(microseconds: 1_788_220_800_000_000) }))
  }

  static func pane(_ stage: Int, minute: Int64, index: Int = 0, isLast: Bool = false) -> FiredPane {
    var ledger = Ledger()
    ledger.read = 10
    ledger.aggregated = 7
    ledger.late = 3
    let start = 1_788_220_800_000_000 + minute * 60_000_000
    return FiredPane(
      stage: stage,
      window: Window(
        start: Timestamp(microseconds: start), end: Timestamp(microseconds: start + 60_000_000)),
      pane: PaneInfo(
        index: index, nonSpeculativeIndex: index, timing: index == 0 ? .onTime : .late,
        isFirst: index == 0, isLast: isLast),
      content: PaneContent(groupings: []), watermark: Timestamp(microseconds: start),
      splits: [SplitStatus(name: "a", offset: 100, ledger: ledger)])
  }

  static let report = RunReport(
    splits: pane(0, minute: 0).splits, watermark: .distantFuture, refused: [], openWindowCount: 0,
    paneCount: 4, byteCount: 100, holder: nil, isComplete: true)

  /// Four snapshots below `out`, and the end of the log.
  static func published(in directory: TemporaryDirectory) throws -> SnapshotStore {
    let out = directory.path + "/out"
    let sink = try sink(out)
    try sink.publish([pane(0, minute: 0), pane(1, minute: 0)])
    try sink.publish([pane(0, minute: 0, index: 1, isLast: true), pane(1, minute: 1)])
    try sink.finish(report)
    return SnapshotStore(directory: out)
  }

  @Test func `panes that could not be published can be tried again`() throws {
    let directory = try TemporaryDirectory()
    let sink = try SnapshotSink(
      [
        SnapshotSink.StageOutput(kind: .transform, name: "") { _ in
          Payload(files: ["graph.json": Array("{}".utf8)])
        }
      ],
      options: SnapshotSink.Options(
        directory: directory.path + "/out", job: "test", configuration: "c0ffee",
        deadLetterPath: nil, attempt: "1", clock: { Timestamp(microseconds: 0) }))
    let panes = [Self.pane(0, minute: 0), Self.pane(0, minute: 1), Self.pane(0, minute: 2)]
    // The second version cannot appear.
    try directory.write("out/transform/2", "in the way")
    #expect(throws: FileIOError.self) { try sink.publish(panes) }
    try FileSystem.removeTree(directory.path + "/out/transform/2")
    try sink.publish(panes)
    let store = SnapshotStore(directory: directory.path + "/out")
    #expect(try store.entries().map(\.path) == ["transform/1", "transform/2", "transform/3"])
    #expect(try store.verify().faults == [])
  }

  @Test func `snapshots lie where the design says, and name what they supersede`() throws {
    let directory = try TemporaryDirectory()
    let store = try Self.published(in: directory)
    let window = "2026-09-01T00:00:00Z--2026-09-01T00:01:00Z"
    let entries = try store.entries()
    #expect(
      entries.map(\.path) == [
        "aggregate/\(window)/0000", "aggregate/\(window)/0001", "transform/daily/1",
        "transform/daily/2",
      ])
    #expect(entries.map(\.manifest.supersedes) == [nil, "aggregate/\(window)/0000", nil, nil])
    #expect(entries.map(\.manifest.version) == [nil, nil, 1, 2])
    #expect(try store.lastPanes().map(\.path) == entries.dropFirst().map(\.path))
    #expect(entries[0].manifest.approximations == ["n: ± 1"])
    let files = directory.allFiles().filter { !$0.hasSuffix("manifest.json") }
    #expect(
      files == [
        "out/aggregate/\(window)/0000/rows.csv", "out/aggregate/\(window)/0000/rows.jsonl",
        "out/aggregate/\(window)/0001/rows.csv", "out/aggregate/\(window)/0001/rows.jsonl",
        "out/log.jsonl", "out/transform/daily/1/assets/words", "out/transform/daily/1/graph.json",
        "out/transform/daily/2/assets/words", "out/transform/daily/2/graph.json",
      ])
    let result = try store.verify()
    #expect(result.faults == [] && result.snapshotCount == 4 && result.logLineCount == 5)
  }

  @Test func `the payload of the same pane has the same digest, whatever else differs`() throws {
    let directory = try TemporaryDirectory()
    let entries = try Self.published(in: directory).entries()
    #expect(entries[0].manifest.payloadDigest == entries[1].manifest.payloadDigest)
    #expect(entries[0].manifest.json() != entries[1].manifest.json())
  }

  @Test func `the log ends with the books of the run`() throws {
    let directory = try TemporaryDirectory()
    let store = try Self.published(in: directory)
    let log = try FileSystem.contents(of: store.directory + "/log.jsonl")
    let last = try #require(log.split(separator: UInt8(ascii: "\n")).last)
    let value = try JSONValue(parsing: Array(last))
    #expect(value["kind"]?.string == "end" && value["is_complete"]?.bool == true)
    #expect(value["ledger"]?["read"]?.integer == 10 && value["ledger"]?["late"]?.integer == 3)
  }

  @Test func `a second run into the same directory is refused, until it is emptied`() throws {
    let directory = try TemporaryDirectory()
    let store = try Self.published(in: directory)
    #expect { try Self.sink(store.directory) } throws: { "\($0)".contains("--fresh --force") }
    try directory.write("out/notes.txt", "mine")
    try store.removeAll()
    #expect(directory.allFiles() == ["out/notes.txt"], "what is not ours stays")
    _ = try Self.sink(store.directory)
  }

  @Test func `what a killed attempt left is removed`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("out/aggregate/w/.limno-staged-77-0000/rows.jsonl", "half")
    _ = try Self.sink(directory.path + "/out")
    #expect(directory.allFiles() == ["out/log.jsonl"])
  }

  @Test func `a payload that cannot be made publishes nothing of its group`() throws {
    struct Refusal: Error {}
    let directory = try TemporaryDirectory()
    let stage = SnapshotSink.StageOutput(kind: .aggregate, name: "") { _, _ in
      Payload(files: ["rows.jsonl": []])
    }
    let broken = SnapshotSink.StageOutput(kind: .aggregate, name: "b") { _, _ in throw Refusal() }
    let sink = try SnapshotSink(
      [stage, broken],
      options: SnapshotSink.Options(
        directory: directory.path, job: "", configuration: "", deadLetterPath: nil, attempt: "1",
        clock: { .distantPast }))
    #expect(throws: Refusal.self) {
      try sink.publish([Self.pane(0, minute: 0), Self.pane(1, minute: 0)])
    }
    #expect(directory.allFiles() == ["log.jsonl"])
  }

  @Test func `dead letters are lines with place, reason and bytes`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/letters/bad.jsonl"
    let sink = try Self.sink(directory.path + "/out", deadLetters: path)
    #expect(try FileSystem.kind(of: path) == nil, "no letters, no file")
    let text = "say \"hé\"\t{"
    let time = Timestamp(microseconds: 1_788_220_800_000_000)
    try sink.quarantine([
      DeadLetter(
        split: "in/a", offset: 12, reason: "why", eventTime: time, bytes: Array(text.utf8)),
      DeadLetter(split: "in/b", offset: 0, reason: "é", eventTime: nil, bytes: [0xFF, 0]),
    ])
    let lines = try FileSystem.contents(of: path).split(separator: UInt8(ascii: "\n"))
    let values = try lines.map { try JSONValue(parsing: Array($0)) }
    #expect(values.count == 2)
    #expect(values[0]["split"]?.string == "in/a" && values[0]["offset"]?.integer == 12)
    #expect(values[0]["text"]?.string == text && values[0]["base64"] == nil)
    #expect(values[0]["event_time"]?.string == "2026-09-01T00:00:00Z")
    #expect(values[1]["base64"]?.string == "/wA=" && values[1]["text"] == nil)
    #expect(values[1]["reason"]?.string == "é" && values[1]["event_time"] == nil)
  }

  @Test func `base 64 is that of Foundation`() {
    for count in 0..<70 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
      #expect(DeadLetterFile.base64(bytes) == Data(bytes).base64EncodedString(), "\(bytes)")
    }
  }

  @Test func `on_bad_record fail names the place`() throws {
    let directory = try TemporaryDirectory()
    let sink = try Self.sink(directory.path + "/out", fails: true)
    let letter = DeadLetter(split: "in/a", offset: 7, reason: "why", eventTime: nil, bytes: [1])
    #expect { try sink.quarantine([letter]) } throws: { "\($0)" == "in/a, position 7: why" }
  }
}
