/// The rows of one query, the greatest prediction first.
///
/// Of equal predictions the row with the lesser gain, then label, comes first: ties count against
/// the model, and the order of arrival does not matter. (TFMA takes the later row first.)
struct RankedQuery: Sendable {
  struct Row: Sendable {
    var prediction: Double
    var label: Double
    var gain: Double
  }

  /// What identifies the query.
  let key: Double
  let rows: [Row]
  /// The greatest weight of its rows, which should be equal.
  let weight: Double

  /// What a kept row of ``columns`` numbers is: query, prediction, gain, label, weight.
  static let columns = 5

  /// The queries of `rows`, which are in ascending order.
  static func queries(_ rows: [[Double]]) -> [RankedQuery] {
    var queries: [RankedQuery] = []
    var start = 0
    while start < rows.count {
      var end = start + 1
      while end < rows.count, rows[end][0] == rows[start][0] { end += 1 }
      queries.append(RankedQuery(rows[start..<end]))
      start = end
    }
    return queries
  }

  init(key: Double = 0, rows: [Row], weight: Double) {
    self.key = key
    self.rows = rows
    self.weight = weight
  }

  private init(_ rows: ArraySlice<[Double]>) {
    key = rows.first?[0] ?? 0
    self.rows = rows.map { Row(prediction: $0[1], label: $0[3], gain: $0[2]) }.sorted {
      if $0.prediction != $1.prediction { return $0.prediction > $1.prediction }
      return ($0.gain, $0.label) < ($1.gain, $1.label)
    }
    weight = rows.reduce(0) { max($0, $1[4]) }
  }

  /// How much label is in `cell` when the rows of the `k` greatest predictions are called positive.
  func count(of cell: ConfusionCell, k: Int) -> Double {
    let rows = cell == .tp || cell == .fp ? rows.prefix(k) : rows.dropFirst(k)
    return rows.reduce(0) { sum, row in
      sum + (cell == .tp || cell == .fn ? row.label : 1 - row.label)
    }
  }
}
