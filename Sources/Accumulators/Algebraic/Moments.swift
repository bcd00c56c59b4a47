/// Counts, exact sum, mean, variance and extremes of a column.
public struct Moments: Equatable, Sendable {
  /// Finite values; the statistics are theirs.
  public var count: Int64 = 0
  public var missingCount: Int64 = 0
  public var nanCount: Int64 = 0
  public var positiveInfinityCount: Int64 = 0
  public var negativeInfinityCount: Int64 = 0
  /// Values that are 0 or −0; they are among `count`.
  public var zeroCount: Int64 = 0
  /// Rounded once; 0 when `count` is 0.
  public var sum: Double = 0
  /// Exact and rounded once; NaN when `count` is 0.
  public var mean: Double = .nan
  /// Population variance, exact and rounded once; NaN when `count` is 0, +∞ when out of range.
  public var variance: Double = .nan
  /// NaN when `count` is 0; −0 sorts before 0.
  public var minimum: Double = .nan
  public var maximum: Double = .nan

  public init() {}

  /// Every row, whatever its value.
  public var rowCount: Int64 {
    count + missingCount + nanCount + positiveInfinityCount + negativeInfinityCount
  }
}

/// Moments have no parameters.
public struct MomentsParameters: Hashable, Sendable {
  public init() {}
}

/// The counts and extremes of ``MomentsAccumulator``, which are exact as they are.
struct MomentCounts: Hashable, Sendable {
  var count: Int64 = 0
  var missingCount: Int64 = 0
  var nanCount: Int64 = 0
  var positiveInfinityCount: Int64 = 0
  var negativeInfinityCount: Int64 = 0
  var zeroCount: Int64 = 0
  /// As ``OrderedKey``s.
  var lowKey = Int64.max
  var highKey = Int64.min

  mutating func merge(_ other: MomentCounts) {
    count += other.count
    missingCount += other.missingCount
    nanCount += other.nanCount
    positiveInfinityCount += other.positiveInfinityCount
    negativeInfinityCount += other.negativeInfinityCount
    zeroCount += other.zeroCount
    lowKey = min(lowKey, other.lowKey)
    highKey = max(highKey, other.highKey)
  }

  /// Counts a value that is NaN or infinite.
  mutating func add(special value: Double) {
    if value.isNaN {
      nanCount += 1
    } else if value > 0 {
      positiveInfinityCount += 1
    } else {
      negativeInfinityCount += 1
    }
  }

  @inline(__always)
  mutating func add(finite value: Double) {
    let key = OrderedKey.key(value)
    count += 1
    zeroCount += value == 0 ? 1 : 0
    lowKey = min(lowKey, key)
    highKey = max(highKey, key)
  }
}
