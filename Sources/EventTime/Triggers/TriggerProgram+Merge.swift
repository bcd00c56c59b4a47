extension TriggerProgram {
  /// The states of windows with rows, about to become one.
  struct Merge {
    /// States before the merge.
    var sources: [TriggerState]
    var context: TriggerContext

    func allFinished(_ node: Int) -> Bool { sources.allSatisfy { $0.isFinished(node) } }
    func anyFinished(_ node: Int) -> Bool { sources.contains { $0.isFinished(node) } }
  }

  /// Windows merged; `state` is that of the result, with the finished bits it had and no slots.
  func merge(_ merge: Merge, at node: Int = 0, into state: inout TriggerState) {
    let children = nodes[node].children
    switch nodes[node].kind {
    case .default, .never, .always: break
    case .endOfWindow:
      state.setFinished(node, merge.allFinished(node) && merge.context.isPastEnd)
    case .count(_, let slot):
      if merge.anyFinished(node) {
        state.setFinished(node, true)
      } else {
        for source in merge.sources { state.add(source.rows(slot), toSlot: slot) }
      }
    case .delay(_, _, let slot):
      if state.isFinished(node) {
        state.slots[slot] = .fireAfter(nil)
      } else {
        state.slots[slot] = .fireAfter(merge.sources.compactMap { $0.fireAfter(slot) }.min())
      }
    case .earlyAndLate(let hasLate):
      mergeEarlyAndLate(merge, at: node, hasLate: hasLate, into: &state)
    case .all:
      for child in children { self.merge(merge, at: child, into: &state) }
      state.setFinished(node, children.allSatisfy(state.isFinished))
    case .any, .orFinally:
      for child in children { self.merge(merge, at: child, into: &state) }
      state.setFinished(node, children.contains(where: state.isFinished))
    case .each:
      var allFinished = true
      for child in children where allFinished {
        self.merge(merge, at: child, into: &state)
        allFinished = state.isFinished(child)
      }
      state.setFinished(node, children.allSatisfy(state.isFinished))
    case .repeatedly: self.merge(merge, at: children[0], into: &state)
    }
  }

  private func mergeEarlyAndLate(
    _ merge: Merge, at node: Int, hasLate: Bool, into state: inout TriggerState
  ) {
    let early = nodes[node].children[0]
    if merge.allFinished(early) && merge.context.isPastEnd {
      state.setFinished(early, true)
      if hasLate { self.merge(merge, at: nodes[node].children[1], into: &state) }
    } else {
      // Some window still waits for its end, or the merged one does.
      self.merge(merge, at: early, into: &state)
      state.setFinished(early, false)
      if hasLate { state.setFinished(nodes[node].children[1], false) }
    }
  }
}
