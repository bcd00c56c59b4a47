/// Beam's trigger state machines; each function is one of their events.
extension TriggerProgram {
  func isClosed(_ state: TriggerState) -> Bool { state.isFinished(0) }

  /// `count` rows were added to the window.
  ///
  /// - Returns: Whether some part asks to be looked at when the window ends. As in Beam only parts
  ///   that see rows ask, so a part that comes into force without further rows waits for the next
  ///   row, or for the window to close.
  @discardableResult
  func addRows(
    _ count: Int, at node: Int = 0, in context: TriggerContext, to state: inout TriggerState
  ) -> Bool {
    let children = nodes[node].children
    var awaitsEnd = false
    switch nodes[node].kind {
    case .never, .always: break
    case .default, .endOfWindow: awaitsEnd = true
    case .count(_, let slot): state.add(count, toSlot: slot)
    case .delay(let delay, let alignment, let slot):
      guard state.fireAfter(slot) == nil else { break }
      let target = context.processingTime.advanced(by: delay)
      state.slots[slot] = .fireAfter(alignment?.roundUp(target) ?? target)
    case .earlyAndLate, .each:
      if case .earlyAndLate = nodes[node].kind { awaitsEnd = true }
      // Merging may bring any part back to life, so then all of them follow along.
      let followers =
        context.isMerging ? children : firstUnfinished(of: node, state).map { [$0] } ?? []
      for child in followers where addRows(count, at: child, in: context, to: &state) {
        awaitsEnd = true
      }
    case .all:
      for child in children where !state.isFinished(child) {
        if addRows(count, at: child, in: context, to: &state) { awaitsEnd = true }
      }
    case .any, .orFinally, .repeatedly:
      for child in children where addRows(count, at: child, in: context, to: &state) {
        awaitsEnd = true
      }
    }
    return awaitsEnd
  }

  func shouldFire(
    at node: Int = 0, in context: TriggerContext, _ state: TriggerState
  ) -> Bool {
    let children = nodes[node].children
    switch nodes[node].kind {
    case .default, .endOfWindow: return context.isPastEnd
    case .never: return false
    case .always: return true
    case .count(let target, let slot): return state.rows(slot) >= target
    case .delay(_, _, let slot):
      return state.fireAfter(slot).map { context.processingTime > $0 } ?? false
    case .earlyAndLate(let hasLate):
      guard state.isFinished(children[0]) else {
        return shouldFire(at: children[0], in: context, state) || context.isPastEnd
      }
      return hasLate && shouldFire(at: children[1], in: context, state)
    case .all:
      return children.allSatisfy {
        state.isFinished($0) || shouldFire(at: $0, in: context, state)
      }
    case .any:
      return children.contains {
        state.isFinished($0) || shouldFire(at: $0, in: context, state)
      }
    case .each:
      return firstUnfinished(of: node, state).map { shouldFire(at: $0, in: context, state) }
        ?? false
    case .repeatedly, .orFinally:
      return children.contains { shouldFire(at: $0, in: context, state) }
    }
  }

  /// The pane fired.
  func fire(at node: Int = 0, in context: TriggerContext, _ state: inout TriggerState) {
    let children = nodes[node].children
    switch nodes[node].kind {
    case .default, .never, .always: break
    case .endOfWindow: state.setFinished(node, true)
    case .count, .delay:
      clear(at: node, &state)
      state.setFinished(node, true)
    case .earlyAndLate(let hasLate):
      fireEarlyAndLate(at: node, hasLate: hasLate, in: context, &state)
    case .all:
      for child in children { fire(at: child, in: context, &state) }
      state.setFinished(node, true)
    case .any:
      for child in children {
        if shouldFire(at: child, in: context, state) {
          fire(at: child, in: context, &state)
        } else {
          clear(at: child, &state)
        }
      }
      state.setFinished(node, true)
    case .each:
      if let child = firstUnfinished(of: node, state) { fire(at: child, in: context, &state) }
      if context.isMerging { clear(at: node, &state) }
      state.setFinished(node, firstUnfinished(of: node, state) == nil)
    case .repeatedly:
      fire(at: children[0], in: context, &state)
      if state.isFinished(children[0]) { reset(at: children[0], &state) }
    case .orFinally:
      if shouldFire(at: children[1], in: context, state) {
        fire(at: children[1], in: context, &state)
        clear(at: children[0], &state)
      } else {
        // `until` keeps what it has counted: it looks across panes.
        fire(at: children[0], in: context, &state)
      }
      state.setFinished(node, children.contains(where: state.isFinished))
    }
  }

  private func fireEarlyAndLate(
    at node: Int, hasLate: Bool, in context: TriggerContext, _ state: inout TriggerState
  ) {
    let early = nodes[node].children[0]
    if state.isFinished(early) {
      guard hasLate else { return state.setFinished(node, true) }
      let late = nodes[node].children[1]
      fire(at: late, in: context, &state)
      clear(at: late, &state)
      state.setFinished(late, false)
    } else if !context.isPastEnd {
      fire(at: early, in: context, &state)
      clear(at: early, &state)
      state.setFinished(early, false)
    } else {
      if shouldFire(at: early, in: context, state) { fire(at: early, in: context, &state) }
      state.setFinished(early, true)
      clear(at: early, &state)
      if hasLate {
        // It ran along (merging) and starts afresh now.
        clear(at: nodes[node].children[1], &state)
      } else {
        state.setFinished(node, true)
      }
    }
  }

  /// Forgets what the pane held; finished parts stay finished.
  func clear(at node: Int = 0, _ state: inout TriggerState) {
    for index in node..<nodes[node].end {
      switch nodes[index].kind {
      case .count(_, let slot), .delay(_, _, let slot):
        state.slots[slot] = initialState.slots[slot]
      default: break
      }
    }
  }

  private func reset(at node: Int, _ state: inout TriggerState) {
    for index in node..<nodes[node].end { state.setFinished(index, false) }
    clear(at: node, &state)
  }

  func firstUnfinished(of node: Int, _ state: TriggerState) -> Int? {
    nodes[node].children.first { !state.isFinished($0) }
  }

  /// The earliest processing time, not before `now`, after which some part becomes ready.
  func nextDelay(_ state: TriggerState, from now: Timestamp) -> Timestamp? {
    var earliest: Timestamp?
    for case .fireAfter(let time?) in state.slots where time >= now {
      earliest = min(earliest ?? time, time)
    }
    return earliest
  }
}

extension TriggerState {
  func rows(_ slot: Int) -> Int {
    guard case .rows(let count) = slots[slot] else { return 0 }
    return count
  }

  func fireAfter(_ slot: Int) -> Timestamp? {
    guard case .fireAfter(let time) = slots[slot] else { return nil }
    return time
  }

  mutating func add(_ count: Int, toSlot slot: Int) { slots[slot] = .rows(rows(slot) + count) }
}
