/// Weights by value, exact or uniformly collapsed: a function of the multiset of values alone.
///
/// Values are mapped to integers in their order; once more than the budget of distinct ones have
/// been seen, the least number of low bits is dropped from all of them that brings the number
/// within it. Every answer comes with its exact greatest rank error.
public struct QuantileSketch: Sendable {
  /// Low bits dropped from every key.
  private(set) var shift = 0
  /// Distinct, ascending.
  private(set) var keys: [Int64] = []
  /// Parallel to `keys`; all positive.
  private(set) var weights = LaneSums()
  /// Keys of the least and greatest values, complete.
  private(set) var lowKey = Int64.max
  private(set) var highKey = Int64.min
  /// How many values were added.
  public private(set) var count: Int64 = 0

  init() {}

  /// - Precondition: `keys` ascends and has its weights in `weights`.
  init(
    shift: Int, keys: [Int64], weights: LaneSums, lowKey: Int64, highKey: Int64, count: Int64
  ) {
    self.shift = shift
    self.keys = keys
    self.weights = weights
    self.lowKey = lowKey
    self.highKey = highKey
    self.count = count
  }

  /// Whether every distinct value is still held.
  public var isExact: Bool { shift == 0 }

  /// NaN when empty.
  public var minimum: Double { count == 0 ? .nan : OrderedKey.value(lowKey) }
  public var maximum: Double { count == 0 ? .nan : OrderedKey.value(highKey) }

  /// The distinct values held, ascending, with the weight of each; of a collapsed sketch the middles
  /// of its buckets.
  public var points: [(value: Double, weight: Double)] {
    keys.indices.map { (representative($0), weights.value($0)) }
  }

  /// The sum of all weights, rounded once.
  public var totalWeight: Double { cumulativeWeights().last ?? 0 }

  /// The greatest `rankError` that any quantile can have, as a share of the total weight.
  public var errorBound: Double {
    guard !isExact, totalWeight > 0 else { return 0 }
    return (keys.indices.map { weights.value($0) }.max() ?? 0) / totalWeight
  }

  /// The value of which a share `rank` of the weight lies at or below, and by how much at most its
  /// true rank differs from that.
  ///
  /// Exact sketches return the least value whose cumulative weight exceeds `rank · totalWeight`
  /// (or the greatest), with error 0; others a value of the same collapsed key. NaN when empty.
  /// Ranks are taken into [0, 1].
  public func quantile(rank: Double) -> (value: Double, rankError: Double) {
    quantiles(ranks: [rank])[0]
  }

  /// As ``quantile(rank:)`` for several ranks, at the cost of one.
  public func quantiles(ranks: [Double]) -> [(value: Double, rankError: Double)] {
    let cumulative = cumulativeWeights()
    guard let total = cumulative.last else { return ranks.map { _ in (.nan, 0) } }
    return ranks.map { rank in
      let target = min(max(rank, 0), 1) * total
      let index = Self.position(of: target, in: cumulative)
      if isExact { return (representative(index), 0) }
      let before = index == 0 ? 0 : cumulative[index - 1]
      let error = max(target - before, cumulative[index] - target)
      return (representative(index), max(0, error) / total)
    }
  }

  /// The `count − 1` inner boundaries of `count` buckets of equal weight; empty when there are no
  /// values.
  ///
  /// Exact sketches return what TFX-BSL's does while it is exact: for boundary r the least value
  /// whose cumulative weight exceeds `r · totalWeight / count`.
  public func quantiles(count bucketCount: Int) -> [Double] {
    precondition(bucketCount > 0, "\(bucketCount) buckets")
    let cumulative = cumulativeWeights()
    guard let total = cumulative.last else { return [] }
    return (1..<bucketCount).map { boundary in
      let target = Double(boundary) * total / Double(bucketCount)
      return representative(Self.position(of: target, in: cumulative))
    }
  }

  /// The share of the weight that lies at or below `value`, and by how much at most it is wrong.
  public func rank(of value: Double) -> (rank: Double, rankError: Double) {
    let cumulative = cumulativeWeights()
    guard let total = cumulative.last, !value.isNaN else { return (.nan, 0) }
    let key = OrderedKey.key(value + 0.0)
    if key >= highKey { return (1, 0) }
    if key < lowKey { return (0, 0) }
    // The first key beyond that of `value`.
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] <= key >> Int64(shift) { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return (0, 0) }
    let isOwn = keys[low - 1] == key >> Int64(shift)
    return (
      cumulative[low - 1] / total, isExact || !isOwn ? 0 : weights.value(low - 1) / total
    )
  }

  /// The first position whose cumulative weight exceeds `target`, or the last.
  private static func position(of target: Double, in cumulative: [Double]) -> Int {
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > target { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Each exact sum up to a key, rounded once.
  private func cumulativeWeights() -> [Double] {
    var running = LaneSums(count: 1)
    return keys.indices.map { index in
      running.merge(weights, index, into: 0)
      return running.value(0)
    }
  }

  /// The middle of a collapsed key's values, within those observed; the value itself when exact.
  func representative(_ index: Int) -> Double {
    let start = keys[index] << Int64(shift)
    let middle = shift == 0 ? start : start | 1 << Int64(shift - 1)
    return OrderedKey.value(min(max(middle, lowKey), highKey))
  }
}

extension QuantileSketch {
  /// Adds the values of `other`, then collapses as far as `budget` demands.
  mutating func merge(_ other: QuantileSketch, budget: Int) {
    let target = max(shift, other.shift)
    let one = collapsed(by: target - shift)
    let two = other.collapsed(by: target - other.shift)
    var merged = QuantileSketch(
      shift: target, keys: [], weights: LaneSums(), lowKey: min(lowKey, other.lowKey),
      highKey: max(highKey, other.highKey), count: count + other.count)
    var (left, right) = (0, 0)
    while left < one.keys.count || right < two.keys.count {
      let leftKey = left < one.keys.count ? one.keys[left] : .max
      let rightKey = right < two.keys.count ? two.keys[right] : .max
      merged.keys.append(min(leftKey, rightKey))
      merged.weights.lanes.append(0)
      if leftKey <= rightKey {
        merged.weights.merge(one.weights, left, into: merged.keys.count - 1)
        left += 1
      }
      if rightKey <= leftKey {
        merged.weights.merge(two.weights, right, into: merged.keys.count - 1)
        right += 1
      }
    }
    self = merged.collapsed(by: Self.neededShift(merged.keys, budget: budget))
  }

  /// The fewest low bits to drop from ascending distinct `keys` so that at most `budget` remain.
  static func neededShift(_ keys: [Int64], budget: Int) -> Int {
    guard keys.count > budget else { return 0 }
    // Neighbours differ after dropping t bits just when they differ in bit t or above.
    var firstDifference = [Int](repeating: 0, count: 65)
    for index in 1..<keys.count {
      firstDifference[64 - (keys[index] ^ keys[index - 1]).leadingZeroBitCount] += 1
    }
    var distinct = keys.count
    var shift = 0
    while distinct > budget {
      shift += 1
      distinct -= firstDifference[shift]
    }
    return shift
  }

  private func collapsed(by bits: Int) -> QuantileSketch {
    guard bits > 0 else { return self }
    var result = self
    result.shift += bits
    result.keys = []
    result.weights = LaneSums()
    for (index, key) in keys.enumerated() {
      let key = key >> Int64(bits)
      if result.keys.last != key {
        result.keys.append(key)
        result.weights.lanes.append(0)
      }
      result.weights.merge(weights, index, into: result.keys.count - 1)
    }
    return result
  }
}
