import EventTime

/// A pane machine and the content of its windows, driven as an engine would.
struct PaneSimulation {
  private(set) var machine: PaneMachine
  private var contents: [Window: [Int]] = [:]

  init(_ strategy: WindowingStrategy) { machine = PaneMachine(strategy) }

  /// Where the output watermark is held, if it is.
  var hold: Int64? { machine.hold.map(SimulatedTime.number) }

  /// Lets `event` happen.
  ///
  /// - Returns: The panes that fire, in order.
  mutating func perform(_ event: SimulationCase.Event) -> [ShownPane] {
    switch event {
    case .rows(let rows):
      for row in rows { add(row) }
      return follow(machine.fireDue())
    case .watermark(let time): return follow(machine.advance(watermark: time))
    case .processingTime(let time): return follow(machine.advance(processingTime: time))
    }
  }

  private mutating func add(_ row: SimulationCase.Row) {
    for window in machine.strategy.windowFn.windows(for: row.time)
    where machine.add(rows: 1, to: window, earliest: row.time, latest: row.time) {
      contents[window, default: []].append(row.value)
    }
  }

  private mutating func follow(_ firings: [PaneFiring]) -> [ShownPane] {
    var shown: [ShownPane] = []
    for firing in firings {
      for source in firing.mergedFrom {
        contents[firing.window, default: []] += contents.removeValue(forKey: source) ?? []
      }
      if let info = firing.pane {
        shown.append(
          ShownPane(
            window: firing.window, values: contents[firing.window, default: []].sorted(),
            timestamp: firing.timestamp, info: info,
            retracted: machine.strategy.accumulation == .retracting ? firing.supersedes : []))
      }
      if firing.closes || machine.strategy.accumulation == .discarding {
        contents[firing.window] = nil
      }
    }
    return shown
  }
}
