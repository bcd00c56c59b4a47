import EventTime

/// Sliding windows put together from slices of one period each.
///
/// A row that is on time for all its windows goes to one slice, whatever their number; the others,
/// which are few, go to each of their windows.
struct Slicing {
  let slices: FixedWindows
  private let windows: SlidingWindows
  var queue = SliceQueue()
  /// The end of the last window that was taken out; of those up to it slices hold nothing.
  var taken = Timestamp.distantPast

  /// Slices for windows of a whole number of periods, all of which fire in order: `nil` unless
  /// panes before the end of a window are ruled out by the trigger.
  init?(_ windowing: WindowingStrategy) {
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

  /// Whether `window` is a slice.
  func isSlice(_ window: Window) -> Bool { window == slices.window(for: window.start) }

  /// The windows of a slice that have not been taken out, in order.
  func windows(ofSlice start: Timestamp) -> [Window] {
    windows.windows(for: start).filter { $0.end > taken }.sorted()
  }
}
