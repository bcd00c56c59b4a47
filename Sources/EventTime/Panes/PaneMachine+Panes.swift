extension PaneMachine {
  /// Appends the pane of `window` if there is something to show or to close.
  func emit(
    _ window: Window, _ state: inout WindowState, isFinished: Bool, _ firings: inout [PaneFiring]
  ) {
    let timestamp = releaseHold(of: window, &state, isFinished: isFinished)
    let pane = nextPane(of: window, after: state.lastPane, isLast: isFinished)
    let isShown =
      state.rows > 0 || (pane.timing == .onTime && strategy.onTimeBehavior == .always)
      || (isFinished && strategy.closingBehavior == .always)
    guard isShown || isFinished else { return }
    firings.append(
      PaneFiring(
        window: window, mergedFrom: state.mergedFrom.sorted(), pane: isShown ? pane : nil,
        rowCount: state.rows, supersedes: isShown ? state.supersedes : [], closes: isFinished,
        timestamp: timestamp))
    state.mergedFrom = []
    guard isShown else { return }
    state.lastPane = pane
    if strategy.accumulation != .discarding {
      state.supersedes = [PaneReference(window: window, index: pane.index)]
    }
  }

  /// Which firing the next one is.
  ///
  /// Early until the watermark has reached the end of the window; then on time once, unless the
  /// output watermark is past the window already; late from then on.
  private func nextPane(of window: Window, after last: PaneInfo?, isLast: Bool) -> PaneInfo {
    let index = last.map { $0.index + 1 } ?? 0
    let timing: PaneTiming =
      if window.maxTimestamp < outputWatermark || last.map({ $0.timing != .early }) ?? false {
        .late
      } else {
        watermark < window.end ? .early : .onTime
      }
    // Beam counts on from −1, its "none", so the first pane after early ones has 0.
    let nonSpeculative = last.map { ($0.nonSpeculativeIndex ?? -1) + 1 } ?? 0
    return PaneInfo(
      index: index, nonSpeculativeIndex: timing == .early ? nil : nonSpeculative,
      timing: timing, isFirst: last == nil, isLast: isLast)
  }
}
