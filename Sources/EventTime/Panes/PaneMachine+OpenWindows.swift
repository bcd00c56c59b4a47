extension PaneMachine {
  /// The windows that still take rows, in order; for people, O(*windows*).
  public var openWindows: [OpenWindow] {
    windows.keys.filter(isOpen).sorted().map { window in
      let state = state(of: window)
      return OpenWindow(
        window: window, rowsWaiting: state.rows, lastPane: state.lastPane,
        closingTime: strategy.closingTime(of: window),
        firesWhen: program.waitsFor(in: window, context(of: window), state.trigger))
    }
  }
}

extension TriggerProgram {
  /// What would make `node` ready, in words.
  func waitsFor(
    at node: Int = 0, in window: Window, _ context: TriggerContext, _ state: TriggerState
  ) -> String {
    let children = nodes[node].children
    func list(_ parts: [Int], _ word: String) -> String {
      let texts = parts.map { waitsFor(at: $0, in: window, context, state) }
      return texts.count == 1 ? texts[0] : "(" + texts.joined(separator: " \(word) ") + ")"
    }
    let atEnd = context.isPastEnd ? "rows" : "watermark \(window.end)"
    switch nodes[node].kind {
    case .default, .endOfWindow: return atEnd
    case .never: return "closing"
    case .always: return "rows"
    case .count(let target, let slot):
      return "\(max(0, target - state.rows(slot))) more rows"
    case .delay(let delay, _, let slot):
      return state.fireAfter(slot).map { "processing time after \($0)" }
        ?? "\(delay) after a row"
    case .earlyAndLate(let hasLate):
      if state.isFinished(children[0]) {
        return hasLate ? list([children[1]], "or") : "closing"
      }
      if nodes[children[0]].kind == .never { return atEnd }
      return "(\(list([children[0]], "or")) or \(atEnd))"
    case .all: return list(children.filter { !state.isFinished($0) }, "and")
    case .any, .orFinally: return list(children, "or")
    case .each:
      return firstUnfinished(of: node, state).map { list([$0], "then") } ?? "closing"
    case .repeatedly: return list(children, "or")
    }
  }
}
