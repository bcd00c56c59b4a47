/// What the definition of sessions says of random rows: with nothing of the engine's.
struct NaiveSessions {
  struct Row {
    /// Seconds.
    var time: Int64
    var user: String?
    var value: Int64
  }

  struct Session: Hashable {
    var user: String?
    var start: Int64
    var end: Int64
  }

  struct Sum: Hashable {
    var count: Int64
    var total: Int64
  }

  private struct Admitted {
    var row: Row
    /// The watermark of its own file before it is past the row.
    var isBehind: Bool
  }

  private(set) var sessions: [Session: Sum] = [:]
  /// The sessions that the rows which are not behind make alone.
  private(set) var sessionsOnTime: [Session: Sum] = [:]
  private(set) var lateCount = 0

  /// Merges the windows of all rows that are not late for one of their own.
  init(_ files: [[Row]], gap: Int64, lateness: Int64, outOfOrderness: Int64) {
    var rows: [Admitted] = []
    for file in files {
      var greatest = Int64.min / 2
      for row in file {
        let watermark = greatest - outOfOrderness
        greatest = max(greatest, row.time)
        if watermark >= row.time + gap + lateness {
          lateCount += 1
        } else {
          rows.append(Admitted(row: row, isBehind: watermark > row.time))
        }
      }
    }
    sessions = Self.merged(rows.map(\.row), gap)
    sessionsOnTime = Self.merged(rows.filter { !$0.isBehind }.map(\.row), gap)
  }

  private static func merged(_ rows: [Row], _ gap: Int64) -> [Session: Sum] {
    var result: [Session: Sum] = [:]
    for (user, rows) in Dictionary(grouping: rows, by: \.user) {
      var current: (session: Session, sum: Sum)?
      for row in rows.sorted(by: { $0.time < $1.time }) {
        if let open = current, row.time < open.session.end {
          current?.session.end = max(open.session.end, row.time + gap)
          current?.sum.count += 1
          current?.sum.total += row.value
          continue
        }
        if let done = current { result[done.session] = done.sum }
        current = (
          Session(user: user, start: row.time, end: row.time + gap),
          Sum(count: 1, total: row.value)
        )
      }
      if let done = current { result[done.session] = done.sum }
    }
    return result
  }
}
