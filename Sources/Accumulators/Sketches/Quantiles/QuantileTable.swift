/// The state of ``QuantileSketch`` in the form in which rows are added to it: a hash table, or an
/// array over the range of the collapsed keys once that is small.
///
/// - Invariant: a key is present just when its lane or its count is not 0.
struct QuantileTable: Sendable {
  private let budget: Int
  private(set) var shift = 0
  private(set) var lowKey = Int64.max
  private(set) var highKey = Int64.min
  private(set) var count: Int64 = 0
  private var distinctCount = 0
  /// By hash; empty when dense.
  private var keys: [Int64] = []
  /// Multiples of 2^-90, by slot, or by key less `base` when dense.
  private var lanes: [Int128] = []
  private var base: Int64 = 0
  /// What came with weight 1 and is not in `lanes` yet; by slot when dense, else empty.
  ///
  /// A quarter of the memory, so that the cache holds it.
  private var counts: [UInt32] = []
  /// What lanes cannot hold, by collapsed key.
  private var wide: [Int64: ExactSum] = [:]

  init(budget: Int) { self.budget = budget }

  private var isDense: Bool { keys.isEmpty && !lanes.isEmpty }
  /// Dense up to this many keys from first to last.
  private var maxDenseCount: Int { 8 * budget }

  var byteCount: Int {
    keys.capacity * 8 + lanes.capacity * 16 + counts.capacity * 4 + wide.count * 256
  }

  static func byteBound(budget: Int) -> Int { 8 * budget * 24 }

  /// Adds values that are not NaN, each of weight 1.
  mutating func add(_ values: [Double]) {
    var row = 0
    while row < values.count {
      let start = row
      var bounds = (low: lowKey, high: highKey)
      let (base, shift) = (base, Int64(shift))
      if isDense {
        row = Self.add(values, from: row, base: base, shift: shift, dense: &counts, &bounds)
      } else if !lanes.isEmpty {
        row = Self.add(values, from: row, shift: shift, keys: keys, hashed: &lanes, &bounds)
      }
      (lowKey, highKey) = bounds
      // What the fast ways counted.
      count += Int64(row - start)
      if row < values.count {
        add(key: OrderedKey.key(values[row] + 0.0), weight: 1)
        row += 1
      }
    }
  }

  /// Adds values to keys that have a count until one has not; returns its row.
  private static func add(
    _ values: [Double], from first: Int, base: Int64, shift: Int64, dense counts: inout [UInt32],
    _ bounds: inout (low: Int64, high: Int64)
  ) -> Int {
    var (low, high) = bounds
    var row = first
    var span = counts.mutableSpan
    while row < values.count {
      let key = OrderedKey.key(values[row] + 0.0)
      // Wraps for far keys, which then are out of range.
      let index = Int(key &>> shift &- base)
      guard UInt(bitPattern: index) < UInt(bitPattern: span.count) else { break }
      let count = span[index]
      guard count != 0, count != .max else { break }
      span[index] = count &+ 1
      low = min(low, key)
      high = max(high, key)
      row += 1
    }
    bounds = (low, high)
    return row
  }

  /// Adds values to keys present until one is not; returns its row.
  private static func add(
    _ values: [Double], from first: Int, shift: Int64, keys: [Int64],
    hashed lanes: inout [Int128], _ bounds: inout (low: Int64, high: Int64)
  ) -> Int {
    let mask = lanes.count - 1
    var (low, high) = bounds
    var row = first
    let keys = keys.span
    var span = lanes.mutableSpan
    rows: while row < values.count {
      let key = OrderedKey.key(values[row] + 0.0)
      let collapsed = key &>> shift
      var slot = Self.slot(collapsed) & mask
      while keys[slot] != collapsed || span[slot] == 0 {
        guard span[slot] != 0 else { break rows }
        slot = (slot &+ 1) & mask
      }
      let (sum, overflow) = span[slot].addingReportingOverflow(FixedPoint.one)
      guard !overflow else { break }
      span[slot] = sum
      low = min(low, key)
      high = max(high, key)
      row += 1
    }
    bounds = (low, high)
    return row
  }

