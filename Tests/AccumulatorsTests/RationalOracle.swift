/// Naturals as 32-bit digits, least significant first; slow, plain arithmetic for oracles only.
struct BigNatural: Equatable {
  var digits: [UInt32]

  init(_ value: UInt64) {
    digits = [UInt32(truncatingIfNeeded: value), UInt32(value >> 32)]
    trim()
  }

  private init(digits: [UInt32]) {
    self.digits = digits
    trim()
  }

  private mutating func trim() { while digits.last == 0 { digits.removeLast() } }

  static func + (one: BigNatural, two: BigNatural) -> BigNatural {
    var result: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0..<max(one.digits.count, two.digits.count) {
      carry += UInt64(index < one.digits.count ? one.digits[index] : 0)
      carry += UInt64(index < two.digits.count ? two.digits[index] : 0)
      result.append(UInt32(truncatingIfNeeded: carry))
      carry >>= 32
    }
    return BigNatural(digits: result + [UInt32(carry)])
  }

  /// - Precondition: `two` is at most `one`.
  static func - (one: BigNatural, two: BigNatural) -> BigNatural {
    var result: [UInt32] = []
    var borrow: Int64 = 0
    for index in one.digits.indices {
      var digit = Int64(one.digits[index]) - borrow
      digit -= Int64(index < two.digits.count ? two.digits[index] : 0)
      borrow = digit < 0 ? 1 : 0
      result.append(UInt32(digit + borrow << 32))
    }
    return BigNatural(digits: result)
  }

  static func * (one: BigNatural, two: BigNatural) -> BigNatural {
    var result = [UInt32](repeating: 0, count: one.digits.count + two.digits.count + 1)
    for (row, first) in one.digits.enumerated() {
      var carry: UInt64 = 0
      for (column, second) in two.digits.enumerated() {
        carry += UInt64(result[row + column]) + UInt64(first) * UInt64(second)
        result[row + column] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      result[row + two.digits.count] += UInt32(carry)
    }
    return BigNatural(digits: result)
  }

  static func < (one: BigNatural, two: BigNatural) -> Bool {
    if one.digits.count != two.digits.count { return one.digits.count < two.digits.count }
    return one.digits.reversed().lexicographicallyPrecedes(two.digits.reversed())
  }

  func shifted(_ bits: Int) -> BigNatural {
    var result = BigNatural(digits: [UInt32](repeating: 0, count: bits / 32) + digits)
    for _ in 0..<(bits % 32) { result = result + result }
    return result
  }
}

/// A rational `±numerator / (denominator · 2^1100)`, or with 2^2200 for products.
struct Oracle {
  var isNegative = false
  var numerator = BigNatural(0)

  /// A double times 2^1100.
  static func scaled(_ value: Double) -> Oracle {
    var result = Oracle(isNegative: value < 0, numerator: BigNatural(0))
    guard value != 0 else { return result }
    // The significand as a whole number of units of 2^(exponent − 52).
    let whole = UInt64(value.magnitude.significand * 0x1p52)
    result.numerator = BigNatural(whole).shifted(Int(value.exponent) - 52 + 1100 + 52)
    // One factor 2^52 too much keeps the shift of subnormals from being negative.
    return result
  }

  static let unit = 1100 + 52

  static func + (one: Oracle, two: Oracle) -> Oracle {
    if one.isNegative == two.isNegative {
      return Oracle(isNegative: one.isNegative, numerator: one.numerator + two.numerator)
    }
    if one.numerator < two.numerator {
      return Oracle(isNegative: two.isNegative, numerator: two.numerator - one.numerator)
    }
    return Oracle(isNegative: one.isNegative, numerator: one.numerator - two.numerator)
  }

  static func * (one: Oracle, two: Oracle) -> Oracle {
    Oracle(
      isNegative: one.isNegative != two.isNegative, numerator: one.numerator * two.numerator)
  }

  /// Whether `value` is a nearest double to this over `divisor · 2^(units · unit)`: the distance
  /// is at most half a step to either neighbour.
  func isNearest(_ value: Double, divisor: BigNatural, units: Int) -> Bool {
    if value.isInfinite {
      // Half a step beyond the greatest double.
      let limit = Oracle.scaled(.greatestFiniteMagnitude) + Oracle.scaled(0x1p970)
      let scaled = limit.numerator.shifted((units - 1) * Oracle.unit) * divisor
      return isNegative == (value < 0) && !(numerator < scaled)
    }
    for neighbour in [value.nextUp, value.nextDown] where neighbour.isFinite {
      // |this − value| ≤ |neighbour − value| / 2
      let step = Oracle.scaled(neighbour) + Oracle.scaled(-value)
      let held = Oracle.scaled(-value).numerator.shifted((units - 1) * Oracle.unit) * divisor
      let distance = self + Oracle(isNegative: value > 0, numerator: held)
      let twice = distance.numerator + distance.numerator
      let bound = step.numerator.shifted((units - 1) * Oracle.unit) * divisor
      let isTowards = distance.isNegative == (neighbour < value)
      if isTowards && bound < twice { return false }
    }
    return true
  }
}
