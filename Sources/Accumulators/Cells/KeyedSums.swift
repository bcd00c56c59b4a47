/// Exact sums by cell and small integer key, sparse where few keys of a cell are in use.
///
/// Rows wait in a log that is folded into the cells when it is as long as what they hold (and at
/// least 2^16 rows), so a row costs amortised constant time however many cells.
struct KeyedSums: Sendable {
  struct Entry: CellEntry {
    var cell: UInt32 = 0
    var key: UInt32 = 0
    var value = 0.0
  }

  private static let minLogCount = 1 << 16

  private var cells: [SparseSums] = []
  /// What lanes cannot hold, by `cell << 32 | key`.
  private var wide: [UInt64: ExactSum] = [:]
  var log = CellLog<Entry>()
  /// Keys are below it; may grow.
  private(set) var keyCount = 0
  /// The place of a key in the sparse cell at hand, plus one; all 0 between cells.
  private var places: [UInt32] = []
  /// The cells that have counts which are not in their lanes, and how many keys were counted.
  private var counted: (cells: [Int], keyCount: Int) = ([], 0)
  /// Sparse entries in all cells.
  private var heldCount = 0

  var cellCount: Int { cells.count }
  private var isSettled: Bool { log.isEmpty && counted.cells.isEmpty }

  var byteCount: Int {
    cells.reduce(cells.capacity * MemoryLayout<SparseSums>.stride) { $0 + $1.byteCount }
      + log.byteCount + places.capacity * 4 + wide.count * 256
  }

  mutating func grow(to cellCount: Int) {
    guard cellCount > cells.count else { return }
    cells.append(contentsOf: repeatElement(SparseSums(), count: cellCount - cells.count))
  }

  mutating func growKeys(to keyCount: Int) {
    guard keyCount > self.keyCount else { return }
    self.keyCount = max(keyCount, self.keyCount + self.keyCount / 2)
    places.append(contentsOf: repeatElement(0, count: self.keyCount - places.count))
  }

  /// Folds the log into the cells if it is long.
  mutating func settleIfLong() {
    if log.count >= max(Self.minLogCount, heldCount) { settle() }
  }

  /// Folds the log and what was counted into the cells.
  mutating func settle() {
    settleCounts()
    guard !log.isEmpty else { return }
    var log = CellLog<Entry>()
    swap(&log, &self.log)
    log.drain(cellCount: cells.count) { cell, entries in
      update(cell, expecting: entries.count) { sums, places, wide in
        for entry in entries {
          var fits = false
          let lane = FixedPoint.lane(entry.value.bitPattern, fits: &fits)
          if !fits || !Self.add(lane, entry.key, &sums, &places) {
            wide[UInt64(cell) << 32 | UInt64(entry.key), default: ExactSum()].add(entry.value)
          }
        }
      }
    }
    swap(&log, &self.log)
  }

  /// Adds 1 to each of `keys` in one cell, at once.
  mutating func count(_ keys: [UInt32], in cell: Int) {
    guard !cells[cell].isDense else { return countDense(keys, in: cell) }
    update(cell, expecting: keys.count) { sums, places, wide in
      for key in keys where !Self.add(FixedPoint.one, key, &sums, &places) {
        wide[UInt64(cell) << 32 | UInt64(key), default: ExactSum()].add(Int64(1))
      }
    }
  }

  private mutating func countDense(_ keys: [UInt32], in cell: Int) {
    if counted.keyCount + keys.count > UInt32.max { settleCounts() }
    if cells[cell].counts.isEmpty { counted.cells.append(cell) }
    counted.keyCount += keys.count
    cells[cell].makeDense(keyCount: keyCount)
    cells[cell].count(keys)
  }

  private mutating func settleCounts() {
    for cell in counted.cells {
      for (key, count) in cells[cell].takeCounts().enumerated() where count != 0 {
        let lane = Int128(count) * FixedPoint.one
        if !Self.add(lane, UInt32(key), &cells[cell], &places) {
          wide[UInt64(cell) << 32 | UInt64(key), default: ExactSum()].add(Int64(count))
        }
      }
    }
    counted = ([], 0)
  }

  /// Adds `lane` to sum `key` of a cell whose `places` are set; whether it did.
  @inline(__always)
  private static func add(
    _ lane: Int128, _ key: UInt32, _ sums: inout SparseSums, _ places: inout [UInt32]
  ) -> Bool {
    if sums.keys.isEmpty && !sums.lanes.isEmpty {
      let (sum, overflow) = sums.lanes[Int(key)].addingReportingOverflow(lane)
      if !overflow { sums.lanes[Int(key)] = sum }
      return !overflow
    }
    let place = places[Int(key)]
    guard place != 0 else {
      sums.keys.append(key)
      sums.lanes.append(lane)
      places[Int(key)] = UInt32(truncatingIfNeeded: sums.keys.count)
      return true
    }
    let (sum, overflow) = sums.lanes[Int(place) - 1].addingReportingOverflow(lane)
    if !overflow { sums.lanes[Int(place) - 1] = sum }
    return !overflow
  }

