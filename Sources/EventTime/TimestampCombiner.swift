/// Which event time a pane is given.
public enum TimestampCombiner: String, Hashable, Codable, Sendable, CaseIterable {
  /// The earliest of its rows that are not behind the output watermark.
  case earliest
  /// The latest of its rows that are not behind the output watermark.
  case latest
  /// The last instant of its window.
  case endOfWindow = "end_of_window"
  /// The earliest of what ``WindowFn/outputTime(of:in:)`` makes of its rows' times.
  case earliestTransformed = "earliest_transformed"

  func combine(_ first: Timestamp, _ second: Timestamp) -> Timestamp {
    self == .earliest || self == .earliestTransformed ? min(first, second) : max(first, second)
  }
}
