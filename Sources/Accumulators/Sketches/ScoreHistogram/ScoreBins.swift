/// Weights of positives and negatives by score, one entry a bin that is not empty, ascending: a
/// ``ScoreHistogram`` column by column.
///
/// Arrays are parallel; shape `[bins]`.
public struct ScoreBins: Sendable {
  public private(set) var positives: [Double] = []
  public private(set) var negatives: [Double] = []
  /// Σ w·p; empty unless predictions are kept.
  public private(set) var predictions: [Double] = []
  private var places = Places.bounds(lower: [], upper: [])

  /// Where the bins lie; most metrics need not know.
  private enum Places: Sendable {
    case bounds(lower: [Double], upper: [Double])
    /// Bin `n` lies between edges `n` and `n + 1`.
    case numbers([UInt32], edges: [Double])
    /// The one score that the rows of a bin have.
    case scores([Double])
  }

  public init() {}

  public init(
    lowerBounds: [Double], upperBounds: [Double], positives: [Double], negatives: [Double],
    predictions: [Double] = []
  ) {
    places = .bounds(lower: lowerBounds, upper: upperBounds)
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

  /// −∞ for the bin of scores below the range.
  ///
  /// - Complexity: O(bins), as that of ``upperBounds``.
  public var lowerBounds: [Double] {
    switch places {
    case .bounds(let lower, _): lower
    case .numbers(let numbers, let edges): numbers.map { edges[Int($0)] }
    case .scores(let scores): scores.isEmpty ? [] : [-.infinity] + scores.dropLast()
    }
  }

  /// +∞ for the bin of scores above the range.
  public var upperBounds: [Double] {
    switch places {
    case .bounds(_, let upper): upper
    case .numbers(let numbers, let edges): numbers.map { edges[Int($0) + 1] }
    case .scores(let scores): scores
    }
  }

  /// Whether the rows of a bin have one score, its upper bound; the lower one is that of the bin
  /// before.
  public var isExact: Bool { if case .scores = places { true } else { false } }
}

extension ScoreBins {
  /// Reads a bin for each distinct score of `rows`.
  mutating func read(_ rows: ArraySlice<ScoredRow>) {
    let sorted = rows.sorted(by: ScoredRow.isOrdered)
    var scores: [Double] = []
    if case .scores(let held) = places { scores = held }
    places = .scores([])
    scores.removeAll(keepingCapacity: true)
    positives.removeAll(keepingCapacity: true)
    negatives.removeAll(keepingCapacity: true)
    predictions = []
    for row in sorted {
      if scores.last != row.prediction {
        scores.append(row.prediction)
        positives.append(0)
        negatives.append(0)
      }
      let parts = ScoreRow(row.label, row.weight)
      positives[positives.count - 1] += parts.positive
      negatives[negatives.count - 1] += parts.negative
    }
    places = .scores(scores)
  }

  /// Reads the sums of `keys` at `range`, as ``BinSums/read(_:_:into:)`` says.
  fileprivate mutating func read(
    _ keys: [UInt32], _ lanes: [Int128], _ range: Range<Int>, _ edges: [Double]
  ) {
    var numbers: [UInt32] = []
    if case .numbers(let held, _) = places { numbers = held }
    places = .numbers([], edges: [])
    // No more bins than sums.
    Self.resize(&numbers, to: range.count)
    Self.resize(&positives, to: range.count)
    Self.resize(&negatives, to: range.count)
    let count = Self.fill(keys, lanes, range, &numbers, &positives, &negatives)
    Self.resize(&numbers, to: count)
    Self.resize(&positives, to: count)
    Self.resize(&negatives, to: count)
    predictions = []
    places = .numbers(numbers, edges: edges)
  }

  /// Makes `values` as many as `count`; what more there are than before are about to be written.
  private static func resize<Value: Numeric>(_ values: inout [Value], to count: Int) {
    if values.count < count {
      values.append(contentsOf: repeatElement(0, count: count - values.count))
    } else {
      values.removeLast(values.count - count)
    }
  }

  /// Fills the columns from their beginning and returns how many bins there are.
  private static func fill(
    _ keys: [UInt32], _ lanes: [Int128], _ range: Range<Int>, _ numbers: inout [UInt32],
    _ positives: inout [Double], _ negatives: inout [Double]
  ) -> Int {
    let keys = keys.span
    let lanes = lanes.span
    var numbers = numbers.mutableSpan
    var positives = positives.mutableSpan
    var negatives = negatives.mutableSpan
    // What lets the compiler drop most checks inside the loop.
    precondition(
      lanes.count == keys.count && positives.count == numbers.count
        && negatives.count == numbers.count)
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
      numbers[position] = bin
      let value = FixedPoint.value(lanes[index]).bitPattern
      let isPositive = 0 &- UInt64(key & 1)
      positive = positive & isHeld | value & isPositive
      negative = negative & isHeld | value & ~isPositive
      positives[position] = Double(bitPattern: positive)
      negatives[position] = Double(bitPattern: negative)
    }
    return position + 1
  }
}

extension BinSums {
  /// Reads a cell whose even keys are negatives and odd ones positives, both of bin `key / 2`.
  ///
  /// - Precondition: nothing of the cell is in `wide`.
  func read(_ cell: Int, _ edges: [Double], into bins: inout ScoreBins) {
    precondition(log.isEmpty, "only settled sums are read")
    bins.read(keys, lanes, segments[cell].range, edges)
  }
}
