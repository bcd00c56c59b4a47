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

  @Test func `the state is read with all that was written, and is the same in this format`() throws
  {
    let saved = try Self.checkpoint()
    let run = try RunState(saved.state)
    var again = try RunState(run.encoded())
    again.format = 1
    #expect(again == run)
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

  /// What the ledgers of label joins count was added to the format later, and may be missing.
  @Test(arguments: [false, true])
  func `the state of format 2 is read, and read again as it is written now`(isNew: Bool) throws {
    let catalog = CheckpointCatalog(path: Self.folder + "/format2")
    let saved = try catalog.read(2).checkpoint
    let written = try RunState(saved.state).encoded()
    #expect(try RunState(written).encoded() == written)
    let state = isNew ? written : saved.state
    let summary = try CheckpointSummary(state: state)
    #expect(summary.splits.map(\.offset) == [1_048_248, 1_242_000])
    #expect(summary.splits.map(\.ledger.read) == [7596, 9000] && summary.total.isBalanced)
    #expect(summary.watermark == Timestamp(microseconds: 1_788_220_848_000_000))
    #expect(!summary.isComplete && !summary.isDrained && summary.paneCount == 52)
    #expect(summary.windows.count == 686)
    #expect(try catalog.journal().faults == [])
    let names = try RunExplanation(state: state).stages.map(\.name)
    #expect(names == ["late", "sliding", "visits"])
  }

  @Test func `the contents of format 2 are those of the rows`() throws {
    let directory = try TemporaryDirectory()
    let yaml = try String(contentsOfFile: Self.folder + "/format2/job.yaml", encoding: .utf8)
    let input = try directory.write("a.jsonl", "{\"at\": 1, \"k\": \"x\", \"n\": 1}\n")
    let plan = try EngineRun.plan(
      yaml,
      at: try directory.write(
        "job.yaml", yaml.replacing("g/a.jsonl, g/b.jsonl", with: input)))
    let saved = try CheckpointCatalog(path: Self.folder + "/format2").read(2).checkpoint
    let held = try RunState(saved.state).held(saved.parts, stages: plan.pipeline.stages).held[0]
    var contents: [Window: PaneContent] = [:]
    for (slot, content) in held.slots {
      var held = content
      contents[slot.window] = PaneContent.merged([contents[slot.window], held.take()])
    }
    let expected: [Int64: [(count: Int, total: Int)]] = [
      1_788_220_820: [(1007, 3084), (1030, 3104), (983, 2912)],
      1_788_220_830: [(986, 2869), (980, 2874), (1018, 3026)],
      1_788_220_840: [(976, 3035), (934, 2789), (971, 2828)],
      1_788_220_850: [(465, 1449), (482, 1397), (490, 1444)],
    ]
    #expect(contents.count == expected.count, "the others have closed")
    for (start, values) in expected {
      let window = Window(
        start: Timestamp(microseconds: start * 1_000_000),
        end: Timestamp(microseconds: (start + 10) * 1_000_000))
      let lines = zip(["x", "y", "z"], values).map { key, value in
        "{\"k\":\"\(key)\",\"n\":\(value.count),\"total\":\(value.total)}\n"
      }
      let content = try #require(contents[window])
      let files = try plan.outputs[0].makePayload(content, window).files
      #expect(String(decoding: files["rows.jsonl"] ?? [], as: UTF8.self) == lines.joined())
    }
  }
}
