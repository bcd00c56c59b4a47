import EventTime
import Foundation
import Testing

@Suite struct PaneMachineTests {
  /// How the machine is driven; each must give the same panes.
  enum Mode: CaseIterable {
    case rowByRow
    /// One `add` a window and batch; exact unless the combiner is `earliest`, see `add`.
    case batches
    /// Saved and restored between every two events.
    case restored
  }

  @Test(arguments: Mode.allCases)
  func `panes and holds are those of Beam's ReduceFnRunner`(mode: Mode) throws {
    let cases = try PaneCase.load()
    #expect(cases.count == 1476)
    var paneCount = 0
    var wrong: [String] = []
    for paneCase in cases where mode != .batches || paneCase.config.combiner != "earliest" {
      if let difference = firstDifference(in: paneCase, mode) { wrong.append(difference) }
      paneCount += paneCase.expect.reduce(0) { $0 + $1.panes.count }
    }
    #expect(mode == .batches ? paneCount > 5000 : paneCount == 7680)
    #expect(wrong.isEmpty, "\(wrong.count) differ:\n\(wrong.prefix(12).joined(separator: "\n"))")
  }

  private func firstDifference(in paneCase: PaneCase, _ mode: Mode) -> String? {
    var simulation = PaneSimulation(paneCase.config.strategy)
    for (index, event) in paneCase.events.enumerated() {
      let firings = simulation.run(event, batched: mode == .batches)
      if mode == .restored {
        simulation.machine = PaneMachine(
          simulation.machine.strategy, restoring: simulation.machine.state)
      }
      let expected = paneCase.expect[index]
      let panes = simulation.apply(firings).map { PaneCase.Pane($0.firing, $0.values) }
      let hold = simulation.machine.hold.map(PaneCase.beamTime)
      guard panes.sorted() == expected.panes.sorted(), hold == expected.hold else {
        return """
          \(paneCase) \(paneCase.config) after \(paneCase.events[...index])
            expected \(expected.panes.sorted().map(\.text)) hold \(expected.hold ?? -1)
                 got \(panes.sorted().map(\.text)) hold \(hold ?? -1)
          """
      }
    }
    return nil
  }

  @Test func `a state survives encoding, and equal machines have equal states`() throws {
    let cases = try PaneCase.load()
    for paneCase in cases where paneCase.id % 10 == 0 {
      var simulation = PaneSimulation(paneCase.config.strategy)
      var twin = PaneSimulation(paneCase.config.strategy)
      for event in paneCase.events {
        _ = simulation.run(event)
        _ = twin.run(event)
        let bytes = try JSONEncoder().encode(simulation.machine.state)
        let decoded = try JSONDecoder().decode(PaneMachine.State.self, from: bytes)
        #expect(decoded == twin.machine.state, "\(paneCase) after \(event)")
        simulation.machine = PaneMachine(simulation.machine.strategy, restoring: decoded)
      }
    }
  }

