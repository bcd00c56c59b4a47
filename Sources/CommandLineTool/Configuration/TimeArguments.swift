import ArgumentParser
import EventTime

extension Interval {
  /// A length of time on the command line, which is not negative.
  static func argument(_ text: String) throws -> Interval {
    guard let interval = Interval(text), interval >= .zero else {
      throw ValidationError("expected a length of time such as 250ms, 10s or 5m, found '\(text)'")
    }
    return interval
  }
}

extension Timestamp {
  /// A time on the command line.
  static func argument(_ text: String) throws -> Timestamp {
    guard let time = Timestamp(rfc3339: text) else {
      throw ValidationError("expected a time such as 2026-09-01T10:00:00Z, found '\(text)'")
    }
    return time
  }
}