  /// Adds one value by its complete key.
  ///
  /// - Precondition: `weight` is positive and finite.
  mutating func add(key: Int64, weight: Double) {
    count += 1
    lowKey = min(lowKey, key)
    highKey = max(highKey, key)
    var fits = false
    let lane = FixedPoint.lane(weight.bitPattern, fits: &fits)
    if fits {
      add(lane: lane, to: key >> Int64(shift))
    } else {
      var sum = ExactSum()
      sum.add(weight)
      add(sum, to: key >> Int64(shift))
    }
  }

  @inline(__always)
  private static func slot(_ key: Int64) -> Int {
    let (high, low) = UInt64(bitPattern: key).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return Int(truncatingIfNeeded: high ^ low)
  }
}

extension QuantileTable {
  /// Adds the values of `other`.
  mutating func merge(_ other: QuantileTable) {
    var other = other
    let entries = other.entries()
    merge(
      entries, shift: other.shift, wide: other.wide, lowKey: other.lowKey,
      highKey: other.highKey, count: other.count)
  }

  mutating func merge(_ sketch: QuantileSketch) {
    var wide: [Int64: ExactSum] = [:]
    for (index, sum) in sketch.weights.wide { wide[sketch.keys[index]] = sum }
    // A key must have a lane to be present.
    let entries = sketch.keys.indices.map { (sketch.keys[$0], sketch.weights.lanes[$0]) }
    merge(
      entries.filter { $0.1 != 0 }, shift: sketch.shift, wide: wide, lowKey: sketch.lowKey,
      highKey: sketch.highKey, count: sketch.count)
  }

  private mutating func merge(
    _ entries: [(key: Int64, lane: Int128)], shift otherShift: Int, wide: [Int64: ExactSum],
    lowKey: Int64, highKey: Int64, count: Int64
  ) {
    if otherShift > shift { rebuild(self.entries(), dropping: otherShift - shift) }
    self.lowKey = min(self.lowKey, lowKey)
    self.highKey = max(self.highKey, highKey)
    self.count += count
    for (key, lane) in entries { add(lane: lane, to: key >> Int64(shift - otherShift)) }
    for (key, sum) in wide { add(sum, to: key >> Int64(shift - otherShift)) }
  }

  /// The sketch of the values added.
  func sketch() -> QuantileSketch {
    var table = self
    let sorted = table.entries().sorted { $0.key < $1.key }
    var weights = LaneSums(lanes: sorted.map(\.lane))
    if !wide.isEmpty {
      for (index, entry) in sorted.enumerated() { weights.wide[index] = wide[entry.key] }
    }
    return QuantileSketch(
      shift: shift, keys: sorted.map(\.key), weights: weights, lowKey: lowKey, highKey: highKey,
      count: count)
  }

  /// Keys present and their lanes, in no order; counts are in the lanes from now on.
  private mutating func entries() -> [(key: Int64, lane: Int128)] {
    for slot in counts.indices where counts[slot] != 0 { settle(slot) }
    var result: [(key: Int64, lane: Int128)] = []
    result.reserveCapacity(distinctCount)
    for slot in lanes.indices where lanes[slot] != 0 {
      result.append((isDense ? base + Int64(slot) : keys[slot], lanes[slot]))
    }
    return result
  }

  /// Adds what lanes cannot hold: one unit is lent to the lane so that the key is present.
  private mutating func add(_ sum: ExactSum, to key: Int64) {
    wide[key, default: ExactSum()].merge(sum)
    wide[key, default: ExactSum()].add(-1, exponent: FixedPoint.exponent)
    add(lane: 1, to: key)
  }

