import EventTime
import Foundation
import Testing

@testable import CommandLineTool

@Suite struct SimulationTests {
  private static let beam = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/beam").path

  private static func totals(_ cases: [SimulationCase]) -> SimulationTotals {
    var totals = SimulationTotals()
    for simulated in cases { totals.count(SimulationResult(running: simulated).verdict) }
    return totals
  }

  private static func file(_ name: String, _ text: String) throws -> String {
    let path = NSTemporaryDirectory() + "limno-simulation-\(UUID().uuidString)-\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func `Beam's transcripts pass, and its wrong ones draw the complaint they name`() throws {
    let cases = try TranscriptReader.cases(Self.beam + "/trigger_transcripts.yaml")
    #expect(cases.count == 18)
    #expect(cases.count { $0.complaint != nil } == 5)
    #expect(Self.totals(cases).text == "18 passed, 0 failed")
  }

  @Test func `all pane cases pass`() throws {
    let cases = try PaneCaseReader.cases(Self.beam + "/pane-cases.jsonl")
    #expect(Self.totals(cases).text == "1,476 passed, 0 failed")
  }

  @Test func `a wrong value is told with its step, what was expected and what fired`() throws {
    let path = try Self.file(
      "wrong.yaml",
      """
      name: wrong
      window_fn: FixedWindows(10)
      transcript:
        - input: [1, 2]
        - watermark: 10
        - expect:
            - {window: [0, 9], values: [1]}
      """)
    let simulated = try #require(try TranscriptReader.cases(path).first)
    guard case .failed(let difference) = SimulationResult(running: simulated).verdict else {
      Issue.record("it passed")
      return
    }
    #expect(difference.kind == "Unmatched output")
    #expect(difference.step == 2)
    #expect(difference.event == "watermark: 10")
    #expect(difference.expected == ["window: [0, 9], values: [1]"])
    #expect(difference.fired == ["[0, 10) [1, 2] at 9, on_time 0/0, first, last"])
  }

  @Test func `without expectations it is shown what fires`() throws {
    let path = try Self.file(
      "free.jsonl",
      #"{"config": {"window": "fixed 10", "trigger": "(eow (count 2))"}, "#
        + #""events": ["in 1:7 2:8", "wm max"]}"# + "\n")
    let simulated = try #require(try PaneCaseReader.cases(path).first)
    let result = SimulationResult(running: simulated)
    guard case .shown = result.verdict else {
      Issue.record("\(result.verdict)")
      return
    }
    #expect(result.fired.map { $0.map(\.values) } == [[[7, 8]], [[7, 8]]])
    #expect(result.fired.map { $0.map(\.info.timing.rawValue) } == [["early"], ["on_time"]])
  }

  @Test func `a retracting pane says what it takes back`() throws {
    let path = try Self.file(
      "retract.yaml",
      """
      window_fn: Sessions(10)
      trigger_fn: AfterWatermark(early=AfterCount(1))
      accumulation_mode: retracting
      transcript:
        - input: [1]
        - input: [15]
        - input: [8]
      """)
    let simulated = try #require(try TranscriptReader.cases(path).first)
    #expect(
      SimulationResult(running: simulated).fired.last?.map(\.description) == [
        "[1, 25) [1, 8, 15] at 24, early 0, first, takes back [1, 11) 0 and [15, 25) 0"
      ])
  }

  @Test(arguments: [
    ("window_fn: FixdWindows(10)", "no window function is called 'FixdWindows'"),
    ("window_fn: FixedWindows(0)", "FixedWindows needs a positive size"),
    ("windows: FixedWindows(10)", "unknown key 'windows'"),
    ("window_fn: Sessions(1)\ntrigger_fn: AfterCont(1)", "no trigger is called 'AfterCont'"),
  ])
  func `a transcript that cannot be read says where and why`(line: String, reason: String) throws {
    let path = try Self.file("bad.yaml", "name: bad\n\(line)\ntranscript: []\n")
    let error = #expect(throws: ConfigurationError.self) { try TranscriptReader.cases(path) }
    #expect(error?.message.contains(reason) == true, "\(error?.description ?? "none")")
    #expect((error?.line ?? 0) >= 2)
  }
}
