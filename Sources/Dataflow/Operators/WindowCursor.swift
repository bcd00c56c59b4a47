import EventTime

/// Finds the window of a row, remembering the last one found.
struct WindowCursor {
  private let windowFn: any WindowFn
  private var last: Window?

  /// - Precondition: The window function gives each time exactly one window.
  init(_ strategy: WindowingStrategy) { windowFn = strategy.windowFn }

  mutating func window(for time: Int64) -> Window {
    if let last, last.start.microseconds <= time, time < last.end.microseconds { return last }
    let windows = windowFn.windows(for: Timestamp(microseconds: time))
    precondition(windows.count == 1, "\(windows.count) windows for one row")
    last = windows[0]
    return windows[0]
  }
}
