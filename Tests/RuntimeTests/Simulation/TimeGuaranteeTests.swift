import Dataflow
import DataflowTesting
import EventTime
import Testing

@testable import Runtime

/// What users are promised about clocks that are wrong and sources that fall silent.
@Suite struct TimeGuaranteeTests {
  private static let windowing = WindowingStrategy(windowFn: FixedWindows(size: .seconds(10)))

  /// A row a second, each available when it happens.
  private static func rows(_ seconds: Range<Int64>, key: Int64 = 0) -> [ScriptedRow] {
    seconds.map { second in
      let time = SimulationScript.start.advanced(by: .seconds(second))
      return ScriptedRow(time: time, key: key, value: second, availableAt: time)
    }
  }

  private static func split(_ name: String, _ rows: [ScriptedRow]) -> ScriptedSplit {
    ScriptedSplit(name: name, rows: rows, appearsAt: SimulationScript.start, ends: false)
  }

  private static func run(
    _ splits: [ScriptedSplit], _ policy: Pipeline.EventTimePolicy, seed: UInt64,
    pace: SimulatedRun.Pace = .init()
  ) throws -> SimulatedRun {
    var generator = SeededGenerator(seed: seed)
    let script = SimulationScript(splits: splits, windowings: [windowing], policy: policy)
    var run = try SimulatedRun(script, &generator, pace: pace)
    run.run()
    #expect(run.fault == nil)
    return run
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `one row ten years ahead delays and drops no honest row`(seed: UInt64) throws {
    var first = Self.rows(0..<60)
    first[7].time = first[7].time.advanced(by: .days(3652))
    let policy = Pipeline.EventTimePolicy(
      column: "at", maxOutOfOrderness: .seconds(2), maxFutureSkew: .minutes(5))
    let run = try Self.run(
      [Self.split("a", first), Self.split("b", Self.rows(0..<60))], policy, seed: seed)
    let ledgers = run.report.splits.map(\.ledger)
    #expect(ledgers.map(\.quarantined) == [1, 0] && ledgers.map(\.late) == [0, 0])
    #expect(ledgers.map(\.aggregated) == [59, 60])
    // Each window fired when its time had come, and neither before nor at the end of all.
    #expect(run.publications.count == 6)
    for (pane, time) in run.publications.dropLast() {
      #expect(pane.watermark < .distantFuture && time >= pane.window.end)
    }
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `a split that returns loses no row that is not behind the watermark`(seed: UInt64) throws {
    let policy = Pipeline.EventTimePolicy(
      column: "at", maxOutOfOrderness: .seconds(2), idleAfter: .seconds(5))
    // Polled soon, so that its rows are not behind when they are read.
    let absent = Self.rows(0..<20) + Self.rows(100..<160)
    let run = try Self.run(
      [Self.split("a", Self.rows(0..<160)), Self.split("b", absent)], policy, seed: seed,
      pace: .init(step: 500_000))
    #expect(run.report.splits.map(\.ledger.late) == [0, 0])
    #expect(run.report.splits.map(\.ledger.aggregated) == [160, 80])
    // Meanwhile the other one's windows did not wait for it.
    let early = run.publications.filter {
      $0.pane.window.end <= SimulationScript.start.advanced(by: .seconds(80))
    }
    let due = SimulationScript.start.advanced(by: .seconds(100))
    #expect(early.count == 8 && early.allSatisfy { $0.at < due })
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `windows of idle sources close within close_after_idle and one tick`(seed: UInt64) throws {
    var policy = Pipeline.EventTimePolicy(
      column: "at", maxOutOfOrderness: .seconds(2), idleAfter: .seconds(5))
    policy.closeAfterIdle = .seconds(30)
    let tick: Int64 = 2_000_000
    let run = try Self.run(
      [Self.split("a", Self.rows(0..<25)), Self.split("b", Self.rows(0..<5))], policy, seed: seed,
      pace: .init(step: tick, restCount: 100))
    #expect(run.publications.count == 3)
    let last = try #require(run.publications.last)
    #expect(last.pane.watermark < .distantFuture, "closed before the end of input")
    let due = run.lastReport.advanced(by: .seconds(35))
    #expect(last.at >= due && last.at <= due.advanced(by: .microseconds(tick)))
  }
}
