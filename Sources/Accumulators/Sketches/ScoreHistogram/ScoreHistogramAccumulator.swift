public import ByteCoding
public import Columns

/// Exact weights of positives and negatives by bin of the prediction.
///
/// Inputs: label, prediction and, if there is one, weight, each numeric. A label y in [0, 1] adds
/// w·y to the positives and w·(1 − y) to the negatives of the prediction's bin (TFMA's rule for
/// fractional labels). Rows that cannot be used are counted and otherwise skipped. Up to
/// `exactRows` usable rows are kept as they are; one more puts all of them into the bins, so the
/// state depends on the set of rows alone.
public struct ScoreHistogramAccumulator: Accumulator {
  private let parameters: ScoreHistogramParameters
  private var usableCount: Int64 = 0
  private var unusableCount: Int64 = 0
  /// Sums by key, `lane + laneCount·bin`; lanes are negatives, positives, predictions.
  private var sums: [UInt32: ExactSum] = [:]
  /// In any order; none that weighs 0.
  private(set) var rows: [ScoredRow] = []
  /// The table of edges, from the grouped form or the first batch; no part of the state.
  private var search: BinSearch?

  public init(_ parameters: ScoreHistogramParameters) { self.parameters = parameters }

  init(
    _ parameters: ScoreHistogramParameters, _ search: BinSearch, keys: [UInt32], sums: LaneSums,
    rows: [ScoredRow], counts: ScoreCounts
  ) {
    self.parameters = parameters
    self.rows = rows
    self.search = search
    usableCount = counts.usable
    unusableCount = counts.unusable
    for (index, key) in keys.enumerated() { self.sums[key] = sums.sum(index) }
  }

  public mutating func add(_ inputs: [Column]) {
    let columns = inputs.map { NumericColumn($0).doubles }
    for row in columns[0].indices {
      let prediction = columns[1][row]
      let weight = columns.count > 2 ? columns[2][row] : 1
      guard ScoreRow.isUsable(columns[0][row], prediction, weight, parameters.labels)
      else {
        unusableCount += 1
        continue
      }
      usableCount += 1
      if weight == 0 { continue }
      rows.append(
        ScoredRow(prediction: prediction + 0, label: columns[0][row] + 0, weight: weight))
    }
    binIfMany()
  }

  private mutating func binIfMany() {
    guard usableCount > parameters.exactRows, !rows.isEmpty else { return }
    let search = search ?? BinSearch(parameters.binning)
    self.search = search
    for row in rows { bin(row, search) }
    rows = []
  }

  private mutating func bin(_ row: ScoredRow, _ search: BinSearch) {
    let weights = ScoreRow(row.label, row.weight)
    let key = search.bin(row.prediction) * parameters.laneCount
    add(weights.negative, at: key)
    add(weights.positive, at: key + 1)
    if parameters.keepsPredictions { add(row.weight * row.prediction, at: key + 2) }
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
    rows += other.rows
    binIfMany()
  }

  var counts: ScoreCounts { ScoreCounts(usable: usableCount, unusable: unusableCount) }

  /// Keys in ascending order with their sums, none 0.
  var sortedSums: [(key: UInt32, sum: ExactSum)] {
    sums.sorted { $0.key < $1.key }.filter { !$0.value.isZero }.map { ($0.key, $0.value) }
  }

  public func output() -> ScoreHistogram {
    let search = search ?? BinSearch(parameters.binning)
    var binned = self
    for row in rows { binned.bin(row, search) }
    let sorted = binned.sortedSums
    var sums = LaneSums(count: sorted.count)
    for (index, entry) in sorted.enumerated() { sums.add(entry.sum, at: index) }
    return parameters.histogram(search, keys: sorted.map(\.key), sums: sums, counts: counts)
  }

  /// Appends the canonical form; version 2 where rows may be kept.
  public func encode(into writer: inout ByteWriter) {
    writer.append(parameters.exactRows > 0 ? 2 : FormatVersion.current)
    writer.append(varint: UInt64(usableCount))
    writer.append(varint: UInt64(unusableCount))
    let sorted = sortedSums
    writer.append(varint: UInt64(sorted.count))
    for (key, sum) in sorted {
      writer.append(varint: UInt64(key))
      sum.encode(into: &writer)
    }
    guard parameters.exactRows > 0 else { return }
    writer.append(varint: UInt64(rows.count))
    for row in rows.sorted(by: ScoredRow.isOrdered) {
      writer.append(row.prediction)
      writer.append(row.label)
      writer.append(row.weight)
    }
  }

  public static func decode(
    _ parameters: ScoreHistogramParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> ScoreHistogramAccumulator {
    let version = try FormatVersion.read(from: &reader, newest: 2)
    var result = ScoreHistogramAccumulator(parameters)
    result.usableCount = Int64(truncatingIfNeeded: try reader.readVarint())
    result.unusableCount = Int64(truncatingIfNeeded: try reader.readVarint())
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      let offset = reader.offset
      let key = try reader.readVarint()
      guard key < parameters.keyCount else { throw ByteCodingError("bin \(key)", at: offset) }
      result.sums[UInt32(key)] = try ExactSum.decode(from: &reader)
    }
    guard version == 2 else { return result }
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      result.rows.append(
        ScoredRow(
          prediction: try reader.readDouble(), label: try reader.readDouble(),
          weight: try reader.readDouble()))
    }
    result.binIfMany()
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
