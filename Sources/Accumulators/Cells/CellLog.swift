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
  /// Where the entries of each cell end in `sorted`, if they were counted.
  private var ends: [Int] = []

  var isEmpty: Bool { count == 0 }
  var byteCount: Int {
    (entries.count + sorted.count) * MemoryLayout<Entry>.stride + ends.count * 8
  }

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
  ///
  /// If at least half of the entries are those of `mainly`, the others stay in the log; sorting them
  /// again costs no more than what was sorted for good.
  mutating func drain(
    cellCount: Int, mainly cells: [UInt32] = [], _ body: (Int, ArraySlice<Entry>) -> Void
  ) {
    guard count > 0 else { return }
    sortByCell(cellCount)
    let sortedCount = count
    let wanted = marks(of: cells, cellCount)
    count = 0
    var start = 0
    while start < sortedCount {
      let cell = sorted[start].cell
      var end = start + 1
      while end < sortedCount, sorted[end].cell == cell { end += 1 }
      if cell != 0 {
        if wanted.isEmpty || wanted[Int(cell)] {
          body(Int(cell), sorted[start..<end])
        } else {
          keep(start..<end)
        }
      }
      start = end
    }
  }

  /// Puts what was sorted to `range` into the log again.
  private mutating func keep(_ range: Range<Int>) {
    for index in range {
      entries[count] = sorted[index]
      count += 1
    }
  }

  /// Which cells are those of `cells`, if these have at least half of the entries; else none.
  private func marks(of cells: [UInt32], _ cellCount: Int) -> [Bool] {
    if ends.isEmpty || cells.isEmpty { return [] }
    var marks = [Bool](repeating: false, count: cellCount)
    var heldCount = 0
    for cell in cells {
      marks[Int(cell)] = true
      heldCount += ends[Int(cell)] - (cell == 0 ? 0 : ends[Int(cell) - 1])
    }
    return 2 * heldCount >= count ? marks : []
  }

  private mutating func sortByCell(_ cellCount: Int) {
    if count < cellCount / 8 {
      sorted = entries[..<count].sorted { $0.cell < $1.cell }
      ends = []
      return
    }
    if sorted.count < count { sorted = [Entry](repeating: Entry(), count: entries.count) }
    // Out of `self`, so that nothing is asked of it once an entry.
    var (ends, sorted) = ([Int](repeating: 0, count: cellCount + 1), [Entry]())
    swap(&sorted, &self.sorted)
    Self.sort(entries.span, count, into: &sorted, &ends)
    swap(&sorted, &self.sorted)
    self.ends = ends
  }

  /// Sorts the first `count` entries, as many as there are of each cell counted into `ends`.
  private static func sort(
    _ entries: Span<Entry>, _ count: Int, into sorted: inout [Entry], _ ends: inout [Int]
  ) {
    var sorted = sorted.mutableSpan
    var ends = ends.mutableSpan
    for index in 0..<count { ends[Int(entries[index].cell) + 1] += 1 }
    for cell in 1..<ends.count { ends[cell] += ends[cell - 1] }
    for index in 0..<count {
      let entry = entries[index]
      let place = ends[Int(entry.cell)]
      sorted[place] = entry
      ends[Int(entry.cell)] = place + 1
    }
  }
}
