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

extension PaneSimulation {
  /// Adds all rows of a batch with one call a window.
  mutating func addBatch(_ rows: [(value: Int, time: Timestamp)]) {
    var batch: [Window: [(value: Int, time: Timestamp)]] = [:]
    for row in rows {
      for window in machine.strategy.windowFn.windows(for: row.time) {
        batch[window, default: []].append(row)
      }
    }
    for (window, rows) in batch {
      let times = rows.map(\.time).sorted()
      let isTaken = machine.add(
        rows: rows.count, to: window, earliest: times[0], latest: times[times.count - 1])
      if isTaken { contents[window, default: []] += rows.map(\.value) }
    }
  }
}
