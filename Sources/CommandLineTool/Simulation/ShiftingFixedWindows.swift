import EventTime

/// The window function of Beam's tests that moves the timestamps of panes by 100, where it is asked
/// to; `CustomTimestampingFixedWindowsWindowFn` in transcripts.
struct ShiftingFixedWindows: WindowFn {
  static let name = "shifting_fixed"

  let size: Interval

  func windows(for time: Timestamp) -> [Window] { FixedWindows(size: size).windows(for: time) }

  func outputTime(of time: Timestamp, in window: Window) -> Timestamp {
    time.advanced(by: .microseconds(100))
  }
}
