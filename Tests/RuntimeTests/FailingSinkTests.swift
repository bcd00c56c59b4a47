import Dataflow
import FileIOTesting
import Runtime
import Synchronization
import Testing

@testable import CommandLineTool

/// Errors of source and sink end a run, whichever thread meets them.
@Suite struct FailingSinkTests {
  private struct Refusal: Error, Equatable { var call: String }

  private final class RefusingSink: PaneSink {
    private let call: String
    private let remaining: Mutex<Int>
    private let hasRefused = Mutex(false)
    let finished = Mutex(false)

    init(_ call: String, after count: Int) {
      self.call = call
      remaining = Mutex(count)
    }

    private func refuse(_ call: String) throws {
      guard call == self.call else { return }
      #expect(!hasRefused.withLock { $0 }, "called again after it had failed")
      let isOver = remaining.withLock { count in
        count -= 1
        return count < 0
      }
      guard isOver else { return }
      hasRefused.withLock { $0 = true }
      throw Refusal(call: call)
    }

    func publish(_ panes: [FiredPane]) throws { try refuse("publish") }
    func quarantine(_ letters: [DeadLetter]) throws { try refuse("quarantine") }
    func finish(_ report: RunReport) throws {
      try refuse("finish")
      finished.withLock { $0 = true }
    }
  }

  @Test(arguments: ["publish", "quarantine", "finish"], [0, 1, 5])
  func `what the sink throws ends the run`(_ call: String, count: Int) throws {
    guard call == "publish" || count == 0 else { return }
    let directory = try TemporaryDirectory()
    let lines = (0..<3000).map { "{\"at\": \($0)}\nbad \($0)\n" }.joined()
    let path = try directory.write("in.jsonl", lines)
    let yaml = """
      job: refused
      source: { files: { paths: [\(path)], format: jsonl } }
      schema: { at: timestamp_s }
      event_time: { column: at }
      windows: { fixed: 1s }
      aggregate: { values: { n: count() } }
      output: { snapshots: out }
      """
    let plan = try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
    let sink = RefusingSink(call, after: count)
    let runner = try Runner(
      plan.pipeline, source: plan.source, sink: sink,
      options: RunOptions(workers: 3, chunkBytes: 200, maxQueuedPanes: 2))
    #expect(throws: Refusal(call: call)) { try runner.run() }
    #expect(sink.finished.withLock { !$0 })
  }
}
