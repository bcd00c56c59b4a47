/// A length of event time, in microseconds.
public struct Interval: Hashable, Codable, Sendable, Comparable {
  public let microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  public static let zero = Interval(microseconds: 0)

  public static func microseconds(_ count: Int64) -> Interval {
    Interval(microseconds: count)
  }

  public static func milliseconds(_ count: Int64) -> Interval {
    Interval(microseconds: count * 1000)
  }

  public static func seconds(_ count: Int64) -> Interval {
    Interval(microseconds: count * 1_000_000)
  }

  public static func minutes(_ count: Int64) -> Interval { .seconds(count * 60) }

  public static func hours(_ count: Int64) -> Interval { .seconds(count * 3600) }

  /// Days of 24 hours; for days of a calendar see ``CalendarWindows``.
  public static func days(_ count: Int64) -> Interval { .seconds(count * 86400) }

  public static func < (lhs: Interval, rhs: Interval) -> Bool {
    lhs.microseconds < rhs.microseconds
  }
}
