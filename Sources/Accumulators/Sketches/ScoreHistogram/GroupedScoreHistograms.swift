public import Columns

/// Score histograms by cell; the grouped form of ``ScoreHistogramAccumulator``.
///
/// A row writes a label's weight and its bin to a log; bins are summed by cell when the log is
/// long or cells are taken out.
public struct GroupedScoreHistograms: GroupedAccumulator {
  private let parameters: ScoreHistogramParameters
  private let search: BinSearch
  private var sums: BinSums
  private var counts: [ScoreCounts] = []

  public init(_ parameters: ScoreHistogramParameters) {
    self.init(parameters, BinSearch(parameters.binning))
  }

  private init(_ parameters: ScoreHistogramParameters, _ search: BinSearch) {
    self.parameters = parameters
    self.search = search
    sums = BinSums(keyCount: parameters.keyCount)
  }

  public var cellCount: Int { counts.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > counts.count else { return }
    counts.append(contentsOf: repeatElement(ScoreCounts(), count: cellCount - counts.count))
    sums.grow(to: cellCount)
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    if uniform == 0 { return }
    let labels = NumericColumn(inputs[0]).doubles
    let predictions = NumericColumn(inputs[1]).doubles
    let weights = inputs.count > 2 ? NumericColumn(inputs[2]).doubles : []
    precondition(
      labels.count == cells.count && predictions.count == cells.count
        && (weights.isEmpty || weights.count == cells.count), "columns differ in length")
    let search = search
    let lanes = parameters.laneCount
    let keeps = parameters.keepsPredictions
    let range = parameters.labels
    var log = CellLog<BinSums.Entry>()
    swap(&log, &sums.log)
    var counts = counts.mutableSpan
    log.append(cells.count * lanes) { log, start in
      var end = start
      for row in cells.indices {
        let cell = cells[row]
        let prediction = predictions[row]
        let weight = weights.isEmpty ? 1 : weights[row]
        guard ScoreRow.isUsable(labels[row], prediction, weight, range) else {
          counts[Int(cell)].unusable += 1
          continue
        }
        counts[Int(cell)].usable += 1
        let key = UInt32(truncatingIfNeeded: search.bin(prediction) &* lanes)
        // Labels are hard to predict: no branch on 0 or 1, so `!=` instead of `||`. What weighs 0
        // is overwritten by the next entry.
        let label = labels[row]
        if (label == 0) != (label == 1) {
          let positive: UInt32 = label == 1 ? 1 : 0
          log[end] = BinSums.Entry(cell: cell, key: key &+ positive, value: weight)
          end += weight != 0 ? 1 : 0
        } else {
          let parts = ScoreRow(label, weight)
          log[end] = BinSums.Entry(cell: cell, key: key, value: parts.negative)
          end += parts.negative != 0 ? 1 : 0
          log[end] = BinSums.Entry(cell: cell, key: key &+ 1, value: parts.positive)
          end += parts.positive != 0 ? 1 : 0
        }
        if keeps && weight > 0 && prediction != 0 {
          log[end] = BinSums.Entry(cell: cell, key: key &+ 2, value: weight * prediction)
          end += 1
        }
      }
      return end
    }
    swap(&log, &sums.log)
    sums.settleIfLong()
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedScoreHistograms {
    var result = GroupedScoreHistograms(parameters, search)
    result.sums = sums.extract(cells)
    result.counts = [ScoreCounts()] + cells.map { counts[Int($0)] }
    for cell in cells { counts[Int(cell)] = ScoreCounts() }
    return result
  }

  public mutating func merge(_ other: GroupedScoreHistograms, mapping: [UInt32]) {
    for cell in other.counts.indices.dropFirst() {
      counts[Int(mapping[cell])].usable += other.counts[cell].usable
      counts[Int(mapping[cell])].unusable += other.counts[cell].unusable
    }
    sums.merge(other.sums, mapping: mapping)
  }

  public func single(_ cell: Int) -> ScoreHistogramAccumulator {
    let (keys, sums) = sums.sums(cell)
    return ScoreHistogramAccumulator(
      parameters, search, keys: keys, sums: sums, counts: counts[cell])
  }

  /// What `single(cell).output()` returns, without the detour.
  public func output(_ cell: Int) -> ScoreHistogram {
    let (keys, sums) = sums.sums(cell)
    return parameters.histogram(search, keys: keys, sums: sums, counts: counts[cell])
  }

  /// Reads the bins of `output(cell)` into the memory that `bins` holds.
  public func read(_ cell: Int, into bins: inout ScoreBins) {
    if !sums.wide.isEmpty || parameters.keepsPredictions {
      bins = ScoreBins(output(cell))
    } else {
      sums.read(cell, search.bounds, into: &bins)
    }
  }

  public mutating func merge(single: ScoreHistogramAccumulator, into cell: UInt32) {
    counts[Int(cell)].usable += single.counts.usable
    counts[Int(cell)].unusable += single.counts.unusable
    sums.merge(single.sortedSums, into: cell)
  }

  public var byteCount: Int { sums.byteCount + counts.capacity * 16 }

  /// 16 bytes a bin and label, 20 while few bins are in use.
  public static func byteBound(
    _ parameters: ScoreHistogramParameters, distinctCount: Int
  ) -> Int {
    min(parameters.keyCount, 3 * max(0, distinctCount)) * 20 + 64
  }
}
