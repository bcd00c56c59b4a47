import Dataflow
import EventTime
import FileIO
import FileIOTesting
import Foundation
import Synchronization
import Testing

@testable import Snapshots

/// Staged, sealed, released; and taken up after a crash at each moment in between.
@Suite struct TransactionalSinkTests {
  /// The moment a process ends: after so much of an epoch.
  enum Moment: CaseIterable {
    case staged, sealed, revealed, logged
  }

  private static let window = "2026-09-01T00:00:00Z--2026-09-01T00:01:00Z"

  private static func sink(
    _ directory: TemporaryDirectory, attempt: String, resuming checkpoint: [UInt8]? = nil,
    row: String = "1"
  ) throws -> SnapshotSink {
    try SnapshotSink(
      [
        SnapshotSink.StageOutput(kind: .aggregate, name: "") { _, _ in
          Payload(files: ["rows.jsonl": Array(row.utf8)])
        },
        SnapshotSink.StageOutput(kind: .transform, name: "") { _, _ in
          var payload = Payload(files: ["graph.json": Array("{}".utf8)])
          payload.serving = ["saved_model.pb": [1], "assets/words": [2]]
          return payload
        },
      ],
      options: SnapshotSink.Options(
        directory: directory.path + "/out", job: "test", configuration: "c0ffee",
        deadLetterPath: directory.path + "/letters.jsonl", attempt: attempt,
        clock: { Timestamp(microseconds: 0) }), resuming: checkpoint)
  }

  private static func letter(_ offset: Int) -> DeadLetter {
    DeadLetter(split: "a", offset: offset, reason: "why", eventTime: nil, bytes: [])
  }

  private static func pane(
    _ stage: Int, _ minute: Int64, _ index: Int, _ isLast: Bool
  ) -> FiredPane {
    SnapshotSinkTests.pane(stage, minute: minute, index: index, isLast: isLast)
  }

  /// What is visible, and that it is sound.
  private func check(
    _ directory: TemporaryDirectory, _ paths: [String], letters: Int, _ place: Comment
  ) throws {
    let store = SnapshotStore(directory: directory.path + "/out")
    #expect(try store.entries().map(\.path) == paths.sorted(), place)
    #expect(try store.verify().faults == [], place)
    #expect(try store.verify().logLineCount == paths.count, place)
    #expect(!directory.allFiles().contains { $0.contains(".limno-staged") }, place)
    for path in paths where path.hasPrefix("transform/") {
      let model = try DirectoryContent.read("\(store.directory)/serving/\(path.dropFirst(10))")
      #expect(model.files == ["saved_model.pb": [1], "assets/words": [2]], place)
    }
    let lines = try FileSystem.contents(of: directory.path + "/letters.jsonl")
    #expect(lines.count { $0 == UInt8(ascii: "\n") } == letters, place)
  }

  @Test func `nothing is visible before its checkpoint`() throws {
    let directory = try TemporaryDirectory()
    let sink = try Self.sink(directory, attempt: "1")
    try sink.stage([Self.pane(0, 0, 0, false), Self.pane(1, 0, 0, true)])
    let store = SnapshotStore(directory: directory.path + "/out")
    #expect(try store.entries().isEmpty)
    _ = try sink.seal([])
    #expect(try store.entries().isEmpty)
    #expect(try FileSystem.kind(of: directory.path + "/out/serving/1") == nil)
    try sink.release()
    #expect(try store.entries().map(\.path) == ["aggregate/\(Self.window)/0000", "transform/1"])
  }

  @Test func `what could not be made ready can be tried again`() throws {
    let directory = try TemporaryDirectory()
    let sink = try Self.sink(directory, attempt: "1")
    // The model of a version cannot be written, where its snapshot can.
    try directory.write("out/serving", "in the way")
    #expect(throws: FileIOError.self) { try sink.stage([Self.pane(1, 0, 0, true)]) }
    try FileSystem.removeTree(directory.path + "/out/serving")
    try sink.stage([Self.pane(1, 0, 0, true)])
    _ = try sink.seal([])
    try sink.release()
    try directory.write("letters.jsonl", "")
    try check(directory, ["transform/1"], letters: 0, "version 1, once")
  }

