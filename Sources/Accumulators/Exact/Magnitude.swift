/// A non-negative integer of any size times a power of two: `limbs · 2^exponent`.
///
/// - Invariant: the last limb is not zero; zero has no limbs. Limbs are least significant first.
struct Magnitude: Equatable, Sendable {
  private(set) var limbs: [UInt64]
  private(set) var exponent: Int

  init(limbs: [UInt64], exponent: Int) {
    self.limbs = limbs
    self.exponent = exponent
    trim()
  }

  var isZero: Bool { limbs.isEmpty }

  private mutating func trim() {
    while limbs.last == 0 { limbs.removeLast() }
    let zeros = limbs.prefix { $0 == 0 }.count
    if zeros > 0 {
      limbs.removeFirst(zeros)
      exponent += 64 * zeros
    }
    if limbs.isEmpty { exponent = 0 }
  }

  /// The same value with `exponent` lowered to `target`.
  private func lowered(to target: Int) -> [UInt64] {
    let shift = exponent - target
    precondition(shift >= 0, "exponent \(exponent) cannot be raised to \(target)")
    let bits = UInt64(shift & 63)
    var result = [UInt64](repeating: 0, count: shift >> 6)
    result.reserveCapacity(result.count + limbs.count + 1)
    var carry: UInt64 = 0
    for limb in limbs {
      result.append(limb << bits | carry)
      carry = bits == 0 ? 0 : limb >> (64 - bits)
    }
    if carry != 0 { result.append(carry) }
    return result
  }

  static func * (one: Magnitude, factor: UInt64) -> Magnitude {
    var result: [UInt64] = []
    result.reserveCapacity(one.limbs.count + 1)
    var carry: UInt64 = 0
    for limb in one.limbs {
      let (high, low) = limb.multipliedFullWidth(by: factor)
      let (sum, overflow) = low.addingReportingOverflow(carry)
      result.append(sum)
      carry = high + (overflow ? 1 : 0)
    }
    result.append(carry)
    return Magnitude(limbs: result, exponent: one.exponent)
  }

  var squared: Magnitude { times(self) }

  func times(_ factor: Magnitude) -> Magnitude {
    var result = [UInt64](repeating: 0, count: limbs.count + factor.limbs.count)
    for (position, limb) in limbs.enumerated() {
      var carry: UInt64 = 0
      for (offset, other) in factor.limbs.enumerated() {
        let (high, low) = limb.multipliedFullWidth(by: other)
        let (first, overflow) = result[position + offset].addingReportingOverflow(low)
        let (second, again) = first.addingReportingOverflow(carry)
        result[position + offset] = second
        carry = high + (overflow ? 1 : 0) + (again ? 1 : 0)
      }
      result[position + factor.limbs.count] = carry
    }
    return Magnitude(limbs: result, exponent: exponent + factor.exponent)
  }

  func plus(_ other: Magnitude) -> Magnitude {
    let (mine, theirs) = aligned(other)
    var result: [UInt64] = []
    var carry: UInt64 = 0
    for index in 0..<max(mine.count, theirs.count) {
      let (first, overflow) = (index < mine.count ? mine[index] : 0)
        .addingReportingOverflow(index < theirs.count ? theirs[index] : 0)
      let (second, again) = first.addingReportingOverflow(carry)
      result.append(second)
      carry = (overflow ? 1 : 0) + (again ? 1 : 0)
    }
    return Magnitude(limbs: result + [carry], exponent: min(exponent, other.exponent))
  }

  func isLess(than other: Magnitude) -> Bool {
    let (mine, theirs) = aligned(other)
    for index in (0..<max(mine.count, theirs.count)).reversed() {
      let one = index < mine.count ? mine[index] : 0
      let two = index < theirs.count ? theirs[index] : 0
      if one != two { return one < two }
    }
    return false
  }

  /// The limbs of both at the lesser exponent.
  private func aligned(_ other: Magnitude) -> ([UInt64], [UInt64]) {
    // Zero has exponent 0, whatever the other's.
    if isZero { return ([], other.limbs) }
    if other.isZero { return (limbs, []) }
    let target = min(exponent, other.exponent)
    return (lowered(to: target), other.lowered(to: target))
  }

  /// The difference.
  ///
  /// - Precondition: `two` is at most `one`.
  static func - (one: Magnitude, two: Magnitude) -> Magnitude {
    let exponent = min(one.exponent, two.exponent)
    var result = one.lowered(to: exponent)
    var borrow = false
    for (position, limb) in two.lowered(to: exponent).enumerated() {
      let held = position < result.count ? result[position] : 0
      let (first, under) = held.subtractingReportingOverflow(limb)
      let (second, again) = first.subtractingReportingOverflow(borrow ? 1 : 0)
      precondition(position < result.count || (second == 0 && !under), "a negative difference")
      if position < result.count { result[position] = second }
      borrow = under || again
    }
    var position = two.lowered(to: exponent).count
    while borrow {
      precondition(position < result.count, "a negative difference")
      (result[position], borrow) = result[position].subtractingReportingOverflow(1)
      position += 1
    }
    return Magnitude(limbs: result, exponent: exponent)
  }

  /// The quotient with at least 64 more significant bits than a double needs, and whether
  /// anything was cut off.
  func divided(by divisor: UInt64) -> (quotient: Magnitude, isInexact: Bool) {
    precondition(divisor > 0, "division by zero")
    var result = [UInt64](repeating: 0, count: 3) + limbs
    var remainder: UInt64 = 0
    for position in result.indices.reversed() {
      (result[position], remainder) = divisor.dividingFullWidth((remainder, result[position]))
    }
    return (Magnitude(limbs: result, exponent: exponent - 192), remainder != 0)
  }
}
