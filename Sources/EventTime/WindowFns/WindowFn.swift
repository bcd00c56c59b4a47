/// Says which windows a row belongs to; a pure function of its event time.
///
/// A value of a conforming type is configuration: equal values assign equal windows.
public protocol WindowFn: Hashable, Codable, Sendable {
  /// What the window function is called in job files and checkpoints.
  static var name: String { get }

  /// The windows that hold `time`, in ascending order; may be empty.
  func windows(for time: Timestamp) -> [Window]

  /// Whether windows that intersect become one (sessions).
  var isMerging: Bool { get }

  /// The time a row counts with for the timestamp of its pane, if that is
  /// ``TimestampCombiner/earliestTransformed``; monotone in `time`.
  func outputTime(of time: Timestamp, in window: Window) -> Timestamp
}

extension WindowFn {
  public var isMerging: Bool { false }

  public func outputTime(of time: Timestamp, in window: Window) -> Timestamp { time }
}
