import Columns
import Dataflow
import EventTime
import Testing

@testable import Runtime

/// The coordinator as the state machine it is: reports and ticks in, firings out.
@Suite struct CoordinatorTests {
  /// One split a line of time; windows of 10 s, disorder 2 s.
  private struct Drive {
    var coordinator: Coordinator
    private var sequences: [Int: Int] = [:]

    init(
      splits: Int, idleAfter: Int64? = nil, lateness: Int64 = 20
    ) throws {
      let windowing = WindowingStrategy(
        windowFn: FixedWindows(size: .seconds(10)), allowedLateness: .seconds(lateness))
      let stage = StageDescription(
        name: "", kind: .aggregate, groupings: [[]], accumulators: [])
      let pipeline = try Pipeline(
        schema: Schema([]),
        eventTime: Pipeline.EventTimePolicy(
          column: nil, maxOutOfOrderness: .seconds(2), idleAfter: idleAfter.map { .seconds($0) }),
        filter: nil, stages: [Pipeline.StageRequest(stage, windowing: windowing)])
      coordinator = Coordinator(pipeline)
      _ = coordinator.take(.start(at: time(1000)))
      for split in 0..<splits { coordinator.addSplit("split \(split)") }
    }

    var watermark: Timestamp { coordinator.watermark }

    mutating func begin(_ split: Int) -> Timestamp { coordinator.beginLease(split: split) }

    /// A chunk that was begun is done: its greatest time so far, and rows of windows by start.
    mutating func done(
      _ split: Int, sequence: Int? = nil, maximum: Int64, rows: [Int64: Int] = [:],
      behind: [Int64: Int] = [:], isCaughtUp: Bool = false, now: Int64 = 1000
    ) -> [String] {
      let number = sequence ?? sequences[split, default: 0]
      sequences[split] = number + 1
      let admitted = [(rows, false), (behind, true)].flatMap { counts, isBehind in
        counts.sorted { $0.key < $1.key }.map { start, count in
          let window = window(start)
          let slot = RowSlot(window: window, release: isBehind ? window.end : .distantPast)
          return AdmittedRows(slot, count: count)
        }
      }
      var report = ChunkReport(
        split: split, sequence: number, maximum: time(maximum).microseconds,
        offset: 100 * (number + 1), admitted: [admitted], refused: [[:]])
      report.isCaughtUp = isCaughtUp
      report.ledger.read = rows.values.reduce(0, +) + behind.values.reduce(0, +)
      report.ledger.aggregated = report.ledger.read
      return names(coordinator.record(report, at: time(now)))
    }

    mutating func end(_ split: Int) -> [String] {
      _ = begin(split)
      return names(coordinator.endLease(split: split, isCaughtUp: false, isFinished: true))
    }

    mutating func empty(_ split: Int) -> [String] {
      _ = begin(split)
      return names(coordinator.endLease(split: split, isCaughtUp: true, isFinished: false))
    }

    mutating func tick(_ now: Int64) -> [String] { names(coordinator.tick(time(now))) }

    mutating func finish() -> [String] { names(coordinator.endOfInput()) }

    /// `start timing index`, with `!` for the last, `x` where the window closes without a pane.
    private func names(_ due: [DueFiring]) -> [String] {
      due.map { due in
        let start = due.firing.window.start.microseconds / 1_000_000
        guard let pane = due.firing.pane else { return "\(start) x" }
        return "\(start) \(pane.timing.rawValue) \(pane.index)\(pane.isLast ? "!" : "")"
      }
    }
  }

