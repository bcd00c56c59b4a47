import EventTime

/// Finds the window of a row, remembering the last one found.
///
/// Where a row is in several windows there is a cursor for each: the first finds the window that
/// starts last, the next the one before it.
struct WindowCursor {
  /// Times in `start ..< end` have the same window.
  struct Span {
    var window: Window
    var start: Int64
    var end: Int64
  }

  private let windowFn: any WindowFn
  /// How many windows of a row start after the one this cursor finds.
  private let lane: Int
  private var last: Span?

  /// The cursors that find all windows of a row.
  static func all(_ windowFn: any WindowFn) -> [WindowCursor] {
    if windowFn is PrecededCalendarWindows {
      return (0..<2).map { WindowCursor(windowFn, lane: $0) }
    }
    guard let sliding = windowFn as? SlidingWindows else {
      return [WindowCursor(windowFn, lane: 0)]
    }
    let (whole, rest) = sliding.size.microseconds
      .quotientAndRemainder(dividingBy: sliding.period.microseconds)
    return (0..<Int(whole) + (rest > 0 ? 1 : 0)).map { WindowCursor(sliding, lane: $0) }
  }

  private init(_ windowFn: any WindowFn, lane: Int) {
    self.windowFn = windowFn
    self.lane = lane
  }

  /// The window of `time` and the times that share it; `nil` if `time` is in fewer windows.
  mutating func span(at time: Int64) -> Span? {
    if let last, last.start <= time, time < last.end { return last }
    guard let found = find(time) else { return nil }
    last = found
    return found
  }

  private func find(_ time: Int64) -> Span? {
    let windows = windowFn.windows(for: Timestamp(microseconds: time))
    if windowFn is PrecededCalendarWindows {
      return Span(
        window: windows[1 - lane], start: windows[1].start.microseconds,
        end: windows[0].end.microseconds)
    }
    guard let sliding = windowFn as? SlidingWindows else {
      precondition(windows.count == 1, "\(windows.count) windows for one row")
      return Span(
        window: windows[0], start: windows[0].start.microseconds,
        end: windows[0].end.microseconds)
    }
    guard lane < windows.count, let newest = windows.last else { return nil }
    let window = windows[windows.count - 1 - lane]
    let next = newest.start.advanced(by: sliding.period)
    return Span(
      window: window, start: newest.start.microseconds,
      end: min(next, window.end).microseconds)
  }
}
