import EventTime

/// Sliding windows put together from slices of one period each.
///
/// A row goes to one slot of its slice, whatever their number: apart from the rows that are on time
/// for all its windows stand those for which some have ended. Only to these windows such a row goes
/// one by one.
struct Slicing {
  let sliced: SlicedWindows
  var queue = SliceQueue()
  /// The end of the last window that was taken out; of those up to it slices hold nothing.
  var taken = Timestamp.distantPast

  /// `nil` if the windows of `windowing` are not put together from slices.
  init?(_ windowing: WindowingStrategy) {
    guard let sliced = SlicedWindows(windowing) else { return nil }
    self.sliced = sliced
  }

  /// The windows of slices that have not been taken out.
  func windows(ofSlices starts: [Timestamp]) -> [Window] {
    sliced.windows(holding: starts, endingAfter: taken, upTo: .distantFuture)
  }
}

extension SlotKey {
  /// Whether the rows of this slot, which is of a slice, are on time for the windows that end at
  /// `end` and hold the slice.
  func isOnTime(forWindowsEndingAt end: Timestamp) -> Bool {
    if case .after(let time) = timing { return end > time }
    return end > window.start
  }
}
