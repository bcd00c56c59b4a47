/// Rows by cell, for cells that have few of them.
///
/// Rows wait in a log. Those of a cell lie together in an arena, with room to grow; a list that
/// outgrows its room moves to the end, and the arena is compacted when less than half of it is held.
struct ScoreRowLists: Sendable {
  struct Entry: CellEntry {
    var cell: UInt32 = 0
    var row = ScoredRow()
  }

  private struct Segment: Sendable {
    var start = 0
    var count = 0
    var room = 0
  }

  private static let minLogCount = 1 << 16

  private var segments: [Segment] = []
  /// The arena, up to `end`.
  private var rows: [ScoredRow] = []
  private var end = 0
  private var heldCount = 0
  var log = CellLog<Entry>()

  /// Whether the log is worth being settled.
  var isLogLong: Bool { log.count >= max(Self.minLogCount, heldCount) }

  /// Whether no cell has rows outside the log.
  var isEmpty: Bool { heldCount == 0 }

  var byteCount: Int {
    segments.capacity * MemoryLayout<Segment>.stride
      + rows.capacity * MemoryLayout<ScoredRow>.stride + log.byteCount
  }

  mutating func grow(to cellCount: Int) {
    guard cellCount > segments.count else { return }
    segments.append(contentsOf: repeatElement(Segment(), count: cellCount - segments.count))
  }

  func count(_ cell: Int) -> Int { segments[cell].count }

  /// The rows of a cell, in any order.
  func list(_ cell: Int) -> ArraySlice<ScoredRow> {
    rows[segments[cell].start..<segments[cell].start + segments[cell].count]
  }

  mutating func append(_ entries: ArraySlice<Entry>, to cell: Int) {
    var place = makeRoom(entries.count, in: cell)
    var span = rows.mutableSpan
    for entry in entries {
      span[place] = entry.row
      place += 1
    }
  }

  mutating func append(_ more: ArraySlice<ScoredRow>, to cell: Int) {
    var place = makeRoom(more.count, in: cell)
    var span = rows.mutableSpan
    for row in more {
      span[place] = row
      place += 1
    }
  }

  mutating func clear(_ cell: Int) {
    heldCount -= segments[cell].count
    segments[cell] = Segment()
    if heldCount == 0 { end = 0 }
  }

  /// Moves `cells` out, as `GroupedAccumulator.extract` does; the log is not looked at.
  mutating func extract(_ moved: [UInt32]) -> ScoreRowLists {
    var result = ScoreRowLists()
    result.grow(to: moved.count + 1)
    result.rows.reserveCapacity(moved.reduce(0) { $0 + segments[Int($1)].count })
    for (index, cell) in moved.enumerated() where segments[Int(cell)].count > 0 {
      let held = list(Int(cell))
      result.segments[index + 1] = Segment(
        start: result.rows.count, count: held.count, room: held.count)
      result.rows.append(contentsOf: held)
      clear(Int(cell))
    }
    result.end = result.rows.count
    result.heldCount = result.end
    return result
  }

  /// Counts `more` rows to those of `cell`; where the first of them belongs.
  private mutating func makeRoom(_ more: Int, in cell: Int) -> Int {
    let count = segments[cell].count + more
    if count > segments[cell].room { move(cell, toRoomFor: count) }
    defer {
      segments[cell].count = count
      heldCount += more
    }
    return segments[cell].start + segments[cell].count
  }

  private mutating func move(_ cell: Int, toRoomFor count: Int) {
    let room = max(count, 2 * segments[cell].room)
    if end + room > rows.count {
      if 2 * heldCount < end { compact() }
      let target = max(256, 2 * rows.count, end + room)
      rows.append(contentsOf: repeatElement(ScoredRow(), count: target - rows.count))
    }
    let held = segments[cell]
    segments[cell] = Segment(start: end, count: held.count, room: room)
    let start = end
    end += room
    var span = rows.mutableSpan
    for index in 0..<held.count { span[start + index] = span[held.start + index] }
  }

  private mutating func compact() {
    var packed: [ScoredRow] = []
    packed.reserveCapacity(rows.count)
    for cell in segments.indices where segments[cell].count > 0 {
      let held = list(cell)
      segments[cell] = Segment(start: packed.count, count: held.count, room: held.count)
      packed.append(contentsOf: held)
    }
    end = packed.count
    rows = packed
  }
}
