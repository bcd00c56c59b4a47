import Accumulators
import Dataflow

/// The states of one set of cells, with their types; made once a pane.
struct CellReader {
  let keys: KeyTable
  let sums: GroupedSums
  private let counts: GroupedCounts
  private let histograms: [GroupedScoreHistograms]

  init(_ cells: GroupedStates) {
    keys = cells.keys
    counts = cells.states(0, as: GroupedCounts.self)
    sums = cells.states(1, as: GroupedSums.self)
    histograms = (2..<cells.states.count).map { cells.states($0, as: GroupedScoreHistograms.self) }
  }

  /// Rows of `cell`, usable or not.
  func rowCount(_ cell: Int) -> Int64 { counts.single(cell).output() }

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
