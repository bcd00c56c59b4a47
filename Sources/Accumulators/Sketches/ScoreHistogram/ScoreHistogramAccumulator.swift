public import ByteCoding
public import Columns

/// Exact weights of positives and negatives by bin of the prediction.
///
/// Inputs: label, prediction and, if there is one, weight, each numeric. A label y in [0, 1] adds
/// w·y to the positives and w·(1 − y) to the negatives of the prediction's bin (TFMA's rule for
/// fractional labels). Rows that cannot be used are counted and otherwise skipped.
public struct ScoreHistogramAccumulator: Accumulator {
  private let parameters: ScoreHistogramParameters
  private var usableCount: Int64 = 0
  private var unusableCount: Int64 = 0
  /// Sums by key, `lane + laneCount·bin`; lanes are negatives, positives, predictions.
  private var sums: [UInt32: ExactSum] = [:]
  /// The table of edges, from the grouped form or the first batch; no part of the state.
  private var search: BinSearch?

  public init(_ parameters: ScoreHistogramParameters) { self.parameters = parameters }

  init(
    _ parameters: ScoreHistogramParameters, _ search: BinSearch, keys: [UInt32], sums: LaneSums,
    counts: ScoreCounts
  ) {
    self.parameters = parameters
    self.search = search
    usableCount = counts.usable
    unusableCount = counts.unusable
    for (index, key) in keys.enumerated() { self.sums[key] = sums.sum(index) }
  }

  public mutating func add(_ inputs: [Column]) {
    let columns = inputs.map { NumericColumn($0).doubles }
    let search = search ?? BinSearch(parameters.binning)
    self.search = search
    for row in columns[0].indices {
      let prediction = columns[1][row]
      let weight = columns.count > 2 ? columns[2][row] : 1
      guard ScoreRow.isUsable(columns[0][row], prediction, weight, parameters.labels)
      else {
        unusableCount += 1
        continue
      }
      let weights = ScoreRow(columns[0][row], weight)
      usableCount += 1
      let key = search.bin(prediction) * parameters.laneCount
      add(weights.negative, at: key)
      add(weights.positive, at: key + 1)
      if parameters.keepsPredictions && weight > 0 { add(weight * prediction, at: key + 2) }
    }
  }

  private mutating func add(_ value: Double, at key: Int) {
    if value != 0 { sums[UInt32(key), default: ExactSum()].add(value) }
  }

  public mutating func merge(_ other: ScoreHistogramAccumulator) {
    usableCount += other.usableCount
    unusableCount += other.unusableCount
    sums.merge(other.sums) { one, two in
      var sum = one
      sum.merge(two)
      return sum
    }
  }

  var counts: ScoreCounts { ScoreCounts(usable: usableCount, unusable: unusableCount) }

  /// Keys in ascending order with their sums, none 0.
  var sortedSums: [(key: UInt32, sum: ExactSum)] {
    sums.sorted { $0.key < $1.key }.filter { !$0.value.isZero }.map { ($0.key, $0.value) }
  }

  public func output() -> ScoreHistogram {
    let sorted = sortedSums
    var sums = LaneSums(count: sorted.count)
    for (index, entry) in sorted.enumerated() { sums.add(entry.sum, at: index) }
    return parameters.histogram(
      search ?? BinSearch(parameters.binning), keys: sorted.map(\.key), sums: sums,
      counts: counts)
  }

  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    writer.append(varint: UInt64(usableCount))
    writer.append(varint: UInt64(unusableCount))
    let sorted = sortedSums
    writer.append(varint: UInt64(sorted.count))
    for (key, sum) in sorted {
      writer.append(varint: UInt64(key))
      sum.encode(into: &writer)
    }
  }

  public static func decode(
    _ parameters: ScoreHistogramParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> ScoreHistogramAccumulator {
    try FormatVersion.read(from: &reader)
    var result = ScoreHistogramAccumulator(parameters)
    result.usableCount = Int64(truncatingIfNeeded: try reader.readVarint())
    result.unusableCount = Int64(truncatingIfNeeded: try reader.readVarint())
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      let offset = reader.offset
      let key = try reader.readVarint()
      guard key < parameters.keyCount else { throw ByteCodingError("bin \(key)", at: offset) }
      result.sums[UInt32(key)] = try ExactSum.decode(from: &reader)
    }
    return result
  }
}

/// Rows seen by one histogram.
struct ScoreCounts: Hashable, Sendable {
  var usable: Int64 = 0
  var unusable: Int64 = 0
}

extension ScoreHistogramParameters {
  /// The histogram of `sums`, by ascending key.
  func histogram(
    _ search: BinSearch, keys: [UInt32], sums: LaneSums, counts: ScoreCounts
  ) -> ScoreHistogram {
    var bins: [ScoreHistogram.Bin] = []
    var totals = LaneSums(count: 3)
    for (index, key) in keys.enumerated() {
      let (bin, lane) = Int(key).quotientAndRemainder(dividingBy: laneCount)
      if bins.last?.index != bin {
        bins.append(
          ScoreHistogram.Bin(
            index: bin, lowerBound: search.bounds[bin], upperBound: search.bounds[bin + 1],
            positives: 0, negatives: 0, predictions: 0))
      }
      let value = sums.value(index)
      switch lane {
      case 0: bins[bins.count - 1].negatives = value
      case 1: bins[bins.count - 1].positives = value
      default: bins[bins.count - 1].predictions = value
      }
      totals.merge(sums, index, into: lane)
    }
    return ScoreHistogram(
      bins: bins, totalPositives: totals.value(1), totalNegatives: totals.value(0),
      totalPredictions: totals.value(2), unusableCount: counts.unusable,
      usableCount: counts.usable)
  }
}
