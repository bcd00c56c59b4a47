import Dataflow
import DataflowTesting
import EventTime
import FileIOTesting
import Formats
import Runtime
import Snapshots
import Testing

@testable import CommandLineTool

/// What `limno explain` says of a run against what its rows and panes add up to.
@Suite struct RunExplanationTests {
  @Test(arguments: [
    "fixed: 10s", "sliding: { size: 10s, every: 2s }", "sessions: { gap: 1s, key: [k] }",
  ])
  func `rows that wait and rows that panes have shown are all rows`(windows: String) throws {
    let directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: 5)
    let lines = (0..<600).map { row in
      let at = row / 5 - (row % 11 == 0 ? Int.random(in: 0...12, using: &generator) : 0)
      return "{\"at\": \(max(0, at)), \"k\": \(row % 4)}\n"
    }
    let first = try directory.write("a.jsonl", lines.joined())
    let second = try directory.write("b.jsonl", lines[..<300].joined())
    let yaml = """
      job: explained
      source: { files: { paths: [\(first), \(second)], format: jsonl, follow: true } }
      schema: { at: timestamp_s, k: int }
      event_time: { column: at, max_out_of_orderness: 2s, late: drop }
      windows: { \(windows), allowed_lateness: 20s }
      aggregate: { keys: [], values: { n: count() } }
      output: { snapshots: out }
      """
    let plan = try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
    let world = RecoveringWorld()
    world.crash(after: .max, isWritten: false)
    let runner = try Runner(
      plan.pipeline, source: plan.source, sink: world, options: RunOptions(workers: 2),
      checkpointing: Checkpointing(store: world, interval: 0.01))
    _ = try runner.run { if $0.total.read == 900 { runner.stop() } }
    let saved = try #require(world.saved)
    let explanation = try RunExplanation(state: saved.state)
    #expect(explanation.watermark == Timestamp(microseconds: 57_000_000), "59 s less 2 s")
    #expect(explanation.holder.map { explanation.splits[$0].name } == second)
    #expect(!explanation.isComplete && explanation.watermarkSince != nil)
    #expect(explanation.splits.map(\.holds) == [true, true])
    var shown: [String: Int64] = [:]
    for pane in world.contents.panes {
      for merged in pane.merged { shown["\(pane.key) \(merged.window)"] = nil }
      let rows =
        try plan.outputs[0].makePayload(pane.content, pane.window).files["rows.jsonl"] ?? []
      shown["\(pane.key) \(pane.window)"] =
        try JSONValue(
          parsing: rows.split(separator: UInt8(ascii: "\n")).first.map(Array.init) ?? [])[
          "n"]?.integer
    }
    let open = explanation.stages[0].windows
    let waiting = open.reduce(0) { $0 + $1.rowsWaiting + $1.rowsBehind }
    let aggregated = explanation.splits.reduce(0) { $0 + $1.ledger.aggregated }
    let windowsOfRow = windows.hasPrefix("sliding") ? 5 : 1
    #expect(waiting + Int(shown.values.reduce(0, +)) == windowsOfRow * aggregated)
    #expect(waiting > 100 && !shown.isEmpty)
    for window in open where window.window.end > explanation.watermark && window.rowsWaiting > 0 {
      #expect(window.lastPane == nil && window.firesWhen == "watermark \(window.window.end)")
    }
    let text = ExplanationText(explanation, number: 3, window: nil, limit: 2).text
    #expect(text.contains("held by     \(second): caught up"))
    #expect(text.contains("and \((open.count - 2).grouped) more"))
  }
}
