extension PaneMachine {
  func isExpired(_ window: Window) -> Bool { watermark >= strategy.closingTime(of: window) }

  /// Whether `window` has rows or panes and its trigger has not finished.
  func isOpen(_ window: Window) -> Bool {
    guard let state = windows[window] else { return false }
    return !program.isClosed(state.trigger)
  }

  func context(of window: Window) -> TriggerContext {
    TriggerContext(
      isPastEnd: watermark >= window.end, isMerging: isMerging, processingTime: processingTime)
  }

  func state(of window: Window) -> WindowState {
    windows[window] ?? WindowState(trigger: program.initialState)
  }

  /// Stores `state`, and enters its hold and timers into the queues where they changed.
  mutating func store(_ state: WindowState, of window: Window) {
    var state = state
    let old = windows[window]
    let delay =
      program.isClosed(state.trigger)
      ? nil : program.nextDelay(state.trigger, from: processingTime)
    if state.processingTimer != delay {
      state.processingTimer = delay
      if let delay { processingTimers.push(.init(time: delay, subject: window)) }
    }
    if let hold = state.hold, hold != old?.hold { holds.push(.init(time: hold, subject: window)) }
    if let time = state.eventTimer, time != old?.eventTimer {
      eventTimers.push(.init(time: time, subject: window))
    }
    windows[window] = state
    compactQueues()
  }

  /// Takes rows into `window`, which is the merged one if windows merge.
  mutating func take(_ rows: PendingRows, in window: Window) -> Bool {
    var state = state(of: window)
    guard !program.isClosed(state.trigger) else {
      finishedRowCount += rows.count
      return false
    }
    if state.rows == 0 || touched.last != window { touched.append(window) }
    state.rows += rows.count
    addHold(for: rows, in: window, to: &state)
    let context = context(of: window)
    let awaitsEnd = program.addRows(rows.count, in: context, to: &state.trigger)
    if awaitsEnd && !context.isPastEnd {
      state.eventTimer = window.end
    } else if state.eventTimer == nil {
      state.eventTimer = strategy.closingTime(of: window)
    }
    store(state, of: window)
    return true
  }

  /// A timer of `window` went off.
  mutating func lookAt(_ window: Window, _ firings: inout [PaneFiring]) {
    guard !isExpired(window) else { return expire(window, &firings) }
    if isOpen(window), program.shouldFire(in: context(of: window), state(of: window).trigger) {
      fire(window, &firings)
    }
    guard var state = windows[window] else { return }
    if watermark >= window.end { state.eventTimer = strategy.closingTime(of: window) }
    store(state, of: window)
  }

  /// Fires `window`, whose trigger is ready.
  mutating func fire(_ window: Window, _ firings: inout [PaneFiring]) {
    var state = state(of: window)
    program.fire(in: context(of: window), &state.trigger)
    let isFinished = program.isClosed(state.trigger)
    emit(window, &state, isFinished: isFinished, &firings)
    state.rows = 0
    if isFinished {
      state.close(initial: program.initialState)
      deactivate(window)
    }
    store(state, of: window)
  }

  /// Closes `window` for good.
  private mutating func expire(_ window: Window, _ firings: inout [PaneFiring]) {
    if isOpen(window) {
      var state = state(of: window)
      emit(window, &state, isFinished: true, &firings)
    } else if let hold = windows[window]?.hold {
      abandonedHold = min(abandonedHold ?? hold, hold)
    }
    windows[window] = nil
  }

  /// Makes the first entry of each queue one that still means something.
  mutating func dropStaleEntries() {
    while let entry = eventTimers.first, windows[entry.subject]?.eventTimer != entry.time {
      eventTimers.popFirst()
    }
    while let entry = processingTimers.first,
      windows[entry.subject]?.processingTimer != entry.time
    {
      processingTimers.popFirst()
    }
    while let entry = holds.first, windows[entry.subject]?.hold != entry.time {
      holds.popFirst()
    }
  }

  private mutating func compactQueues() {
    let limit = 2 * windows.count + 64
    guard max(eventTimers.count, processingTimers.count, holds.count) > limit else { return }
    let windows = windows
    eventTimers.compact { windows[$0.subject]?.eventTimer == $0.time }
    processingTimers.compact { windows[$0.subject]?.processingTimer == $0.time }
    holds.compact { windows[$0.subject]?.hold == $0.time }
  }
}
