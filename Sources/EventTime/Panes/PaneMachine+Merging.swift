extension PaneMachine {
  /// Merges the windows of pending rows with each other and with active ones, then takes the rows.
  mutating func mergePending(_ firings: inout [PaneFiring]) {
    guard !pending.isEmpty else { return }
    let targets = merge(Set(pending.map(\.window)))
    var refused: Set<Window> = []
    for rows in pending {
      let window = targets[rows.window] ?? rows.window
      if !take(rows, in: window) {
        refused.insert(window)
        forgetWhenOutOfReach(window)
      } else if targets[rows.window] == nil {
        activate(window)
      }
    }
    pending.removeAll(keepingCapacity: true)
    for window in refused.sorted() {
      firings.append(
        PaneFiring(
          window: window, mergedFrom: takeMergedFrom(of: window), pane: nil, rowCount: 0,
          supersedes: [], closes: true, timestamp: window.maxTimestamp))
    }
  }

  /// Merges windows that intersect.
  ///
  /// - Returns: For each window that was merged, the one it belongs to.
  private mutating func merge(_ added: Set<Window>) -> [Window: Window] {
    var targets: [Window: Window] = [:]
    var group: [Window] = []
    var span: Window?
    let candidates = added.union(added.flatMap(activeWindows(touching:)))
    for window in candidates.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      if let reach = span, reach.intersects(window) {
        group.append(window)
        span = reach.union(window)
      } else {
        if let span, group.count > 1 { merge(group, into: span, &targets) }
        group = [window]
        span = window
      }
    }
    if let span, group.count > 1 { merge(group, into: span, &targets) }
    return targets
  }

  private mutating func merge(
    _ group: [Window], into result: Window, _ targets: inout [Window: Window]
  ) {
    let sources = group.filter(isActive)
    let states = sources.map(state(of:))
    var merged = state(of: result)
    merged.trigger.slots = program.initialState.slots
    program.merge(
      .init(sources: states.map(\.trigger), context: context(of: result)), into: &merged.trigger)
    mergeHolds(states, into: result, &merged)
    merged.rows = states.reduce(0) { $0 + $1.rows }
    if program.isClosed(merged.trigger) {
      finishedRowCount += merged.rows
      merged.rows = 0
    }
    var gone = Set(group)
    for state in states { gone.formUnion(state.mergedFrom) }
    gone.remove(result)
    merged.mergedFrom = gone.sorted()
    merged.supersedes = states.flatMap(\.supersedes).sorted { $0.window < $1.window }
    for window in group {
      targets[window] = result
      guard window != result else { continue }
      if isActive(window) { windows[window] = nil }
      deactivate(window)
    }
    store(merged, of: result)
    activate(result)
  }

  /// Sets the time at which a window that merging has finished is dropped.
  ///
  /// As in Beam such a window goes on merging, and finishes what it merges with. Beam keeps it for
  /// ever; here it is dropped when no row that is not late can reach it.
  private mutating func forgetWhenOutOfReach(_ window: Window) {
    guard isActive(window), var state = windows[window], state.eventTimer == nil else { return }
    let reach = strategy.windowFn.windows(for: window.maxTimestamp).last ?? window
    state.eventTimer = strategy.closingTime(of: max(window, reach))
    store(state, of: window)
  }

  private mutating func takeMergedFrom(of window: Window) -> [Window] {
    guard var state = windows[window] else { return [] }
    defer { windows[window] = state }
    let windows = state.mergedFrom.sorted()
    state.mergedFrom = []
    return windows
  }
}

/// The sorted list of active windows.
extension PaneMachine {
  /// The first active window that starts at `start` or later.
  private func firstIndex(from start: Timestamp) -> Int {
    var low = 0
    var high = active.count
    while low < high {
      let middle = (low + high) / 2
      if active[middle].start < start { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func activeWindows(touching window: Window) -> [Window] {
    var index = firstIndex(from: window.start)
    var found: [Window] = []
    if index > 0, active[index - 1].intersects(window) { found.append(active[index - 1]) }
    while index < active.count, active[index].start < window.end {
      found.append(active[index])
      index += 1
    }
    return found
  }

  func isActive(_ window: Window) -> Bool {
    let index = firstIndex(from: window.start)
    return index < active.count && active[index] == window
  }

  mutating func activate(_ window: Window) {
    guard isMerging, !isActive(window) else { return }
    active.insert(window, at: firstIndex(from: window.start))
  }

  mutating func deactivate(_ window: Window) {
    guard isMerging, isActive(window) else { return }
    active.remove(at: firstIndex(from: window.start))
  }

  /// Takes closed windows off the list, all at once.
  mutating func deactivateExpired() {
    // Disjoint and sorted by start is sorted by end too.
    let count = active.firstIndex { !isExpired($0) } ?? active.count
    let kept = active[..<count].filter { windows[$0] != nil }
    active.replaceSubrange(..<count, with: kept)
  }
}
