import Accumulators
import Dataflow

/// The ranked queries of a pane.
///
/// A query belongs to a slice if any of its rows does, and then all its rows count, as in TFMA; so
/// slices tell which queries, and the cell of all rows tells what is in them.
struct QueryTable {
  /// By the key of the query; shape `[query inputs]`.
  private var known: [[Double: RankedQuery]] = []

  init(_ cells: [CellReader], _ plan: EvaluationPlan) {
    guard !plan.queryInputs.isEmpty, let step = plan.slices.overallStep else { return }
    let all = cells[step]
    known = plan.queryInputs.indices.map { input in
      guard all.keys.count > 0 else { return [:] }
      return Dictionary(
        uniqueKeysWithValues: RankedQuery.queries(all.keptRows(1, input)).map { ($0.key, $0) }
      )
    }
  }

  /// The queries of one cell for each of the query inputs, in the order of their keys.
  func queries(of cell: Int, in reader: CellReader) -> [[RankedQuery]] {
    known.indices.map { input in
      var last: Double?
      return reader.keptRows(cell, input).compactMap { row in
        if row[0] == last { return nil }
        last = row[0]
        return known[input][row[0]]
      }
    }
  }
}