  /// Lends the sums of one cell with `places` set for them.
  @inline(__always)
  private mutating func update(
    _ cell: Int, expecting count: Int,
    _ body: (inout SparseSums, inout [UInt32], inout [UInt64: ExactSum]) -> Void
  ) {
    var sums = SparseSums()
    swap(&sums, &cells[cell])
    heldCount -= sums.keys.count
    if sums.isDense {
      sums.makeDense(keyCount: keyCount)
    } else {
      let expected = sums.keys.count + min(count, keyCount)
      if sums.keys.capacity < expected {
        sums.keys.reserveCapacity(max(expected, 2 * sums.keys.capacity))
        sums.lanes.reserveCapacity(max(expected, 2 * sums.keys.capacity))
      }
      for (index, key) in sums.keys.enumerated() { places[Int(key)] = UInt32(index + 1) }
    }
    body(&sums, &places, &wide)
    for key in sums.keys { places[Int(key)] = 0 }
    if sums.keys.count > 64, sums.keys.count > keyCount / 4 { sums.makeDense(keyCount: keyCount) }
    heldCount += sums.keys.count
    swap(&sums, &cells[cell])
  }
}

extension KeyedSums {
  /// Which keys some cell may hold; settled sums only.
  var usedKeys: [Bool] {
    var isUsed = [Bool](repeating: false, count: keyCount)
    for cell in cells { cell.forEach { key, _ in isUsed[Int(key)] = true } }
    for place in wide.keys { isUsed[Int(place & 0xFFFF_FFFF)] = true }
    return isUsed
  }

  /// Moves `cells` out, as `GroupedAccumulator.extract` does.
  mutating func extract(_ moved: [UInt32]) -> KeyedSums {
    settle()
    var result = KeyedSums()
    result.growKeys(to: keyCount)
    result.cells.reserveCapacity(moved.count + 1)
    result.cells.append(SparseSums())
    for (index, cell) in moved.enumerated() {
      var sums = SparseSums()
      swap(&sums, &cells[Int(cell)])
      heldCount -= sums.keys.count
      result.heldCount += sums.keys.count
      if !wide.isEmpty {
        for key in wide.keys where key >> 32 == UInt64(cell) {
          result.wide[UInt64(index + 1) << 32 | key & 0xFFFF_FFFF] = wide.removeValue(forKey: key)
        }
      }
      result.cells.append(sums)
    }
    return result
  }

  /// Adds cell `i` of `other` to cell `mapping[i]`, key `k` to key `keys[k]` (or `k`).
  mutating func merge(_ other: KeyedSums, mapping: [UInt32], keys: [UInt32]? = nil) {
    precondition(other.isSettled, "only settled sums are merged")
    settle()
    if keys == nil { growKeys(to: other.keyCount) }
    let names = keys ?? []
    let order = other.cells.indices.dropFirst().filter { mapping[$0] != 0 }
      .sorted { mapping[$0] < mapping[$1] }
    var start = 0
    while start < order.count {
      let target = mapping[order[start]]
      var end = start + 1
      while end < order.count, mapping[order[end]] == target { end += 1 }
      let sources = order[start..<end]
      let expected = sources.reduce(0) { $0 + other.cells[$1].lanes.count }
      update(Int(target), expecting: expected) { sums, places, wide in
        for source in sources {
          other.cells[source].forEach { key, lane in
            let key = names.isEmpty ? key : names[Int(key)]
            if !Self.add(lane, key, &sums, &places) {
              wide[UInt64(target) << 32 | UInt64(key), default: ExactSum()]
                .add(lane, exponent: FixedPoint.exponent)
            }
          }
        }
      }
      start = end
    }
    for (place, sum) in other.wide where mapping[Int(place >> 32)] != 0 {
      let held = UInt32(truncatingIfNeeded: place)
      let key = names.isEmpty ? held : names[Int(held)]
      wide[UInt64(mapping[Int(place >> 32)]) << 32 | UInt64(key), default: ExactSum()].merge(sum)
    }
  }

  /// Adds `sum` to one key of one cell.
  mutating func add(_ sum: ExactSum, _ key: UInt32, to cell: UInt32) {
    wide[UInt64(cell) << 32 | UInt64(key), default: ExactSum()].merge(sum)
  }

  /// The keys of a settled cell in ascending order and their sums, those that are 0 left out.
  func sums(_ cell: Int) -> (keys: [UInt32], sums: LaneSums) {
    precondition(isSettled, "only settled sums are read")
    var held: [(key: UInt32, lane: Int128)] = []
    cells[cell].forEach { held.append(($0, $1)) }
    let apart =
      wide.isEmpty
      ? []
      : wide.keys.filter { $0 >> 32 == UInt64(cell) }.map { UInt32(truncatingIfNeeded: $0) }
    let known = Set(apart.isEmpty ? [] : held.map(\.key))
    for key in apart where !known.contains(key) { held.append((key, 0)) }
    if !cells[cell].isDense || !apart.isEmpty { held.sort { $0.key < $1.key } }
    var sums = LaneSums()
    var keys: [UInt32] = []
    keys.reserveCapacity(held.count)
    sums.lanes.reserveCapacity(held.count)
    for (key, lane) in held {
      let more = wide.isEmpty ? nil : wide[UInt64(cell) << 32 | UInt64(key)]
      if lane == 0 && more == nil { continue }
      sums.lanes.append(lane)
      if let more { sums.wide[keys.count] = more }
      keys.append(key)
      if more != nil, sums.isZero(keys.count - 1) {
        sums.lanes.removeLast()
        sums.wide[keys.count - 1] = nil
        keys.removeLast()
      }
    }
    return (keys, sums)
  }
}
