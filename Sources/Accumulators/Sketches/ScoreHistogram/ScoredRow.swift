/// A row as a score histogram reads it, kept as it is while its cell has few.
struct ScoredRow: Hashable, Sendable {
  var prediction = 0.0
  var label = 0.0
  /// Greater than 0.
  var weight = 0.0

  /// In ascending order of prediction; the others only make the order total.
  static func isOrdered(_ one: ScoredRow, before two: ScoredRow) -> Bool {
    if one.prediction != two.prediction { return one.prediction < two.prediction }
    if one.label != two.label { return one.label < two.label }
    return one.weight < two.weight
  }
}

/// Where rows of a histogram go: to which keys of which bins, with which weights.
struct ScoreWriter {
  let search: BinSearch
  let lanes: Int
  let keepsPredictions: Bool

  init(_ search: BinSearch, _ parameters: ScoreHistogramParameters) {
    self.search = search
    lanes = parameters.laneCount
    keepsPredictions = parameters.keepsPredictions
  }

  /// Writes what a row adds to its bin from place `end` of `log` on; returns the new end.
  @inline(__always)
  func write(
    _ row: ScoredRow, _ cell: UInt32, _ log: inout MutableSpan<BinSums.Entry>, _ end: Int
  ) -> Int {
    var end = end
    let key = UInt32(truncatingIfNeeded: search.bin(row.prediction) &* lanes)
    // Labels are hard to predict: no branch on 0 or 1, so `!=` instead of `||`. What weighs 0 is
    // overwritten by the next entry.
    if (row.label == 0) != (row.label == 1) {
      let positive: UInt32 = row.label == 1 ? 1 : 0
      log[end] = BinSums.Entry(cell: cell, key: key &+ positive, value: row.weight)
      end += row.weight != 0 ? 1 : 0
    } else {
      let parts = ScoreRow(row.label, row.weight)
      log[end] = BinSums.Entry(cell: cell, key: key, value: parts.negative)
      end += parts.negative != 0 ? 1 : 0
      log[end] = BinSums.Entry(cell: cell, key: key &+ 1, value: parts.positive)
      end += parts.positive != 0 ? 1 : 0
    }
    if keepsPredictions && row.weight > 0 && row.prediction != 0 {
      log[end] = BinSums.Entry(cell: cell, key: key &+ 2, value: row.weight * row.prediction)
      end += 1
    }
    return end
  }
}
