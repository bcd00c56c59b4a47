/// Exact sums by dense index: 128-bit lanes, and an ``ExactSum`` for what one cannot hold.
struct LaneSums: Sendable {
  /// Multiples of 2^-90.
  var lanes: [Int128]
  /// What was added besides, by index.
  var wide: [Int: ExactSum] = [:]

  init(count: Int = 0) { lanes = [Int128](repeating: 0, count: count) }

  init(lanes: [Int128]) { self.lanes = lanes }

  var count: Int { lanes.count }

  /// Bytes held now.
  var byteCount: Int { lanes.capacity * 16 + wide.count * 256 }

  mutating func grow(to count: Int) {
    guard count > lanes.count else { return }
    lanes.append(contentsOf: repeatElement(0, count: count - lanes.count))
  }

  mutating func add(_ value: Double, at index: Int) {
    var fits = false
    let lane = FixedPoint.lane(value.bitPattern, fits: &fits)
    if fits { add(lane: lane, at: index) } else { wide[index, default: ExactSum()].add(value) }
  }

  mutating func add(lane: Int128, at index: Int) {
    let (sum, overflow) = lanes[index].addingReportingOverflow(lane)
    if overflow {
      wide[index, default: ExactSum()].add(lane, exponent: FixedPoint.exponent)
    } else {
      lanes[index] = sum
    }
  }

  mutating func add(_ sum: ExactSum, at index: Int) {
    if let lane = sum.lane {
      add(lane: lane, at: index)
    } else {
      wide[index, default: ExactSum()].merge(sum)
    }
  }

  /// Adds sum `index` of `other` to sum `target`.
  mutating func merge(_ other: LaneSums, _ index: Int, into target: Int) {
    add(lane: other.lanes[index], at: target)
    if let sum = other.wide[index] { wide[target, default: ExactSum()].merge(sum) }
  }

  /// Moves sum `index` out, leaving 0.
  mutating func take(_ index: Int, from other: inout LaneSums) {
    let target = lanes.count
    lanes.append(other.lanes[index])
    other.lanes[index] = 0
    if !other.wide.isEmpty, let sum = other.wide.removeValue(forKey: index) { wide[target] = sum }
  }

  /// Sum `index`, exactly.
  func sum(_ index: Int) -> ExactSum {
    var sum = wide[index] ?? ExactSum()
    sum.add(lanes[index], exponent: FixedPoint.exponent)
    return sum
  }

  /// Sum `index`, rounded once.
  func value(_ index: Int) -> Double {
    wide.isEmpty || wide[index] == nil
      ? FixedPoint.value(lanes[index]) : sum(index).value
  }

  func isZero(_ index: Int) -> Bool {
    wide[index] == nil ? lanes[index] == 0 : sum(index).isZero
  }
}

extension ExactSum {
  /// The sum in units of 2^-90, if it is one that 127 bits hold.
  var lane: Int128? {
    guard specials.isEmpty else { return nil }
    let (isNegative, low, digits) = canonical()
    var lane: Int128 = 0
    // 2^-90 lies within digit 65, whose weight is 2^-96.
    for (index, digit) in digits.enumerated() {
      let shift = 32 * (low + index) + Self.baseExponent - FixedPoint.exponent
      if shift < 0 {
        guard shift == -6, digit & 63 == 0 else { return nil }
        lane += Int128(digit >> 6)
      } else {
        guard shift <= 94 else { return nil }
        lane += Int128(digit) << Int128(shift)
      }
    }
    return isNegative ? -lane : lane
  }
}