  static func time(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: seconds * 1_000_000) }

  static func window(_ start: Int64, _ end: Int64) -> Window {
    Window(start: time(start), end: time(end))
  }

  private func add(_ seconds: Int64, to machine: inout PaneMachine) -> Bool {
    let time = Self.time(seconds)
    let windows = machine.strategy.windowFn.windows(for: time)
    return windows.allSatisfy { machine.add(rows: 1, to: $0, earliest: time, latest: time) }
  }

  @Test func `a row before the end is on time, after it late, after the lateness refused`() {
    var machine = PaneMachine(
      WindowingStrategy(
        windowFn: FixedWindows(size: .seconds(10)), allowedLateness: .seconds(5)))
    #expect(add(3, to: &machine))
    #expect(machine.advance(watermark: Timestamp(microseconds: 9_999_999)).isEmpty)
    let onTime = machine.advance(watermark: Self.time(10))
    #expect(onTime.map(\.pane?.timing) == [.onTime])
    #expect(onTime[0].supersedes.isEmpty)
    #expect(!onTime[0].closes)
    #expect(add(4, to: &machine))
    let late = machine.fireDue()
    #expect(late.map(\.pane?.timing) == [.late])
    #expect(late[0].rowCount == 1)
    #expect(late[0].supersedes == [PaneReference(window: Self.window(0, 10), index: 0)])
    let closing = machine.advance(watermark: Self.time(15))
    #expect(closing.map(\.pane) == [nil])
    #expect(closing.map(\.closes) == [true])
    #expect(!add(5, to: &machine))
    #expect(machine.expiredRowCount == 1)
    #expect(machine.openWindows.isEmpty)
    #expect(machine.hold == nil)
  }

  @Test func `a session supersedes the panes of the sessions it merged`() {
    var machine = PaneMachine(
      WindowingStrategy(
        windowFn: Sessions(gap: .seconds(10)),
        trigger: .afterWatermark(early: .afterCount(1)), accumulation: .retracting))
    #expect(add(0, to: &machine))
    #expect(machine.fireDue().map(\.window) == [Self.window(0, 10)])
    #expect(add(15, to: &machine))
    #expect(machine.fireDue().map(\.window) == [Self.window(15, 25)])
    #expect(add(8, to: &machine))
    let merged = machine.fireDue()
    #expect(merged.map(\.window) == [Self.window(0, 25)])
    #expect(
      merged[0].mergedFrom == [Self.window(0, 10), Self.window(8, 18), Self.window(15, 25)])
    #expect(
      merged[0].supersedes == [
        PaneReference(window: Self.window(0, 10), index: 0),
        PaneReference(window: Self.window(15, 25), index: 0),
      ])
    #expect(merged[0].rowCount == 1)
    #expect(machine.openWindows.map(\.window) == [Self.window(0, 25)])
  }

  @Test func `rows after the trigger has finished are refused and counted`() {
    var machine = PaneMachine(
      WindowingStrategy(windowFn: GlobalWindows(), trigger: .afterCount(2)))
    let first = machine.add(rows: 5, to: .global, earliest: Self.time(1), latest: Self.time(2))
    #expect(first)
    let firings = machine.fireDue()
    #expect(firings.map(\.rowCount) == [5])
    #expect(firings.map(\.closes) == [true])
    let second = machine.add(rows: 7, to: .global, earliest: Self.time(1), latest: Self.time(2))
    #expect(!second)
    #expect(machine.fireDue().isEmpty)
    #expect(machine.finishedRowCount == 7)
  }

  @Test func `a session that only refused rows is reported so that content can be dropped`() {
    var machine = PaneMachine(
      WindowingStrategy(windowFn: Sessions(gap: .seconds(10)), trigger: .afterCount(1)))
    #expect(add(0, to: &machine))
    #expect(machine.fireDue().map(\.closes) == [true])
    #expect(add(0, to: &machine), "only merging tells")
    let refused = machine.fireDue()
    #expect(refused.map(\.window) == [Self.window(0, 10)])
    #expect(refused.map(\.pane) == [nil])
    #expect(refused.map(\.closes) == [true])
    #expect(machine.finishedRowCount == 1)
  }

  @Test func `sessions that merging finished are forgotten when no row can reach them`() {
    var machine = PaneMachine(
      WindowingStrategy(
        windowFn: Sessions(gap: .seconds(10)), trigger: .afterWatermark(),
        allowedLateness: .seconds(100)))
    _ = machine.advance(watermark: Self.time(30))
    #expect(add(0, to: &machine))
    #expect(add(5, to: &machine))
    let refused = machine.fireDue()
    #expect(refused.map(\.window) == [Self.window(0, 15)])
    #expect(refused[0].mergedFrom == [Self.window(0, 10), Self.window(5, 15)])
    #expect(refused[0].closes)
    #expect(machine.finishedRowCount == 2)
    // The last row that intersects [0, 15) makes [15 s − 1 µs, 25 s − 1 µs).
    #expect(machine.nextWatermark == Timestamp(microseconds: 124_999_999))
    #expect(machine.advance(watermark: Self.time(125)).isEmpty)
    #expect(machine.nextWatermark == nil)
  }

  @Test func `the next timer is the first instant at which a delay fires`() throws {
    var machine = PaneMachine(
      WindowingStrategy(
        windowFn: GlobalWindows(),
        trigger: .repeatedly(
          .afterProcessingTime(
            delay: .seconds(1), alignment: .init(period: .seconds(60), offset: .seconds(5))))))
    _ = machine.advance(processingTime: Self.time(100))
    #expect(machine.nextTimer == nil)
    #expect(add(1, to: &machine))
    #expect(machine.fireDue().isEmpty)
    #expect(machine.nextTimer == Timestamp(microseconds: 125_000_001))
    #expect(machine.advance(processingTime: Self.time(125)).isEmpty)
    let next = try #require(machine.nextTimer)
    #expect(machine.advance(processingTime: next).count == 1)
    #expect(machine.nextTimer == nil)
  }

  @Test func `open windows say what they wait for`() {
    var machine = PaneMachine(
      WindowingStrategy(
        windowFn: FixedWindows(size: .seconds(10)),
        trigger: .afterWatermark(
          early: .afterAny([.afterCount(3), .afterProcessingTime(delay: .seconds(2))]))))
    _ = machine.advance(processingTime: Self.time(0))
    #expect(add(1, to: &machine))
    #expect(machine.openWindows.map(\.rowsWaiting) == [1])
    #expect(
      machine.openWindows.map(\.firesWhen) == [
        "((2 more rows or processing time after 1970-01-01T00:00:02Z) "
          + "or watermark 1970-01-01T00:00:10Z)"
      ])
  }

  @Test func `always fires after every batch, and time never goes back`() {
    var machine = PaneMachine(
      WindowingStrategy(windowFn: FixedWindows(size: .seconds(10)), trigger: .always))
    #expect(add(1, to: &machine))
    #expect(machine.fireDue().map(\.rowCount) == [1])
    #expect(add(2, to: &machine))
    #expect(machine.fireDue().map { $0.pane?.index } == [1])
    _ = machine.advance(watermark: Self.time(5))
    _ = machine.advance(watermark: Self.time(3))
    #expect(machine.watermark == Self.time(5))
  }
}

