/// Which event time a pane is given.
public enum TimestampCombiner: String, Hashable, Codable, Sendable {
  /// The earliest of its rows that are not behind the output watermark.
  case earliest
  /// The latest of its rows that are not behind the output watermark.
  case latest
  /// The last instant of its window.
  case endOfWindow = "end_of_window"

  func combine(_ first: Timestamp, _ second: Timestamp) -> Timestamp {
    self == .earliest ? min(first, second) : max(first, second)
  }
}
