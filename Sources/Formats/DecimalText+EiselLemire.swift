extension DecimalText {
  /// The nearest double by one 64 × 128 bit product, or `nil` in the rare case it cannot decide.
  ///
  /// Source: Lemire, *Number parsing at a gigabyte per second*, arXiv:2101.11408, algorithm 1.
  /// Only normal doubles and up to 19 digits; powers outside the table are left to the caller.
  func eiselLemire() -> Double? {
    guard !isTruncated, digits != 0 else { return nil }
    guard exponent >= Self.leastPower, exponent <= Self.greatestPower else { return nil }
    let shift = digits.leadingZeroBitCount
    let mantissa = digits &<< UInt64(shift)
    let (high, low) = Self.fiveToThe[exponent - Self.leastPower]
    var product = mantissa.multipliedFullWidth(by: high)
    if product.high & 0x1FF == 0x1FF {
      let second = mantissa.multipliedFullWidth(by: low)
      let (sum, carry) = product.low.addingReportingOverflow(second.high)
      product = (product.high &+ (carry ? 1 : 0), sum)
      // The truncated tail of the power could still carry into what is kept.
      if product.low == .max && (exponent < -27 || exponent > 55) { return nil }
    }
    let upper = product.high &>> 63
    var bits = product.high &>> (upper &+ 9)
    // Exponent of 2 such that the value is bits × 2^(power − 1075 − …); 217706 / 2^16 = log2 10.
    let power = ((217_706 &* exponent) &>> 16) &+ 1024 &+ 63 &- shift &+ Int(upper) &- 1
    guard power > 0, power < 2046 else { return nil }
    // Halfway between two doubles, as far as 128 bits tell: leave it to the exact method.
    if product.low <= 1 && bits & 3 == 1 && exponent >= -4 && exponent <= 23
      && bits &<< (upper &+ 9) == product.high
    {
      return nil
    }
    bits = (bits &+ (bits & 1)) &>> 1
    var biased = UInt64(power)
    if bits >= 1 << 53 {
      bits = 1 << 52
      biased &+= 1
    }
    guard biased < 2047 else { return nil }
    let pattern = (bits & (1 << 52 - 1)) | biased << 52 | (isNegative ? 1 << 63 : 0)
    return Double(bitPattern: pattern)
  }

  static let leastPower = -120
  static let greatestPower = 60

  /// The 128 leading bits of 5^q, truncated; rounded up for −27 ≤ q < 0 (as in the paper).
  static let fiveToThe: [(high: UInt64, low: UInt64)] = (leastPower...greatestPower).map { power in
    power >= 0
      ? leadingBits(of: powerOfFive(power))
      : reciprocalBits(of: powerOfFive(-power), roundingUp: power >= -27)
  }

  /// 5^`exponent`, least significant word first.
  private static func powerOfFive(_ exponent: Int) -> [UInt64] {
    var words: [UInt64] = [1]
    for _ in 0..<exponent {
      var carry: UInt64 = 0
      for index in words.indices {
        let (high, low) = words[index].multipliedFullWidth(by: 5)
        let (sum, overflow) = low.addingReportingOverflow(carry)
        words[index] = sum
        carry = high + (overflow ? 1 : 0)
      }
      if carry != 0 { words.append(carry) }
    }
    return words
  }

  private static func bitWidth(_ words: [UInt64]) -> Int {
    words.count * 64 - (words.last?.leadingZeroBitCount ?? 0)
  }

  private static func leadingBits(of words: [UInt64]) -> (UInt64, UInt64) {
    let width = bitWidth(words)
    var value: UInt128 = 0
    for place in 1...128 {
      let bit = width - place
      let isSet = bit >= 0 && words[bit / 64] >> UInt64(bit % 64) & 1 == 1
      value = value << 1 | (isSet ? 1 : 0)
    }
    return (UInt64(truncatingIfNeeded: value >> 64), UInt64(truncatingIfNeeded: value))
  }

  /// The 128 leading bits of 1 / `divisor`, by long division.
  private static func reciprocalBits(
    of divisor: [UInt64], roundingUp: Bool
  ) -> (UInt64, UInt64) {
    // The remainder starts as the power of two just below the divisor, so the first bit is one.
    var rest = [UInt64](repeating: 0, count: divisor.count + 1)
    let top = bitWidth(divisor) - 1
    rest[top / 64] = 1 << UInt64(top % 64)
    var value: UInt128 = 0
    for _ in 0..<128 {
      var carry: UInt64 = 0
      for index in rest.indices {
        let next = rest[index] >> 63
        rest[index] = rest[index] << 1 | carry
        carry = next
      }
      let difference = subtract(divisor, from: rest)
      value = value << 1 | (difference == nil ? 0 : 1)
      rest = difference ?? rest
    }
    if roundingUp { value += 1 }
    return (UInt64(truncatingIfNeeded: value >> 64), UInt64(truncatingIfNeeded: value))
  }

  private static func subtract(_ divisor: [UInt64], from words: [UInt64]) -> [UInt64]? {
    var result = words
    var borrow = false
    for index in words.indices {
      let (first, one) = words[index].subtractingReportingOverflow(
        index < divisor.count ? divisor[index] : 0)
      let (second, two) = first.subtractingReportingOverflow(borrow ? 1 : 0)
      result[index] = second
      borrow = one || two
    }
    return borrow ? nil : result
  }
}
