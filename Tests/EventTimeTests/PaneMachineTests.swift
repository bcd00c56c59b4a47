import EventTime
import Testing

@Suite struct PaneMachineTests {
  @Test func `panes and holds are those of Beam's ReduceFnRunner`() throws {
    let cases = try PaneCase.load()
    #expect(cases.count == 1476)
    var paneCount = 0
    var wrong: [String] = []
    for paneCase in cases {
      if let difference = firstDifference(in: paneCase) { wrong.append(difference) }
      paneCount += paneCase.expect.reduce(0) { $0 + $1.panes.count }
    }
    #expect(paneCount == 7680)
    #expect(wrong.isEmpty, "\(wrong.count) differ:\n\(wrong.prefix(25).joined(separator: "\n"))")
  }

  private func firstDifference(in paneCase: PaneCase) -> String? {
    var simulation = PaneSimulation(paneCase.config.strategy)
    for (index, event) in paneCase.events.enumerated() {
      let firings = simulation.run(event)
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
}

extension PaneSimulation {
  /// Performs one event of a pane case.
  mutating func run(_ event: String) -> [PaneFiring] {
    let parts = event.split(separator: " ")
    switch parts[0] {
    case "in":
      for part in parts.dropFirst() {
        let pair = part.split(separator: ":").compactMap { Int($0) }
        addRow(pair[1], at: Timestamp(microseconds: Int64(pair[0])))
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
