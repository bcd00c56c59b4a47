import Accumulators
import Dataflow

/// The states of one set of cells, with their types; made once a pane.
struct CellReader {
  let keys: KeyTable
  let sums: GroupedSums
  private let counts: GroupedCounts
  private let histograms: [GroupedScoreHistograms]
  private let rows: [GroupedRows]

  init(_ given: GroupedStates, _ plan: EvaluationPlan) {
    let cells = plan.sampling?.completed(given) ?? given
    keys = cells.keys
    counts = cells.states(0, as: GroupedCounts.self)
    sums = cells.states(1, as: GroupedSums.self)
    let end = 2 + plan.scoreInputs.count
    histograms = (2..<end).map { cells.states($0, as: GroupedScoreHistograms.self) }
    rows = (end..<cells.states.count).map { cells.states($0, as: GroupedRows.self) }
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

  /// The rows of `cell` that were kept to be ranked, in ascending order.
  func keptRows(_ cell: Int, _ input: Int) -> [[Double]] { rows[input].output(cell) }

  func scores(_ cell: Int, model: Int) -> ScoreBins {
    var bins = ScoreBins()
    readScores(cell, model: model, into: &bins)
    return bins
  }

  /// What `scores` returns, in the memory that `bins` holds.
  func readScores(_ cell: Int, model: Int, into bins: inout ScoreBins) {
    histograms[model].read(cell, into: &bins)
  }
}
