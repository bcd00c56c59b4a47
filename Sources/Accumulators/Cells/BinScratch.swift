/// Where the sums of one cell are put together: a lane for every key, and which of them are in use.
///
/// Sorts nothing: used keys are a bit each, so they come out in ascending order.
struct BinScratch {
  private var lanes: [Int128]
  private var used: [UInt64]

  init(keyCount: Int) {
    lanes = [Int128](repeating: 0, count: keyCount)
    used = [UInt64](repeating: 0, count: (keyCount + 63) / 64)
  }

  /// Adds the values of `entries`; what no lane can hold goes to `wide` under `cell`.
  mutating func add(
    _ entries: ArraySlice<KeyedSums.Entry>, _ cell: Int, _ wide: inout [UInt64: ExactSum]
  ) {
    // The compiler lends one array together with all of `self`, so both step out.
    var (lanes, used) = takeArrays()
    var laneSpan = lanes.mutableSpan
    var usedSpan = used.mutableSpan
    let entries = entries.span
    for index in entries.indices {
      let entry = entries[index]
      let key = Int(entry.key)
      var fits = false
      let lane = FixedPoint.lane(entry.value.bitPattern, fits: &fits)
      let (sum, overflow) = laneSpan[key].addingReportingOverflow(lane)
      usedSpan[key >> 6] |= 1 << UInt64(key & 63)
      if fits && !overflow {
        laneSpan[key] = sum
      } else {
        Self.widen(&wide, cell, key) { $0.add(entry.value) }
      }
    }
    putBack(&lanes, &used)
  }

  /// Adds `sums[i]` to key `keys[i]`, for `i` in `range`.
  mutating func add(
    _ keys: [UInt32], _ sums: [Int128], _ range: Range<Int>, _ cell: Int,
    _ wide: inout [UInt64: ExactSum]
  ) {
    if range.isEmpty { return }
    var (lanes, used) = takeArrays()
    var laneSpan = lanes.mutableSpan
    var usedSpan = used.mutableSpan
    let keySpan = keys.span
    let sumSpan = sums.span
    for index in range {
      let key = Int(keySpan[index])
      let (sum, overflow) = laneSpan[key].addingReportingOverflow(sumSpan[index])
      usedSpan[key >> 6] |= 1 << UInt64(key & 63)
      if !overflow {
        laneSpan[key] = sum
      } else {
        let lane = sumSpan[index]
        Self.widen(&wide, cell, key) { $0.add(lane, exponent: FixedPoint.exponent) }
      }
    }
    putBack(&lanes, &used)
  }

  /// Changes the sum that no lane holds; apart from the loops, which rarely come here.
  @inline(never)
  private static func widen(
    _ wide: inout [UInt64: ExactSum], _ cell: Int, _ key: Int, _ change: (inout ExactSum) -> Void
  ) {
    change(&wide[UInt64(cell) << 32 | UInt64(key), default: ExactSum()])
  }

  /// Moves everything to `keys` and `sums` from `start` on, by ascending key; returns the end.
  mutating func drain(
    into keys: inout [UInt32], _ sums: inout [Int128], at start: Int
  ) -> Int {
    var (lanes, used) = takeArrays()
    var laneSpan = lanes.mutableSpan
    var usedSpan = used.mutableSpan
    var keySpan = keys.mutableSpan
    var sumSpan = sums.mutableSpan
    var end = start
    for word in usedSpan.indices {
      var bits = usedSpan[word]
      if bits == 0 { continue }
      usedSpan[word] = 0
      while bits != 0 {
        let key = word << 6 + bits.trailingZeroBitCount
        bits &= bits - 1
        keySpan[end] = UInt32(truncatingIfNeeded: key)
        sumSpan[end] = laneSpan[key]
        laneSpan[key] = 0
        end += 1
      }
    }
    putBack(&lanes, &used)
    return end
  }

  @inline(__always)
  private mutating func takeArrays() -> ([Int128], [UInt64]) {
    var taken: ([Int128], [UInt64]) = ([], [])
    swap(&taken.0, &lanes)
    swap(&taken.1, &used)
    return taken
  }

  @inline(__always)
  private mutating func putBack(_ lanes: inout [Int128], _ used: inout [UInt64]) {
    swap(&lanes, &self.lanes)
    swap(&used, &self.used)
  }
}
