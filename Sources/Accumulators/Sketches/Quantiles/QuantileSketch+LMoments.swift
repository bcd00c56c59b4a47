/// The first four sample L-moments of a column.
public struct LMoments: Equatable, Sendable {
  /// Finite values.
  public var count: Double
  /// The mean.
  public var first: Double
  /// Half the expected difference of two values.
  public var second: Double
  public var third: Double
  public var fourth: Double

  /// `third / second`; 0 where there is no spread.
  public var skewness: Double { second > 0 ? third / second : 0 }
  /// `fourth / second`; 0 where there is no spread.
  public var kurtosis: Double { second > 0 ? fourth / second : 0 }
}

extension QuantileSketch {
  /// The unbiased sample L-moments of the finite values, of which each counts once.
  ///
  /// Of an exact sketch they are exact but for the rounding of some operations; of a collapsed one,
  /// each value is off by at most half the width of its key. A moment of more values than there are
  /// is 0.
  ///
  /// Source: Hosking, *L-moments*, J. R. Statist. Soc. B 52 (1990), section 3, by probability
  /// weighted moments; equal values are taken together by Vandermonde's identity, whose terms are
  /// all positive.
  public var lMoments: LMoments {
    let groups = finiteGroups
    let total = groups.reduce(0) { $0 + $1.count }
    guard total > 0 else { return LMoments(count: 0, first: 0, second: 0, third: 0, fourth: 0) }
    var weighted = [0.0, 0.0, 0.0, 0.0]
    var below = 0.0
    for (value, count) in groups {
      for order in 0..<min(4, Int(total)) {
        weighted[order] += value * Self.share(count, below, order + 1, of: total)
      }
      below += count
    }
    let b = (0..<4).map { weighted[$0] / Double($0 + 1) }
    var result = LMoments(count: total, first: b[0], second: 0, third: 0, fourth: 0)
    if total > 1 { result.second = 2 * b[1] - b[0] }
    if total > 2 { result.third = 6 * b[2] - 6 * b[1] + b[0] }
    if total > 3 { result.fourth = 20 * b[3] - 30 * b[2] + 12 * b[1] - b[0] }
    return result
  }

  /// `(C(below + count, k) − C(below, k)) / C(total, k)`.
  private static func share(
    _ count: Double, _ below: Double, _ k: Int, of total: Double
  ) -> Double {
    (1...k).reduce(0) { sum, j in
      // C(count, j)·C(below, k − j) / C(total, k), factor by factor.
      var term = 1.0
      for i in 0..<j { term *= (count - Double(i)) / Double(i + 1) / (total - Double(i)) }
      for i in 0..<(k - j) {
        term *= (below - Double(i)) / Double(i + 1) / (total - Double(j + i))
      }
      for i in 0..<k { term *= Double(i + 1) }
      return sum + term
    }
  }

  /// The finite values, ascending, with their weights.
  private var finiteGroups: [(value: Double, count: Double)] {
    keys.indices.compactMap { index in
      let value = representative(index)
      return value.isFinite ? (value, weights.value(index)) : nil
    }
  }

  /// The weight of the values below each of `boundaries`, and by how much at most one is wrong.
  public func weights(below boundaries: [Double]) -> (weights: [Double], error: Double) {
    var running = 0.0
    var next = 0
    var below: [Double] = []
    var error = 0.0
    for boundary in boundaries {
      while next < keys.count, representative(next) < boundary {
        running += weights.value(next)
        next += 1
      }
      below.append(running)
      if !isExact {
        for index in max(0, next - 1)..<min(keys.count, next + 1) {
          error = max(error, weights.value(index))
        }
      }
    }
    return (below, error)
  }
}

extension QuantileSketch {
  /// How far a value may be from what the sketch takes it for, as a share of it; 0 when exact.
  public var relativeWidth: Double {
    isExact ? 0 : Double(sign: .plus, exponent: min(0, shift - 53), significand: 1)
  }
}
