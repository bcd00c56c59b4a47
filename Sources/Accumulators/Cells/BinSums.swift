/// Exact sums by cell and small integer key, the keys of a cell in ascending order.
///
/// Rows wait in a log that is folded into the cells when it is as long as what they hold (and at
/// least 2^16 rows). The sums of a cell lie together in an arena; those of a cell that changes move
/// to its end, and the arena is compacted when less than half of it is in use. A row thus costs
/// amortised constant time, and a cell no allocation of its own.
struct BinSums: Sendable {
  typealias Entry = KeyedSums.Entry

  /// Where the sums of a cell lie in the arena.
  struct Segment: Sendable {
    var start = 0
    var count = 0

    var range: Range<Int> { start..<start + count }
  }

  private static let minLogCount = 1 << 16

  /// Keys are below it.
  let keyCount: Int
  private(set) var segments: [Segment] = []
  /// The arena, up to `end`: keys, and what they sum to in multiples of 2^-90.
  private(set) var keys: [UInt32] = []
  private(set) var lanes: [Int128] = []
  private var end = 0
  private var heldCount = 0
  /// What lanes cannot hold, by `cell << 32 | key`; the cell has a lane for the key as well.
  private(set) var wide: [UInt64: ExactSum] = [:]
  var log = CellLog<Entry>()

  init(keyCount: Int) { self.keyCount = keyCount }

  var byteCount: Int {
    segments.capacity * MemoryLayout<Segment>.stride + keys.capacity * 4 + lanes.capacity * 16
      + log.byteCount + wide.count * 256
  }

  mutating func grow(to cellCount: Int) {
    guard cellCount > segments.count else { return }
    segments.append(contentsOf: repeatElement(Segment(), count: cellCount - segments.count))
  }

  /// Folds the log into the cells if it is long.
  mutating func settleIfLong() {
    if log.count >= max(Self.minLogCount, heldCount) { settle() }
  }

  /// Folds the log into the cells; only into `cells`, if they have at least half of it.
  mutating func settle(mainly cells: [UInt32] = []) {
    guard !log.isEmpty else { return }
    var log = CellLog<Entry>()
    swap(&log, &self.log)
    var scratch = BinScratch(keyCount: keyCount)
    log.drain(cellCount: segments.count, mainly: cells) { cell, entries in
      let held = segments[cell]
      makeRoom(min(keyCount, held.count + entries.count))
      scratch.add(entries, cell, &wide)
      scratch.add(keys, lanes, segments[cell].range, cell, &wide)
      put(&scratch, into: cell)
    }
    swap(&log, &self.log)
  }

  /// Makes room in the arena for `count` more sums.
  private mutating func makeRoom(_ count: Int) {
    guard end + count > keys.count else { return }
    if 2 * heldCount < end { compact() }
    guard end + count > keys.count else { return }
    // No shorter than the list of cells, so that compacting costs constant time a sum.
    let target = max(1024, segments.count, 2 * keys.count, end + count)
    keys.append(contentsOf: repeatElement(0, count: target - keys.count))
    lanes.append(contentsOf: repeatElement(0, count: target - lanes.count))
  }

  private mutating func compact() {
    var packedKeys: [UInt32] = []
    var packedLanes: [Int128] = []
    packedKeys.reserveCapacity(keys.count)
    packedLanes.reserveCapacity(keys.count)
    for cell in segments.indices where segments[cell].count > 0 {
      let range = segments[cell].range
      segments[cell].start = packedKeys.count
      packedKeys.append(contentsOf: keys[range])
      packedLanes.append(contentsOf: lanes[range])
    }
    end = packedKeys.count
    packedKeys.append(contentsOf: repeatElement(0, count: keys.count - end))
    packedLanes.append(contentsOf: repeatElement(0, count: lanes.count - end))
    keys = packedKeys
    lanes = packedLanes
  }

  /// Replaces the sums of `cell`; there is room.
  private mutating func put(_ scratch: inout BinScratch, into cell: Int) {
    let start = end
    end = scratch.drain(into: &keys, &lanes, at: start)
    heldCount += end - start - segments[cell].count
    segments[cell] = Segment(start: start, count: end - start)
  }
}

