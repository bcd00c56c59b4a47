/// A length of event time, in microseconds.
public struct Interval: Hashable, Codable, Sendable, Comparable {
  public let microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  public static let zero = Interval(microseconds: 0)

  public static func seconds(_ count: Int64) -> Interval {
    Interval(microseconds: count * 1_000_000)
  }

  public static func < (lhs: Interval, rhs: Interval) -> Bool {
    lhs.microseconds < rhs.microseconds
  }
}
