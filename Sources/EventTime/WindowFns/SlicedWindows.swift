/// Sliding windows that are put together from slices of one period each.
public struct SlicedWindows: Hashable, Sendable {
  public let windows: SlidingWindows
  /// Side by side, and shorter than the windows.
  public let slices: FixedWindows

  /// The slices of `windowing`: `nil` unless each window is a whole number of periods, more than
  /// one, and the trigger rules out panes before its end.
  public init?(_ windowing: WindowingStrategy) {
    guard let windows = windowing.windowFn as? SlidingWindows, let slices = windows.slices,
      windows.size > windows.period
    else { return nil }
    switch windowing.trigger {
    case .default, .afterWatermark(early: nil, late: _): break
    default: return nil
    }
    self.windows = windows
    self.slices = slices
  }

  /// Whether `window` is a slice, not a window.
  public func isSlice(_ window: Window) -> Bool { window == slices.window(for: window.start) }

  /// How many windows hold a slice.
  public var overlap: Int64 { windows.size.microseconds / windows.period.microseconds }

  /// The windows that hold `slice` and end at `time` or before, in order.
  public func windows(holding slice: Window, endingUpTo time: Timestamp) -> [Window] {
    let latest = min(time, slice.start.advanced(by: windows.size))
    var result: [Window] = []
    var end = slice.end
    while end <= latest {
      let start = end.advanced(by: Interval(microseconds: -windows.size.microseconds))
      result.append(Window(start: start, end: end))
      let following = end.advanced(by: windows.period)
      guard following > end else { break }
      end = following
    }
    return result
  }

  /// The windows that hold some of the slices which begin at `starts`, and end in `range`; in order.
  ///
  /// Costs the windows that there are between the first and the last, but never more than those of
  /// every slice.
  public func windows(
    holding starts: some Collection<Timestamp>, endingAfter low: Timestamp, upTo high: Timestamp
  ) -> [Window] {
    guard let first = starts.min(), let last = starts.max() else { return [] }
    let latest = min(high, last.advanced(by: windows.size))
    let span = latest.microseconds.subtractingReportingOverflow(max(low, first).microseconds)
    let bound = overlap.multipliedReportingOverflow(by: Int64(starts.count)).partialValue
    guard !span.overflow, span.partialValue / windows.period.microseconds <= bound else {
      return Set(starts.lazy.flatMap { windows.windows(for: $0) })
        .filter { $0.end > low && $0.end <= high }.sorted()
    }
    var end = slices.window(for: max(low, first)).end
    guard end <= latest else { return [] }
    let held = starts.sorted()
    var next = held.startIndex
    var result: [Window] = []
    while end <= latest {
      let start = end.advanced(by: Interval(microseconds: -windows.size.microseconds))
      while next < held.endIndex, held[next] < start { next += 1 }
      if next < held.endIndex, held[next] < end { result.append(Window(start: start, end: end)) }
      let following = end.advanced(by: windows.period)
      guard following > end else { break }
      end = following
    }
    return result
  }
}