extension PaneSimulation {
  /// Performs one event of a pane case.
  mutating func run(_ event: String, batched: Bool = false) -> [PaneFiring] {
    let parts = event.split(separator: " ")
    switch parts[0] {
    case "in":
      let rows = parts.dropFirst().map { part in
        let pair = part.split(separator: ":").compactMap { Int($0) }
        return (value: pair[1], time: Timestamp(microseconds: Int64(pair[0])))
      }
      if batched {
        addBatch(rows)
      } else {
        for row in rows { addRow(row.value, at: row.time) }
      }
      return machine.fireDue()
    case "pt":
      return machine.advance(processingTime: Timestamp(microseconds: Int64(parts[1]) ?? 0))
    default:
      return machine.advance(
        watermark: Int64(parts[1]).map(Timestamp.init(microseconds:)) ?? .distantFuture)
    }
  }
}

extension PaneCase {
  static func beamTime(_ time: Timestamp) -> Int64 {
    time == Window.global.maxTimestamp ? endOfGlobalWindow : time.microseconds
  }
}

extension PaneCase.Pane {
  init(_ firing: PaneFiring, _ values: [Int]) {
    let pane =
      firing.pane
      ?? PaneInfo(
        index: -1, nonSpeculativeIndex: nil, timing: .early, isFirst: false, isLast: false)
    self.init(
      window: .init(firing.window), values: values, ts: PaneCase.beamTime(firing.timestamp),
      timing: pane.timing.rawValue.uppercased(), index: pane.index,
      nonspec: pane.nonSpeculativeIndex ?? -1, first: pane.isFirst, last: pane.isLast)
  }

  var text: String {
    "[\(window.start),\(window.end)) \(values) @\(ts) \(timing) \(index)/\(nonspec)"
      + "\(first ? " first" : "")\(last ? " last" : "")"
  }
}
