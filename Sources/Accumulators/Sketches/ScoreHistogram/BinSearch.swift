#if canImport(Glibc)
import Glibc
#endif

/// Finds the bin of a prediction.
///
/// Logit-spaced bins are found by a table over the leading bits of `min(p, 1 − p)`, then a compare
/// or two with the edges; no logarithm a row.
struct BinSearch: Sendable {
  private let binning: ScoreBinning
  /// Bin `i + 1` is `(edges[i], edges[i + 1]]`; from 0 to 1, or the thresholds; empty for uniform bins.
  private let edges: [Double]
  /// Bin `i` lies between entries `i` and `i + 1`; from −∞ to ∞.
  let bounds: [Double]
  /// The first bin that a prediction of this prefix may have; those above 0.5 in the upper half.
  private var first: [UInt16] = []
  /// How many bins a prefix may touch, less one.
  private var steps = 0

  private static let prefixShift: UInt64 = 45
  /// 2^-20, below the first edge of any use.
  private static let leastPrefix = UInt64(1003) << 7
  private static let prefixCount = 19 << 7

  init(_ binning: ScoreBinning) {
    self.binning = binning
    precondition((1...60_000).contains(binning.interiorCount), "\(binning) has too many bins")
    let count = binning.interiorCount
    switch binning {
    case .logit: break
    case .uniform:
      edges = []
      bounds = [-.infinity] + (0...count).map { Double($0) / Double(count) } + [.infinity]
      return
    case .thresholds:
      var thresholds = (0...count).map { Double($0) / Double(count) }
      (thresholds[0], thresholds[count]) = (1e-12, 1 - 1e-12)
      edges = thresholds
      bounds = [-.infinity] + thresholds + [.infinity]
      return
    }
    var edges = (0...count).map { Self.edge($0, of: count) }
    edges[0] = 0
    edges[count] = 1
    self.edges = edges
    bounds = [-.infinity] + edges + [.infinity]
    first = [UInt16](repeating: 0, count: 2 * (Self.prefixCount + 1))
    for prefix in 0...Self.prefixCount {
      let low = prefix == 0 ? 0 : Self.start(of: prefix)
      let high = prefix == Self.prefixCount ? 0.5 : Self.start(of: prefix + 1)
      fill(prefix, from: low, to: high)
      fill(Self.prefixCount + 1 + prefix, from: 1 - high, to: 1 - low)
    }
  }

  private mutating func fill(_ index: Int, from low: Double, to high: Double) {
    let bin = search(low)
    first[index] = UInt16(bin)
    steps = max(steps, search(high) - bin)
  }

  /// The smallest double of a prefix.
  private static func start(of prefix: Int) -> Double {
    Double(bitPattern: (leastPrefix + UInt64(prefix)) << prefixShift)
  }

  /// Logistic of evenly spaced points, rounded to 40 bits so that libraries' last bits do not
  /// matter; symmetric about 0.5.
  private static func edge(_ index: Int, of count: Int) -> Double {
    let mirrored = min(index, count - index)
    if 2 * mirrored == count { return 0.5 }
    let point = 24 * Double(mirrored) / Double(count) - 12
    let exact = 1 / (1 + exp(-point))
    let rounded = Double(bitPattern: (exact.bitPattern + 1 << 12) & ~0x1FFF)
    return mirrored == index ? rounded : 1 - rounded
  }

  /// The bin of a prediction in [0, 1] by bisection.
  private func search(_ prediction: Double) -> Int {
    if prediction <= 0 { return 1 }
    var low = 0
    var high = edges.count - 1
    // edges[low] < prediction ≤ edges[high]
    while high - low > 1 {
      let middle = (low + high) / 2
      if prediction > edges[middle] { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// 1 where `value` is above `edge`, else 0; of positive doubles.
  @inline(__always)
  private static func isAbove(_ value: Double, _ edge: Double) -> Int {
    Int(truncatingIfNeeded: (edge.bitPattern &- value.bitPattern) &>> 63)
  }

  /// The bin of a prediction that is not NaN.
  @inline(__always)
  func bin(_ prediction: Double) -> Int {
    switch binning {
    case .uniform(let count):
      if prediction < 0 { return 0 }
      return prediction >= 1 ? count + 1 : Int(prediction * Double(count) + 1)
    case .thresholds:
      // The first threshold that the prediction does not reach, from a guess that is off by one.
      let last = edges.count - 1
      var bin = Int(max(0, min(1, prediction)) * Double(last))
      while bin <= last, prediction > edges[bin] { bin += 1 }
      while bin > 0, prediction <= edges[bin - 1] { bin -= 1 }
      return bin
    case .logit(let count):
      if prediction <= 0 { return 0 }
      if prediction >= 1 { return count + 1 }
      // No branches: what is hard to foretell is one bit, the sign of a difference between the bits
      // of positive doubles.
      let isHigh = Self.isAbove(prediction, 0.5)
      let distance = min(prediction, 1 - prediction)
      let prefix = max(distance.bitPattern &>> Self.prefixShift, Self.leastPrefix)
      // Cannot overflow: a distance is at most 0.5, so the prefix at most `prefixCount`.
      let index = Int(truncatingIfNeeded: prefix &- Self.leastPrefix)
      var bin = Int(first[index &+ isHigh &* (Self.prefixCount &+ 1)])
      for _ in 0..<steps { bin &+= Self.isAbove(prediction, edges[bin]) }
      return bin
    }
  }
}
