/// An entry of a ``CellLog``: what is to be added to a cell later.
protocol CellEntry: Sendable {
  var cell: UInt32 { get }
  init()
}

/// Rows waiting to be added to their cells, so that each cell's rows are added together.
///
/// Writing to the log costs a sequential store a row; scattered access to cell states is paid once
/// a cell and drain.
struct CellLog<Entry: CellEntry>: Sendable {
  private var entries: [Entry] = []
  /// Kept between drains, as memory fresh from the system is slow.
  private var sorted: [Entry] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }
  var byteCount: Int { (entries.count + sorted.count) * MemoryLayout<Entry>.stride }

  /// Makes room for `more` entries and lends the space after those held; `write` returns how many
  /// it filled.
  @inline(__always)
  mutating func append(_ more: Int, _ write: (inout MutableSpan<Entry>, Int) -> Int) {
    if count + more > entries.count {
      let target = max(1024, 2 * entries.count, count + more)
      entries.append(contentsOf: repeatElement(Entry(), count: target - entries.count))
    }
    let start = count
    var span = entries.mutableSpan
    let end = write(&span, start)
    precondition(end >= start && end <= start + more, "\(end - start) entries of \(more)")
    count = end
  }

  /// Empties the log and calls `body` for each cell with its entries, in ascending cell order, the
  /// discard cell left out.
  mutating func drain(cellCount: Int, _ body: (Int, ArraySlice<Entry>) -> Void) {
    guard count > 0 else { return }
    sortByCell(cellCount)
    let sortedCount = count
    count = 0
    var start = 0
    while start < sortedCount {
      let cell = sorted[start].cell
      var end = start + 1
      while end < sortedCount, sorted[end].cell == cell { end += 1 }
      if cell != 0 { body(Int(cell), sorted[start..<end]) }
      start = end
    }
  }

  private mutating func sortByCell(_ cellCount: Int) {
    if count < cellCount / 8 {
      sorted = entries[..<count].sorted { $0.cell < $1.cell }
      return
    }
    if sorted.count < count { sorted = [Entry](repeating: Entry(), count: entries.count) }
    var ends = [Int](repeating: 0, count: cellCount + 1)
    for index in 0..<count { ends[Int(entries[index].cell) + 1] += 1 }
    for cell in 0..<cellCount { ends[cell + 1] += ends[cell] }
    for index in 0..<count {
      let entry = entries[index]
      sorted[ends[Int(entry.cell)]] = entry
      ends[Int(entry.cell)] += 1
    }
  }
}
