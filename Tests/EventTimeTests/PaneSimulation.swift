import EventTime

/// A pane machine and the content of its windows, driven as an engine would.
struct PaneSimulation {
  var machine: PaneMachine
  var contents: [Window: [Int]] = [:]

  init(_ strategy: WindowingStrategy) { machine = PaneMachine(strategy) }

  mutating func addRow(_ value: Int, at time: Timestamp) {
    for window in machine.strategy.windowFn.windows(for: time)
    where machine.add(rows: 1, to: window, earliest: time, latest: time) {
      contents[window, default: []].append(value)
    }
  }

  /// Follows the firings, and returns the panes with what they hold, sorted.
  mutating func apply(_ firings: [PaneFiring]) -> [(firing: PaneFiring, values: [Int])] {
    var shown: [(PaneFiring, [Int])] = []
    for firing in firings {
      for source in firing.mergedFrom {
        contents[firing.window, default: []] += contents.removeValue(forKey: source) ?? []
      }
      let values = contents[firing.window, default: []].sorted()
      if firing.pane != nil { shown.append((firing, values)) }
      if firing.closes || machine.strategy.accumulation == .discarding {
        contents[firing.window] = nil
      }
    }
    return shown
  }
}