  @Test func `the watermark is that of the split furthest behind`() throws {
    var drive = try Drive(splits: 2)
    _ = drive.begin(0)
    #expect(drive.done(0, maximum: 35, rows: [0: 1, 30: 1]) == [])
    #expect(drive.watermark == .distantPast, "the second file has not been read")
    #expect(drive.coordinator.holder == 1)
    _ = drive.begin(1)
    #expect(drive.done(1, maximum: 13, rows: [10: 1]) == ["0 on_time 0"])
    #expect(drive.watermark == time(11))
    _ = drive.begin(1)
    #expect(drive.done(1, maximum: 60, rows: [60: 1]) == ["10 on_time 0", "0 x"])
    #expect(drive.watermark == time(33))
    #expect(drive.coordinator.holder == 0)
    #expect(drive.coordinator.openWindowCount == 3)
  }

  @Test func `a chunk counts once all before it are done`() throws {
    var drive = try Drive(splits: 1)
    for _ in 0..<3 { _ = drive.begin(0) }
    #expect(drive.done(0, sequence: 2, maximum: 99, rows: [90: 1]) == [])
    #expect(drive.done(0, sequence: 1, maximum: 50, rows: [0: 1, 50: 1]) == [])
    #expect(drive.watermark == .distantPast)
    #expect(drive.coordinator.splits[0].offset == 0)
    #expect(drive.coordinator.splits[0].ledger.read == 3)
    let fired = drive.done(0, sequence: 0, maximum: 5, rows: [0: 1])
    #expect(fired == ["0 on_time 0!", "50 on_time 0!"], "it jumped over their closing")
    #expect(drive.watermark == time(97))
    #expect(drive.coordinator.splits[0].offset == 300)
  }

  @Test func `a split that has ended holds nothing, and the end of input closes what is open`()
    throws
  {
    var drive = try Drive(splits: 2)
    _ = drive.begin(0)
    _ = drive.done(0, maximum: 15, rows: [0: 1, 10: 1])
    #expect(drive.end(1) == ["0 on_time 0"])
    #expect(drive.watermark == time(13))
    #expect(drive.end(0) == [], "a source may still find new splits")
    #expect(drive.finish() == ["10 on_time 0!", "0 x"])
    #expect(drive.watermark == .distantFuture)
    #expect(drive.coordinator.openWindowCount == 0)
  }

  @Test func `the end of a split waits for its chunks in work`() throws {
    var drive = try Drive(splits: 2)
    _ = drive.begin(0)
    _ = drive.done(0, maximum: 50, rows: [10: 1])
    _ = drive.begin(1)
    #expect(drive.end(1) == [])
    #expect(drive.watermark == .distantPast)
    #expect(drive.done(1, maximum: 20, rows: [10: 3]) == ["10 on_time 0!"])
    #expect(drive.watermark == time(48))
  }

  @Test func `behind rows wait for the pane on time`() throws {
    var drive = try Drive(splits: 2)
    _ = drive.begin(0)
    _ = drive.done(0, maximum: 25, rows: [0: 2, 20: 1], behind: [0: 5])
    _ = drive.begin(1)
    let fired = drive.done(1, maximum: 23, rows: [0: 1])
    #expect(fired == ["0 on_time 0", "0 late 1"])
    _ = drive.begin(1)
    #expect(drive.done(1, maximum: 24, behind: [0: 1]) == ["0 late 2"])
  }

  @Test func `a window that only rows behind came for has late panes only`() throws {
    var drive = try Drive(splits: 1)
    _ = drive.begin(0)
    let fired = drive.done(0, maximum: 25, rows: [20: 1], behind: [0: 1, 10: 1])
    #expect(fired == ["0 late 0", "10 late 0"])
  }

  @Test func `a quiet split is idle only once it is caught up`() throws {
    var drive = try Drive(splits: 2, idleAfter: 30)
    _ = drive.begin(0)
    _ = drive.done(0, maximum: 15, rows: [0: 1], isCaughtUp: true)
    _ = drive.begin(1)
    _ = drive.done(1, maximum: 5, rows: [0: 1], isCaughtUp: false)
    #expect(drive.tick(2000) == [], "it is quiet, but has unread data")
    #expect(drive.watermark == time(3) && drive.coordinator.holder == 1)
    #expect(drive.empty(1) == [], "now both are idle")
    #expect(drive.watermark == time(3) && drive.coordinator.holder == nil)
  }

