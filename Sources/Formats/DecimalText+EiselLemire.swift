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
  static let fiveToThe: [(high: UInt64, low: UInt64)] = {
    // A power of two with 128 bits to spare; dividing it by 5 again and again rounds down once.
    var quotient = [UInt64](repeating: 0, count: 6) + [1 << 63]
    let negative = (1 ... -leastPower).map { power in
      var rest: UInt64 = 0
      for index in quotient.indices.reversed() {
        (quotient[index], rest) = UInt64(5).dividingFullWidth((rest, quotient[index]))
      }
      let (high, low) = leadingBits(of: quotient)
      return power <= 27 ? increased(high, low) : (high, low)
    }
    var words: [UInt64] = [1]
    let positive = (0...greatestPower).map { _ in
      defer { multiplyByFive(&words) }
      return leadingBits(of: words)
    }
    return negative.reversed() + positive
  }()

  /// One more in the last of 128 bits.
  static func increased(_ high: UInt64, _ low: UInt64) -> (high: UInt64, low: UInt64) {
    let (next, carry) = low.addingReportingOverflow(1)
    return (high &+ (carry ? 1 : 0), next)
  }

  /// Multiplies a number whose words are least significant first.
  private static func multiplyByFive(_ words: inout [UInt64]) {
    var carry: UInt64 = 0
    for index in words.indices {
      let (high, low) = words[index].multipliedFullWidth(by: 5)
      let (sum, overflow) = low.addingReportingOverflow(carry)
      words[index] = sum
      carry = high + (overflow ? 1 : 0)
    }
    if carry != 0 { words.append(carry) }
  }

  /// The 128 bits from the highest that is set, zeros below the last.
  private static func leadingBits(of words: [UInt64]) -> (high: UInt64, low: UInt64) {
    let top = words.lastIndex { $0 != 0 } ?? 0
    let shift = UInt64(words[top].leadingZeroBitCount)
    let (one, two, three) = (
      words[top], top > 0 ? words[top - 1] : 0, top > 1 ? words[top - 2] : 0
    )
    return (one << shift | two >> (64 - shift), two << shift | three >> (64 - shift))
  }
}
