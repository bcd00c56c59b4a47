import Accumulators
import Dataflow

/// The states of one set of cells, with their types; made once a pane.
struct CellReader {
  let keys: KeyTable
  let sums: GroupedSums
  private let counts: GroupedCounts
  private let histograms: [Histograms]
  private let rows: [GroupedRows]
  private let drawn: [GroupedSeparately<SampleAccumulator>]
  /// Only under a slice budget.
  private let heavyKeys: GroupedHeavyKeys?

  init(_ given: GroupedStates, _ plan: EvaluationPlan) {
    let cells = plan.sampling?.completed(given) ?? given
    keys = cells.keys
    counts = cells.states(0, as: GroupedCounts.self)
    sums = cells.states(1, as: GroupedSums.self)
    let end = 2 + plan.scoreInputs.count
    histograms = (2..<end).map {
      Histograms(
        plan.scoreInputs[$0 - 2].isOfLists
          ? cells.states($0, as: GroupedElements<GroupedScoreHistograms>.self).states
          : cells.states($0, as: GroupedScoreHistograms.self))
    }
    let rowEnd = end + plan.queryInputs.count
    rows = (end..<rowEnd).map { cells.states($0, as: GroupedRows.self) }
    let sampleEnd = rowEnd + plan.samples.count
    drawn = (rowEnd..<sampleEnd).map {
      cells.states($0, as: GroupedSeparately<SampleAccumulator>.self)
    }
    heavyKeys =
      sampleEnd < cells.states.count ? cells.states(sampleEnd, as: GroupedHeavyKeys.self) : nil
  }

  /// The cells of the samples of key `index`, which follow it.
  func samples(of index: Int, _ key: [KeyValue]) -> [Int] {
    var cells: [Int] = []
    var next = index + 1
    while next < keys.count, keys[next].dropLast() == key.dropLast() {
      cells.append(next + 1)
      next += 1
    }
    return cells
  }

  /// Rows of `cell`, usable or not.
  func rowCount(_ cell: Int) -> Int64 { counts.single(cell).output() }

  /// The keys in `cell` that have the most rows, if it is that of slices beyond the budget.
  func members(_ index: Int, _ features: [String]) -> [SliceMember] {
    guard let heavyKeys, keys[index].first == .other else { return [] }
    return heavyKeys.single(index + 1).output().keys.prefix(SliceMember.mostTold).map {
      SliceMember($0, features)
    }
  }

  /// The rows of `cell` that were kept to be ranked, in ascending order.
  func keptRows(_ cell: Int, _ input: Int) -> [[Double]] { rows[input].output(cell) }

  /// What was drawn of `cell`, for each sample.
  func drawnValues(_ cell: Int) -> [[SampledValue]] {
    drawn.isEmpty ? [] : drawn.map { $0.output(cell) }
  }

  /// The scores of `cell`, exact while it has few rows, in the memory that `bins` holds.
  func readScores(_ cell: Int, model: Int, into bins: inout ScoreBins) {
    histograms[model].read(cell, into: &bins)
  }

  /// The score bins of `cell`, however few its rows are.
  func bins(_ cell: Int, model: Int) -> ScoreBins {
    var bins = ScoreBins()
    histograms[model].readBins(cell, into: &bins)
    return bins
  }
}

/// Histograms that are read once a slice; a class whose methods are called, as a struct would be
/// copied each time with all that it holds.
private final class Histograms: Sendable {
  private let states: GroupedScoreHistograms

  init(_ states: GroupedScoreHistograms) { self.states = states }

  @inline(never)
  func read(_ cell: Int, into bins: inout ScoreBins) { states.read(cell, into: &bins) }

  @inline(never)
  func readBins(_ cell: Int, into bins: inout ScoreBins) { states.readBins(cell, into: &bins) }
}