  @Test func `an idle split comes back at the job's watermark`() throws {
    var drive = try Drive(splits: 2, idleAfter: 30)
    _ = drive.begin(0)
    _ = drive.done(0, maximum: 5, rows: [0: 1], isCaughtUp: true, now: 1000)
    _ = drive.begin(1)
    _ = drive.done(1, maximum: 4, isCaughtUp: true, now: 1020)
    #expect(drive.watermark == time(2))
    #expect(drive.tick(1031) == [])
    _ = drive.begin(1)
    #expect(drive.done(1, maximum: 45, isCaughtUp: true, now: 1032) == ["0 on_time 0!"])
    #expect(drive.watermark == time(43))
    #expect(drive.begin(0) == time(43), "its rows are judged by the job's watermark now")
    #expect(drive.coordinator.holder == 0, "and it holds while it is read")
    _ = drive.done(0, maximum: 8, isCaughtUp: true, now: 1033)
    #expect(drive.watermark == time(43))
  }

  @Test func `splits that were idle hold the watermark together when a process takes the run up`()
    throws
  {
    var drive = try Drive(splits: 2, idleAfter: 30)
    _ = drive.begin(0)
    _ = drive.done(0, maximum: 95, rows: [90: 1], isCaughtUp: true, now: 1000)
    _ = drive.begin(1)
    _ = drive.done(1, maximum: 54, rows: [50: 1], isCaughtUp: true, now: 1000)
    #expect(drive.tick(1100) == [], "both fall idle at once")
    #expect(drive.watermark == time(52) && drive.coordinator.holder == nil)
    #expect(drive.coordinator.take(.start(at: time(1200))).isEmpty)
    #expect(drive.watermark == time(52) && drive.coordinator.holder == 1)
    _ = drive.begin(1)
    _ = drive.done(1, maximum: 55, rows: [50: 1], isCaughtUp: true, now: 1201)
    #expect(drive.watermark == time(53), "the row is in a window that is open")
  }

  @Test func `a split that appears late starts at the job's watermark`() throws {
    var drive = try Drive(splits: 1)
    #expect(drive.begin(0) == .distantPast)
    _ = drive.done(0, maximum: 50, isCaughtUp: true)
    drive.coordinator.addSplit("new")
    #expect(drive.watermark == time(48))
    #expect(drive.begin(1) == time(48))
    _ = drive.done(1, maximum: 12)
    #expect(drive.watermark == time(48))
    _ = drive.begin(0)
    _ = drive.done(0, maximum: 90)
    #expect(drive.watermark == time(48), "the new one holds it: it is not caught up")
    #expect(drive.coordinator.holder == 1)
  }

  @Test func `a followed file that never had a row does not hold the watermark`() throws {
    var drive = try Drive(splits: 2)
    #expect(drive.empty(1) == [])
    _ = drive.begin(0)
    #expect(drive.done(0, maximum: 12, rows: [0: 1], isCaughtUp: true) == ["0 on_time 0"])
    #expect(drive.begin(1) == time(10))
  }

  @Test func `refused rows are counted by stage and window`() throws {
    var drive = try Drive(splits: 1)
    for sequence in 0..<2 {
      _ = drive.begin(0)
      let report = ChunkReport(
        split: 0, sequence: sequence, maximum: 0, offset: 1, admitted: [[]],
        refused: [[window(0): 2, window(10): 1]])
      _ = drive.coordinator.record(report, at: time(1))
    }
    #expect(drive.coordinator.refused == [[window(0): 4, window(10): 2]])
  }
}

private func time(_ seconds: Int64) -> Timestamp {
  Timestamp(microseconds: seconds * 1_000_000)
}

private func window(_ start: Int64) -> Window {
  Window(start: time(start), end: time(start + 10))
}
