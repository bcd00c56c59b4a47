/// Rows that have been read and not taken part in a label join, by when they do.
struct JoinQueue: Sendable {
  private struct Run {
    /// In order.
    var rows: [JoinTable.Row]
    var next = 0
  }

  /// One a chunk.
  private var runs: [Run] = []

  mutating func add(_ rows: [JoinTable.Row], _ splits: [String]) {
    guard !rows.isEmpty else { return }
    runs.append(Run(rows: rows.sorted { $0.isOrdered(before: $1, splits) }))
  }

  /// Takes out the rows that are released before `time`, in order.
  mutating func take(before time: Int64, _ splits: [String]) -> [JoinTable.Row] {
    var taken: [JoinTable.Row] = []
    var parts = 0
    for index in runs.indices {
      let rows = runs[index].rows
      var end = runs[index].next
      while end < rows.count, rows[end].release < time { end += 1 }
      guard end > runs[index].next else { continue }
      taken += rows[runs[index].next..<end]
      parts += 1
      runs[index].next = end
    }
    runs.removeAll { $0.next == $0.rows.count }
    if parts > 1 { taken.sort { $0.isOrdered(before: $1, splits) } }
    return taken
  }

  /// All rows, in no order.
  var rows: [JoinTable.Row] { runs.flatMap { $0.rows[$0.next...] } }

  /// The greatest event time there is.
  var latest: Int64? { runs.lazy.compactMap { $0.rows[$0.next...].map(\.time).max() }.max() }

  var byteCount: Int { runs.reduce(0) { $0 + $1.rows.count * MemoryLayout<JoinTable.Row>.stride } }
}