extension BinSums {
  /// Moves `cells` out, as `GroupedAccumulator.extract` does.
  mutating func extract(_ moved: [UInt32]) -> BinSums {
    settle(mainly: moved)
    var result = BinSums(keyCount: keyCount)
    result.segments.reserveCapacity(moved.count + 1)
    result.segments.append(Segment())
    let count = moved.reduce(0) { $0 + segments[Int($1)].count }
    result.keys.reserveCapacity(count)
    result.lanes.reserveCapacity(count)
    for (index, cell) in moved.enumerated() {
      let segment = segments[Int(cell)]
      result.segments.append(Segment(start: result.keys.count, count: segment.count))
      result.keys.append(contentsOf: keys[segment.range])
      result.lanes.append(contentsOf: lanes[segment.range])
      segments[Int(cell)] = Segment()
      guard !wide.isEmpty else { continue }
      for place in wide.keys where place >> 32 == UInt64(cell) {
        result.wide[UInt64(index + 1) << 32 | place & 0xFFFF_FFFF] = wide.removeValue(forKey: place)
      }
    }
    heldCount -= count
    if heldCount == 0 { end = 0 }
    result.end = count
    result.heldCount = count
    return result
  }

  /// Adds cell `i` of `other` to cell `mapping[i]`.
  mutating func merge(_ other: BinSums, mapping: [UInt32]) {
    precondition(other.log.isEmpty, "only settled sums are merged")
    settle()
    // The cells of `other` by target, as chains that end in 0.
    var first = [Int](repeating: 0, count: segments.count)
    var next = [Int](repeating: 0, count: other.segments.count)
    for source in other.segments.indices.dropFirst().reversed()
    where mapping[source] != 0 && other.segments[source].count > 0 {
      next[source] = first[Int(mapping[source])]
      first[Int(mapping[source])] = source
    }
    // Room for all at once: growing bit by bit would copy what is there.
    var room = 0
    for target in first.indices where first[target] != 0 {
      var count = segments[target].count
      var source = first[target]
      while source != 0 {
        count += other.segments[source].count
        source = next[source]
      }
      room += min(keyCount, count)
    }
    makeRoom(room)
    var scratch = BinScratch(keyCount: keyCount)
    for target in first.indices where first[target] != 0 {
      scratch.add(keys, lanes, segments[target].range, target, &wide)
      var source = first[target]
      while source != 0 {
        scratch.add(other.keys, other.lanes, other.segments[source].range, target, &wide)
        source = next[source]
      }
      put(&scratch, into: target)
    }
    for (place, sum) in other.wide where mapping[Int(place >> 32)] != 0 {
      let target = UInt64(mapping[Int(place >> 32)]) << 32 | place & 0xFFFF_FFFF
      wide[target, default: ExactSum()].merge(sum)
    }
  }

  /// Adds `sums`, by ascending key, to one cell.
  mutating func merge(_ sums: [(key: UInt32, sum: ExactSum)], into cell: UInt32) {
    var other = BinSums(keyCount: keyCount)
    other.segments = [Segment(), Segment(start: 0, count: sums.count)]
    for (key, sum) in sums {
      let lane = sum.lane
      other.keys.append(key)
      other.lanes.append(lane ?? 0)
      if lane == nil { other.wide[1 << 32 | UInt64(key)] = sum }
    }
    merge(other, mapping: [0, cell])
  }

  /// The keys of a settled cell in ascending order and their sums, those that are 0 left out.
  func sums(_ cell: Int) -> (keys: [UInt32], sums: LaneSums) {
    precondition(log.isEmpty, "only settled sums are read")
    var result = LaneSums()
    var kept: [UInt32] = []
    for index in segments[cell].range {
      let position = kept.count
      result.lanes.append(lanes[index])
      kept.append(keys[index])
      if !wide.isEmpty {
        result.wide[position] = wide[UInt64(cell) << 32 | UInt64(keys[index])]
      }
      if result.isZero(position) {
        result.lanes.removeLast()
        result.wide[position] = nil
        kept.removeLast()
      }
    }
    return (kept, result)
  }
}
