/// Weights of positives and negatives by score, one entry a bin that is not empty, ascending: a
/// ``ScoreHistogram`` column by column.
///
/// Arrays are parallel; shape `[bins]`.
public struct ScoreBins: Sendable {
  /// −∞ for the bin of scores below the range.
  public var lowerBounds: [Double] = []
  /// +∞ for the bin of scores above the range.
  public var upperBounds: [Double] = []
  public var positives: [Double] = []
  public var negatives: [Double] = []
  /// Σ w·p; empty unless predictions are kept.
  public var predictions: [Double] = []
  /// Whether the rows of a bin have one score, its upper bound; the lower one is that of the bin
  /// before.
  public private(set) var isExact = false

  public init() {}

  public init(
    lowerBounds: [Double], upperBounds: [Double], positives: [Double], negatives: [Double],
    predictions: [Double] = []
  ) {
    self.lowerBounds = lowerBounds
    self.upperBounds = upperBounds
    self.positives = positives
    self.negatives = negatives
    self.predictions = predictions
  }

  public init(_ histogram: ScoreHistogram) {
    let bins = histogram.bins
    self.init(
      lowerBounds: bins.map(\.lowerBound), upperBounds: bins.map(\.upperBound),
      positives: bins.map(\.positives), negatives: bins.map(\.negatives),
      predictions: bins.map(\.predictions))
  }

  public static let empty = ScoreBins()

  public var count: Int { positives.count }
}

extension ScoreBins {
  /// Reads a bin for each distinct score of `rows`.
  mutating func read(_ rows: ArraySlice<ScoredRow>) {
    let sorted = rows.sorted(by: ScoredRow.isOrdered)
    removeAll()
    isExact = true
    var previous = -Double.infinity
    var count = 0
    for row in sorted {
      if count == 0 || upperBounds[count - 1] != row.prediction {
        lowerBounds.append(previous)
        upperBounds.append(row.prediction)
        positives.append(0)
        negatives.append(0)
        previous = row.prediction
        count += 1
      }
      let parts = ScoreRow(row.label, row.weight)
      positives[count - 1] += parts.positive
      negatives[count - 1] += parts.negative
    }
  }

  private mutating func removeAll() {
    lowerBounds.removeAll(keepingCapacity: true)
    upperBounds.removeAll(keepingCapacity: true)
    positives.removeAll(keepingCapacity: true)
    negatives.removeAll(keepingCapacity: true)
    predictions = []
  }
}

extension BinSums {
  /// Reads a cell whose even keys are negatives and odd ones positives, both of bin `key / 2`.
  ///
  /// - Precondition: nothing of the cell is in `wide`.
  func read(_ cell: Int, _ bounds: [Double], into bins: inout ScoreBins) {
    precondition(log.isEmpty, "only settled sums are read")
    let range = segments[cell].range
    // Each array on its own: a span of one holds on to all of `bins`.
    var held = ScoreBins()
    swap(&held, &bins)
    var (lower, upper) = (held.lowerBounds, held.upperBounds)
    var (positives, negatives) = (held.positives, held.negatives)
    held = ScoreBins()
    // No more bins than sums.
    Self.resize(&lower, to: range.count)
    Self.resize(&upper, to: range.count)
    Self.resize(&positives, to: range.count)
    Self.resize(&negatives, to: range.count)
    let count = fill(range, bounds, &lower, &upper, &positives, &negatives)
    Self.resize(&lower, to: count)
    Self.resize(&upper, to: count)
    Self.resize(&positives, to: count)
    Self.resize(&negatives, to: count)
    bins = ScoreBins(
      lowerBounds: lower, upperBounds: upper, positives: positives, negatives: negatives)
  }

  /// Fills the columns from their beginning and returns how many bins there are.
  private func fill(
    _ range: Range<Int>, _ bounds: [Double], _ lower: inout [Double], _ upper: inout [Double],
    _ positives: inout [Double], _ negatives: inout [Double]
  ) -> Int {
    let keys = keys.span
    let lanes = lanes.span
    let bounds = bounds.span
    var lower = lower.mutableSpan
    var upper = upper.mutableSpan
    var positives = positives.mutableSpan
    var negatives = negatives.mutableSpan
    // What lets the compiler drop most checks inside the loop.
    precondition(
      lanes.count == keys.count && upper.count == lower.count && positives.count == lower.count
        && negatives.count == lower.count)
    var previous = UInt32.max
    var position = -1
    // No branches: whether a bin has both labels, and which one it has, is hard to predict.
    var (positive, negative) = (UInt64(0), UInt64(0))
    for index in range where lanes[index] != 0 {
      let key = keys[index]
      let bin = key >> 1
      let isHeld: UInt64 = bin == previous ? .max : 0
      previous = bin
      position &+= isHeld == 0 ? 1 : 0
      upper[position] = bounds[Int(bin) + 1]
      lower[position] = bounds[Int(bin)]
      let value = FixedPoint.value(lanes[index]).bitPattern
      let isPositive = 0 &- UInt64(key & 1)
      positive = positive & isHeld | value & isPositive
      negative = negative & isHeld | value & ~isPositive
      positives[position] = Double(bitPattern: positive)
      negatives[position] = Double(bitPattern: negative)
    }
    return position + 1
  }

  /// Makes `values` as many as `count`; what more there are than before are about to be written.
  private static func resize(_ values: inout [Double], to count: Int) {
    if values.count < count {
      values.append(contentsOf: repeatElement(0, count: count - values.count))
    } else {
      values.removeLast(values.count - count)
    }
  }
}