  /// Adds a lane that is positive to a collapsed key.
  private mutating func add(lane: Int128, to key: Int64) {
    guard let slot = slot(for: key) else {
      // Out of the dense range, or no table yet.
      rebuild(entries() + [(key, lane)], dropping: 0)
      if distinctCount > budget { collapse() }
      return
    }
    let isNew = lanes[slot] == 0 && (!isDense || counts[slot] == 0)
    if isDense && lane == FixedPoint.one {
      if counts[slot] == .max { settle(slot) }
      counts[slot] += 1
    } else {
      add(lane, at: slot, key)
    }
    guard isNew else { return }
    if !isDense { keys[slot] = key }
    distinctCount += 1
    if distinctCount > budget {
      collapse()
    } else if !isDense && 2 * distinctCount > lanes.count {
      rebuild(entries(), dropping: 0)
    }
  }

  private mutating func add(_ lane: Int128, at slot: Int, _ key: Int64) {
    let (sum, overflow) = lanes[slot].addingReportingOverflow(lane)
    if overflow {
      wide[key, default: ExactSum()].add(lane, exponent: FixedPoint.exponent)
    } else {
      lanes[slot] = sum
    }
  }

  /// Moves the count of a slot into its lane.
  private mutating func settle(_ slot: Int) {
    let lane = Int128(counts[slot]) * FixedPoint.one
    counts[slot] = 0
    add(lane, at: slot, base + Int64(slot))
  }

  /// Where `key` is or belongs; `nil` when the table has no place for it.
  private func slot(for key: Int64) -> Int? {
    if isDense {
      let (index, overflow) = key.subtractingReportingOverflow(base)
      return overflow || index < 0 || index >= lanes.count ? nil : Int(index)
    }
    guard !lanes.isEmpty else { return nil }
    let mask = lanes.count - 1
    var slot = Self.slot(key) & mask
    while lanes[slot] != 0 && keys[slot] != key { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func collapse() {
    let entries = entries()
    let sorted = entries.map(\.key).sorted()
    rebuild(entries, dropping: QuantileSketch.neededShift(sorted, budget: budget))
  }

  /// Makes the table anew from `entries`, `bits` low bits dropped from each key.
  private mutating func rebuild(_ entries: [(key: Int64, lane: Int128)], dropping bits: Int) {
    shift += bits
    distinctCount = 0
    if bits > 0 && !wide.isEmpty {
      var collapsed: [Int64: ExactSum] = [:]
      for (key, sum) in wide { collapsed[key >> Int64(bits), default: ExactSum()].merge(sum) }
      wide = collapsed
    }
    let low = (entries.map(\.key).min() ?? 0) >> Int64(bits)
    let high = (entries.map(\.key).max() ?? 0) >> Int64(bits)
    let (range, overflow) = high.subtractingReportingOverflow(low)
    if shift > 0 && !overflow && range < maxDenseCount / 2 {
      // A margin on both sides, so that the next new extreme fits.
      let margin = range / 2 + 1
      keys = []
      base = low - margin
      lanes = [Int128](repeating: 0, count: Int(range + 1 + 2 * margin))
      counts = [UInt32](repeating: 0, count: lanes.count)
    } else {
      var slotCount = 16
      while slotCount < 4 * entries.count && slotCount < 2 * budget + 2 { slotCount *= 2 }
      counts = []
      keys = [Int64](repeating: 0, count: slotCount)
      lanes = [Int128](repeating: 0, count: slotCount)
    }
    for (key, lane) in entries { place(lane, key >> Int64(bits)) }
  }

  /// Adds to a table that has room.
  private mutating func place(_ lane: Int128, _ key: Int64) {
    guard let slot = slot(for: key) else { preconditionFailure("no place for key \(key)") }
    if lanes[slot] == 0 {
      distinctCount += 1
      if !isDense { keys[slot] = key }
    }
    add(lane, at: slot, key)
  }
}
