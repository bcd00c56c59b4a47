extension PaneMachine {
  /// The hold that keeps the last pane of `window` from being late for a stage behind this one.
  private func closingHold(of window: Window) -> Timestamp? {
    let time = strategy.closingTime(of: window).advanced(by: .microseconds(-1))
    return time < watermark ? nil : time
  }

  /// Holds the output watermark for the pane that will show `rows`.
  func addHold(for rows: PendingRows, in window: Window, to state: inout WindowState) {
    if let time = elementHold(for: rows, in: window) {
      state.elementHold = state.elementHold.map { combine($0, time) } ?? time
    } else {
      state.closingHold = closingHold(of: window) ?? state.closingHold
    }
  }

  private func elementHold(for rows: PendingRows, in window: Window) -> Timestamp? {
    guard watermark < window.end else { return nil }
    let time: Timestamp =
      switch strategy.timestampCombiner {
      case .endOfWindow: window.maxTimestamp
      case .latest: rows.latest
      case .earliestTransformed: strategy.windowFn.outputTime(of: rows.earliest, in: window)
      // Rows behind the output watermark cannot hold it any more; see `add`.
      case .earliest:
        rows.latest < outputWatermark ? rows.earliest : max(rows.earliest, outputWatermark)
      }
    return time < outputWatermark ? nil : time
  }

  private func combine(_ first: Timestamp, _ second: Timestamp) -> Timestamp {
    strategy.timestampCombiner.combine(first, second)
  }

  /// The timestamp of the pane about to fire; its holds are given up.
  func releaseHold(of window: Window, _ state: inout WindowState, isFinished: Bool) -> Timestamp {
    // Only a time that the window function made may be outside the window.
    let time =
      strategy.timestampCombiner == .earliestTransformed
      ? state.elementHold ?? window.maxTimestamp
      : min(state.hold ?? window.maxTimestamp, window.maxTimestamp)
    state.elementHold = nil
    state.closingHold =
      isFinished || strategy.closingBehavior == .nonEmpty ? nil : closingHold(of: window)
    return time
  }

  /// Holds of windows with rows become that of the window they merge into.
  func mergeHolds(_ sources: [WindowState], into window: Window, _ state: inout WindowState) {
    state.elementHold = nil
    if strategy.timestampCombiner == .endOfWindow {
      let isLate = watermark >= window.end || window.maxTimestamp < outputWatermark
      if !sources.isEmpty && !isLate { state.elementHold = window.maxTimestamp }
    } else {
      for case let time? in sources.map(\.elementHold) {
        state.elementHold = state.elementHold.map { combine($0, time) } ?? time
      }
    }
    state.closingHold = closingHold(of: window)
  }

  mutating func advanceOutputWatermark() {
    outputWatermark = max(outputWatermark, min(watermark, hold ?? watermark))
  }
}
