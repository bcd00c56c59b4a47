#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Counts of two samples over the same bins.
struct ComparedCounts {
  /// Shape `[bins]`.
  var one: [Double] = []
  var two: [Double] = []
  var first: Double { one.reduce(0, +) }
  var second: Double { two.reduce(0, +) }

  init(one: [Double] = [], two: [Double] = []) {
    self.one = one
    self.two = two
  }

  /// Numbers in the ranges that quantiles of another sample make; `nil` if so many numbers are
  /// bounds that the ranges' shares in that sample are not what quantiles promise.
  init?(_ numbers: FeatureDistribution, inRangesOf quantiles: FeatureDistribution) {
    one = [Double](repeating: 0, count: quantiles.counts.count)
    two = quantiles.counts
    var range = 0
    var tied = 0.0
    for (number, count) in zip(numbers.numbers, numbers.counts) {
      while range < quantiles.edges.count, quantiles.edges[range] <= number { range += 1 }
      one[range] += count
      if range > 0, quantiles.edges[range - 1] == number { tied += count }
    }
    let total = numbers.counts.reduce(0, +)
    if tied > total / Double(2 * two.count) || Set(quantiles.edges).count < quantiles.edges.count {
      return nil
    }
  }

  /// `1/n + 1/m`: how much shares of two samples differ by chance.
  private var spread: Double { 1 / first + 1 / second }

  /// The share of each bin in both samples together.
  private var pooled: [Double] {
    let total = first + second
    return zip(one, two).map { ($0 + $1) / total }
  }

  /// The greatest difference between shares of a bin.
  var largestDifference: Statistic {
    let differences = zip(one, two).map { abs($0 / first - $1 / second) }
    let deviations = pooled.map { ($0 * (1 - $0) * spread).squareRoot() }
    return Statistic(
      value: differences.max() ?? 0, byChance: Self.expectedMaximum(of: deviations))
  }

  /// The Jensen–Shannon divergence in bits, in 0…1.
  ///
  /// By chance (B − 1)·(1/n + 1/m) / (8 ln 2), the
  /// first term of its expansion.
  var jensenShannon: Statistic {
    var sum = 0.0
    for (a, b) in zip(one, two) {
      let (p, q) = (a / first, b / second)
      let middle = (p + q) / 2
      if p > 0 { sum += p * log2(p / middle) / 2 }
      if q > 0 { sum += q * log2(q / middle) / 2 }
    }
    return Statistic(value: max(0, sum), byChance: freedom * spread / (8 * log(2)))
  }

  /// Σ (p − q) ln(p / q), half a row added to every bin so that an empty one is finite.
  ///
  /// By chance
  /// (B − 1)·(1/n + 1/m) (Yurdakul, *Statistical properties of the population stability index*).
  var stabilityIndex: Statistic {
    let bins = Double(one.count) / 2
    var sum = 0.0
    for (a, b) in zip(one, two) {
      let (p, q) = ((a + 0.5) / (first + bins), (b + 0.5) / (second + bins))
      sum += (p - q) * log(p / q)
    }
    return Statistic(value: sum, byChance: freedom * spread)
  }

  /// Bins that hold something, less one.
  private var freedom: Double { Double(max(0, pooled.count { $0 > 0 } - 1)) }

  /// How probable a difference at least this great is by chance: the chi-squared test of two
  /// samples; bins are joined, the rarest first, until each expects five rows in the smaller one.
  var probability: Double {
    let share = min(first, second) / (first + second)
    let sorted = zip(one, two).filter { $0 + $1 > 0 }.sorted { $0.0 + $0.1 < $1.0 + $1.1 }
    var joined: [(Double, Double)] = []
    for (a, b) in sorted {
      if let last = joined.last, (last.0 + last.1) * share < 5 {
        joined[joined.count - 1] = (last.0 + a, last.1 + b)
      } else {
        joined.append((a, b))
      }
    }
    guard joined.count > 1 else { return 1 }
    let ratio = (second / first).squareRoot()
    let squares = joined.reduce(0) { sum, bin in
      let difference = ratio * bin.0 - bin.1 / ratio
      return sum + difference * difference / (bin.0 + bin.1)
    }
    return Chance.chiSquared(squares, freedom: Double(joined.count - 1))
  }

  /// E max |Z| for independent normal Z of these deviations, by the trapezoid rule on the tail.
  private static func expectedMaximum(of deviations: [Double]) -> Double {
    let greatest = deviations.max() ?? 0
    guard greatest > 0 else { return 0 }
    let steps = 200
    let width = 8 * greatest / Double(steps)
    var sum = 0.0
    for step in 0..<steps {
      let x = (Double(step) + 0.5) * width
      var below = 1.0
      for deviation in deviations where deviation > 0 {
        below *= erf(x / (deviation * 2.0.squareRoot()))
      }
      sum += (1 - below) * width
    }
    return sum
  }
}

/// A distance between samples, and what it is on average between samples of these sizes from one
/// source.
public struct Statistic: Hashable, Sendable {
  public var value: Double
  public var byChance: Double
}
