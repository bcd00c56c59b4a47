import EventTime

/// Sliding windows put together from slices of one period each.
///
/// A row that is on time for all its windows goes to one slice, whatever their number; the others,
/// which are few, go to each of their windows.
struct Slicing {
  private let sliced: SlicedWindows
  var queue = SliceQueue()
  /// The end of the last window that was taken out; of those up to it slices hold nothing.
  var taken = Timestamp.distantPast

  /// `nil` if the windows of `windowing` are not put together from slices.
  init?(_ windowing: WindowingStrategy) {
    guard let sliced = SlicedWindows(windowing) else { return nil }
    self.sliced = sliced
  }

  var slices: FixedWindows { sliced.slices }

  /// Whether `window` is a slice.
  func isSlice(_ window: Window) -> Bool { sliced.isSlice(window) }

  /// The windows of slices that have not been taken out.
  func windows(ofSlices starts: [Timestamp]) -> [Window] {
    sliced.windows(holding: starts, endingAfter: taken, upTo: .distantFuture)
  }
}
