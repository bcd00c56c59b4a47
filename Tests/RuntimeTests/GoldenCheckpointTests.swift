import ByteCoding
import Checkpoints
import EventTime
import FileIO
import FileIOTesting
import Foundation
import Snapshots
import Testing

@testable import CommandLineTool
@testable import Dataflow
@testable import Runtime

/// A checkpoint of format 1, as its version wrote it; see `Tests/Fixtures/checkpoints/PROVENANCE`.
@Suite struct GoldenCheckpointTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/checkpoints").path

  private static func checkpoint() throws -> SavedCheckpoint {
    try CheckpointCatalog(path: folder + "/format1").read(2).checkpoint
  }

  @Test func `the state is read, and written as it was`() throws {
    let saved = try Self.checkpoint()
    #expect(try RunState(saved.state).encoded() == saved.state)
    let summary = try CheckpointSummary(state: saved.state)
    #expect(summary.splits.map(\.offset) == [1_048_320, 786_240])
    #expect(summary.splits.map(\.ledger.read) == [6240, 4680] && summary.total.isBalanced)
    #expect(summary.watermark == Timestamp(microseconds: 1_788_220_813_000_000))
    #expect(!summary.isComplete && summary.paneCount == 20 && summary.windows.count == 4)
  }

  /// Counts and sums by key, computed from the rows of the files in Python.
  @Test func `the contents are read, and written as they were`() throws {
    let directory = try TemporaryDirectory()
    let yaml = try String(contentsOfFile: Self.folder + "/job.yaml", encoding: .utf8)
    let input = try directory.write("a.jsonl", "{\"at\": 1, \"k\": \"x\", \"n\": 1}\n")
    let plan = try EngineRun.plan(
      yaml,
      at: try directory.write(
        "job.yaml", yaml.replacing("g/a.jsonl, g/b.jsonl", with: input)))
    let stages = plan.pipeline.stages
    let saved = try Self.checkpoint()
    for bytes in saved.parts.values {
      var reader = ByteReader(bytes)
      let content = try PaneContent.decode(stages[0], from: &reader)
      var writer = ByteWriter()
      content.encode(into: &writer)
      #expect(writer.bytes == bytes)
    }
    let held = try RunState(saved.state).held(saved.parts, stages: stages).held[0]
    var rows: [Window: String] = [:]
    for (slot, content) in held.slots where slot.release == .distantPast {
      var held = content
      let content = held.take() ?? PaneContent(groupings: [])
      let files = try plan.outputs[0].makePayload(content, slot.window).files
      rows[slot.window] = String(decoding: files["rows.jsonl"] ?? [], as: UTF8.self)
    }
    let expected: [Int64: [(count: Int, total: Int)]] = [
      1_788_220_790: [(74, 250), (53, 167), (69, 171)],
      1_788_220_800: [(1973, 5901), (2054, 6176), (1916, 5700)],
      1_788_220_810: [(1482, 4542), (1507, 4563), (1523, 4469)],
      1_788_220_820: [(64, 189), (90, 290), (77, 211)],
    ]
    #expect(rows.count == expected.count)
    for (start, values) in expected {
      let window = Window(
        start: Timestamp(microseconds: start * 1_000_000),
        end: Timestamp(microseconds: (start + 10) * 1_000_000))
      let lines = zip(["x", "y", "z"], values).map { key, value in
        "{\"k\":\"\(key)\",\"n\":\(value.count),\"total\":\(value.total)}\n"
      }
      #expect(rows[window] == lines.joined())
    }
  }

  @Test func `the journal is read, and written as it was`() throws {
    let (frames, _, faults) = try CheckpointCatalog(path: Self.folder + "/format1").journal()
    #expect(frames.count == 4 && faults == [])
    for frame in frames {
      var writer = ByteWriter()
      for record in try JournalRecord.all(in: frame) { record.encode(into: &writer) }
      #expect(writer.bytes == frame)
    }
    let records = try frames.flatMap { try JournalRecord.all(in: $0) }
    #expect(records.contains(.addSplit("g/b.jsonl")) && records.contains(.endOfInput))
  }
}
