/// How long something took, each time: counts by fixed bounds, with the sum.
public struct DurationHistogram: Hashable, Sendable {
  /// Upper bounds in seconds, inclusive; what took longer is in a bucket of its own.
  public static let bounds = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
  ]

  /// One for each bound, and one for what took longer.
  public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
  /// Seconds, of all together.
  public private(set) var sum = 0.0
  /// Seconds; `nil` before the first.
  public private(set) var last: Double?

  public init() {}

  public var count: Int { counts.reduce(0, +) }

  public mutating func add(seconds: Double) {
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
    sum += seconds
    last = seconds
  }
}