  @Test(arguments: Moment.allCases)
  func `a process that ends at any moment publishes once`(moment: Moment) throws {
    let directory = try TemporaryDirectory()
    let sink = try Self.sink(directory, attempt: "1")
    let zero = try sink.seal([])
    try sink.release()
    try sink.stage([Self.pane(0, 0, 0, false), Self.pane(1, 0, 0, true)])
    try sink.quarantine([Self.letter(1), Self.letter(2)])
    var checkpoint = zero
    if moment != .staged { checkpoint = try sink.seal([]) }
    if moment == .revealed {
      // As `release` does before it writes to the log.
      try sink.state.withLock { _ = try $0.directory.revealGroup() }
    }
    if moment == .logged { try sink.release() }
    let next = try Self.sink(directory, attempt: "2", resuming: checkpoint)
    if moment == .staged {
      // Rows are read again.
      try next.stage([Self.pane(0, 0, 0, false), Self.pane(1, 0, 0, true)])
      try next.quarantine([Self.letter(1), Self.letter(2)])
    }
    try next.stage([Self.pane(0, 0, 1, true), Self.pane(1, 1, 0, true)])
    try next.quarantine([Self.letter(3)])
    _ = try next.seal([])
    try next.release()
    let paths = [
      "aggregate/\(Self.window)/0000", "aggregate/\(Self.window)/0001", "transform/1",
      "transform/2",
    ]
    try check(directory, paths, letters: 3, "\(moment)")
    let store = SnapshotStore(directory: directory.path + "/out")
    #expect(try store.entries()[1].manifest.supersedes == paths[0])
  }

  @Test func `what a lost checkpoint let out is not published again`() throws {
    let directory = try TemporaryDirectory()
    let sink = try Self.sink(directory, attempt: "1")
    let zero = try sink.seal([])
    try sink.release()
    try sink.stage([Self.pane(0, 0, 0, false), Self.pane(1, 0, 0, true)])
    _ = try sink.seal([])
    try sink.release()
    let next = try Self.sink(directory, attempt: "2", resuming: zero)
    try next.stage([
      Self.pane(1, 0, 0, true), Self.pane(0, 0, 0, false), Self.pane(0, 0, 1, true),
      Self.pane(1, 1, 0, true),
    ])
    _ = try next.seal([])
    try next.release()
    try next.quarantine([Self.letter(1)])
    let paths = [
      "aggregate/\(Self.window)/0000", "aggregate/\(Self.window)/0001", "transform/1",
      "transform/2",
    ]
    try check(directory, paths, letters: 1, "in another order even")
    let other = try Self.sink(directory, attempt: "3", resuming: zero, row: "2")
    #expect { try other.stage([Self.pane(0, 0, 0, false)]) } throws: {
      "\($0)".contains("has other content now")
    }
  }

  @Test func `a log that does not go with the checkpoint is refused`() throws {
    let directory = try TemporaryDirectory()
    let sink = try Self.sink(directory, attempt: "1")
    try sink.stage([Self.pane(0, 0, 0, false)])
    _ = try sink.seal([])
    try sink.release()
    let checkpoint = try sink.seal([])
    for text in ["", "{}\n"] {
      try directory.write("out/log.jsonl", text)
      #expect { try Self.sink(directory, attempt: "2", resuming: checkpoint) } throws: {
        "\($0)".contains("is not the log that the checkpoint goes with")
      }
    }
  }

  @Test func `an output that lost what was made ready is refused`() throws {
    let directory = try TemporaryDirectory()
    let sink = try Self.sink(directory, attempt: "1")
    try sink.stage([Self.pane(0, 0, 0, false)])
    let checkpoint = try sink.seal([])
    try FileSystem.removeTree(directory.path + "/out/aggregate")
    #expect { try Self.sink(directory, attempt: "2", resuming: checkpoint) } throws: {
      ($0 as? FileIOError)?.code == .notFound
    }
  }

  @Test func `the end of a run is logged once`() throws {
    let directory = try TemporaryDirectory()
    let sink = try Self.sink(directory, attempt: "1")
    let checkpoint = try sink.seal([])
    try sink.release()
    try sink.finish(SnapshotSinkTests.report)
    let again = try Self.sink(directory, attempt: "2", resuming: checkpoint)
    try again.finish(SnapshotSinkTests.report)
    let log = try FileSystem.contents(of: directory.path + "/out/log.jsonl")
    #expect(log.count { $0 == UInt8(ascii: "\n") } == 1)
  }

  /// A state of format 1; see `Tests/Fixtures/checkpoints/PROVENANCE`.
  @Test func `the state of a sink is read with all that was written`() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/checkpoints/format1/checkpoint-00000002/sink.lz4").path
    let bytes = try LZ4Frame.decompress(try FileSystem.contents(of: path)[...], path: path)
    var state = try SinkState(SinkState(bytes).encoded())
    state.format = 1
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(Array(try encoder.encode(state)) == bytes)
    #expect(state.outbox.map(\.publication.stage).allSatisfy { $0 == "late" })
    #expect(state.log.lineCount + state.outbox.count == 20)
  }
}
