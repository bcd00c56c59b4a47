#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Two samples of numbers, as counts at the values of both.
struct ComparedNumbers {
  /// Distinct, ascending.
  private var values: [Double] = []
  /// Parallel to `values`.
  private var counts = ComparedCounts()

  init(_ one: FeatureDistribution, _ two: FeatureDistribution) {
    var (left, right) = (0, 0)
    while left < one.numbers.count || right < two.numbers.count {
      let first = left < one.numbers.count ? one.numbers[left] : .infinity
      let second = right < two.numbers.count ? two.numbers[right] : .infinity
      let hasFirst = left < one.numbers.count && first <= second
      let hasSecond = right < two.numbers.count && second <= first
      values.append(min(first, second))
      counts.one.append(hasFirst ? one.counts[left] : 0)
      counts.two.append(hasSecond ? two.counts[right] : 0)
      left += hasFirst ? 1 : 0
      right += hasSecond ? 1 : 0
    }
  }

  /// Shares of both samples up to each value, and in both together.
  private var cumulative: [(one: Double, two: Double, both: Double)] {
    let (first, second) = (counts.first, counts.second)
    var (a, b) = (0.0, 0.0)
    return zip(counts.one, counts.two).map {
      a += $0
      b += $1
      return (a / first, b / second, (a + b) / (first + second))
    }
  }

  private var spread: Double { 1 / counts.first + 1 / counts.second }

  /// The greatest distance of the cumulative shares; by chance √(1/n + 1/m) · √(π/2) ln 2.
  var kolmogorovSmirnov: Statistic {
    Statistic(
      value: cumulative.reduce(0) { max($0, abs($1.one - $1.two)) },
      byChance: spread.squareRoot() * (Double.pi / 2).squareRoot() * log(2))
  }

  /// How probable a distance as great is by chance; less than that where values are tied.
  var probability: Double {
    let size = (1 / spread).squareRoot()
    return Chance.kolmogorov((size + 0.12 + 0.11 / size) * kolmogorovSmirnov.value)
  }

  /// The area between the cumulative shares, in units of the feature; by chance the area of
  /// √(2/π · F(1 − F)(1/n + 1/m)), F being that of both together.
  var wasserstein: Statistic {
    var statistic = Statistic(value: 0, byChance: 0)
    let shares = cumulative
    for index in values.indices.dropLast() {
      let width = values[index + 1] - values[index]
      // Between infinities of one sign there is nothing.
      guard width > 0, width.isFinite else { continue }
      let share = shares[index]
      statistic.value += width * abs(share.one - share.two)
      statistic.byChance +=
        width * (2 / Double.pi * share.both * (1 - share.both) * spread).squareRoot()
    }
    return statistic
  }

  /// The counts in bins that hold about a tenth of both samples each.
  var binned: ComparedCounts {
    var bins = ComparedCounts()
    var bin = -1
    for (index, share) in cumulative.enumerated() {
      let weight = (counts.one[index] + counts.two[index]) / (counts.first + counts.second)
      let next = min(9, Int((share.both - weight / 2) * 10))
      if next != bin {
        bins.one.append(0)
        bins.two.append(0)
        bin = next
      }
      bins.one[bins.one.count - 1] += counts.one[index]
      bins.two[bins.two.count - 1] += counts.two[index]
    }
    return bins
  }
}
