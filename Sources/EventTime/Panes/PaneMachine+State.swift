extension PaneMachine {
  /// All that a pane machine knows, for checkpoints; equal machines have equal states.
  public struct State: Hashable, Codable, Sendable {
    var watermark: Timestamp
    var processingTime: Timestamp
    var outputWatermark: Timestamp
    var abandonedHold: Timestamp?
    var expiredRowCount: Int
    var finishedRowCount: Int
    /// In order of `window`.
    @Packed var windows: [Entry]
    @Packed var touched: [Window]
    var pending: [PendingRows]
    @Packed var active: [Window]

    struct Entry: Hashable, Codable, Sendable {
      var window: Window
      var state: WindowState
    }
  }

  public var state: State {
    State(
      watermark: watermark, processingTime: processingTime, outputWatermark: outputWatermark,
      abandonedHold: abandonedHold,
      expiredRowCount: expiredRowCount, finishedRowCount: finishedRowCount,
      // Windows alone are sorted: their states count references whenever they move.
      windows: windows.keys.sorted().compactMap { window in
        windows[window].map { State.Entry(window: window, state: $0) }
      },
      touched: Set(touched).sorted(), pending: pending, active: active)
  }

  /// Resumes from a state that was made with the same strategy.
  ///
  /// Only the lateness, the accumulation mode and the empty-pane behaviours may differ.
  public init(_ strategy: WindowingStrategy, restoring state: State) {
    self.init(strategy)
    watermark = state.watermark
    processingTime = state.processingTime
    outputWatermark = state.outputWatermark
    abandonedHold = state.abandonedHold
    expiredRowCount = state.expiredRowCount
    finishedRowCount = state.finishedRowCount
    touched = state.touched
    pending = state.pending
    active = state.active
    for entry in state.windows {
      let window = entry.state
      if let time = window.eventTimer { eventTimers.push(.init(time: time, subject: entry.window)) }
      if let time = window.processingTimer {
        processingTimers.push(.init(time: time, subject: entry.window))
      }
      if let time = window.hold { holds.push(.init(time: time, subject: entry.window)) }
      precondition(
        window.trigger.slots.count == program.initialState.slots.count,
        "the state of window \(entry.window) was made with another trigger")
      windows[entry.window] = window
    }
  }
}
