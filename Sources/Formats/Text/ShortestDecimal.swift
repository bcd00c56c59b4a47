/// The shortest decimal that reads back as a double, the nearest of those there are.
///
/// Source: R. Giulietti, *The Schubfach way to render doubles*, 2021, with the powers of five of
/// the reader (``DecimalText``). What needs other powers (below 1e-44, above 1e136), zero and
/// subnormals are left to Swift's `description`, which gives the same digits.
struct ShortestDecimal {
  private let isNegative: Bool
  /// 17 digits, the first of which is not zero: one, eight and eight.
  private let first: UInt64
  private let middle: EightDigits
  private let last: EightDigits
  /// How many digits there are before the zeros at the end.
  private let digitCount: Int
  /// The power of ten of the first digit.
  private let exponent: Int
  /// Whether the value is so large that `description` writes an exponent.
  private let isHuge: Bool

  init?(_ value: Double) {
    let bits = value.bitPattern
    let fraction = bits & (1 << 52 - 1)
    let biased = Int(bits &>> 52 & 0x7FF)
    guard biased != 0, biased != 0x7FF else { return nil }
    let power = biased &- 1075
    let isEven = fraction & 1 == 0
    // The interval below a power of two is half as wide.
    let isNarrow = fraction == 0 && biased > 1
    // floor(log10 2^power), or of 3/4 of it.
    let ten = (power &* 1_262_611 &- (isNarrow ? 524_031 : 0)) &>> 22
    guard -ten >= DecimalText.leastPower, -ten <= DecimalText.greatestPower else { return nil }
    let scale = Self.roundedUpPower(-ten)
    // floor(log2 10^−ten), to bring the product to four times the decimal.
    let shift = UInt64(truncatingIfNeeded: power &+ ((-ten &* 1_741_647) &>> 19) &+ 1)
    let quarters = (fraction | 1 << 52) &<< 2
    let value = Self.product(scale, quarters &<< shift)
    var lower = Self.product(scale, (quarters &- (isNarrow ? 1 : 2)) &<< shift)
    var upper = Self.product(scale, (quarters &+ 2) &<< shift)
    if !isEven {
      lower &+= 1
      upper &-= 1
    }
    let (digits, power10) = Self.shortest(value, within: lower, upper, ten)
    isNegative = bits >> 63 == 1
    isHuge = Double(bitPattern: bits & (1 << 63 - 1)) > 0x1p53
    let length = Self.length(digits)
    let full = digits &* DecimalText.integerPowers[17 &- length]
    let high = full / 100_000_000
    first = high / 100_000_000
    middle = EightDigits(high &- first &* 100_000_000)
    last = EightDigits(full &- high &* 100_000_000)
    let zeros = last.trailingZeroCount
    digitCount = 17 &- (zeros < 8 ? zeros : 8 &+ middle.trailingZeroCount)
    exponent = power10 &+ length &- 1
  }

  /// Writes the number, and what may be overwritten after it: at most 32 bytes.
  ///
  /// - Returns: Where it ends.
  func write(to target: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
    unsafe target[start] = 0x2D
    let at = start + (isNegative ? 1 : 0)
    if exponent < -4 || isHuge { return unsafe writeScientific(to: target, at: at) }
    if exponent < 0 {
      unsafe target.storeBytes(
        of: UInt64(0x3030_3030_3030_2E30).littleEndian, toByteOffset: at, as: UInt64.self)
      unsafe writeDigits(to: target, at: at + 1 - exponent)
      return at + 1 - exponent + digitCount
    }
    // The digits stand one place further for the point, those before it move back.
    unsafe writeDigits(to: target, at: at + 1)
    for place in at...at + exponent { unsafe target[place] = target[place + 1] }
    unsafe target[at + exponent + 1] = 0x2E
    return at + max(digitCount + 1, exponent + 3)
  }

  private func writeScientific(to target: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
    unsafe writeDigits(to: target, at: start + 1)
    unsafe target[start] = target[start + 1]
    unsafe target[start + 1] = 0x2E
    var end = digitCount > 1 ? start + 1 + digitCount : start + 1
    unsafe target[end] = 0x65
    unsafe target[end + 1] = exponent < 0 ? 0x2D : 0x2B
    end += 2
    if exponent.magnitude < 10 {
      unsafe target[end] = 0x30
      end += 1
    }
    return unsafe EightDigits(UInt64(exponent.magnitude)).writeNumber(to: target, at: end)
  }

  /// Writes all 17 digits.
  private func writeDigits(to target: UnsafeMutableRawBufferPointer, at start: Int) {
    unsafe target[start] = 0x30 &+ UInt8(truncatingIfNeeded: first)
    unsafe middle.write(to: target, at: start + 1)
    unsafe last.write(to: target, at: start + 9)
  }

  /// The decimal of fewest digits in the interval, given four times each at scale 10^`ten`.
  private static func shortest(
    _ value: UInt64, within lower: UInt64, _ upper: UInt64, _ ten: Int
  ) -> (digits: UInt64, exponent: Int) {
    let whole = value &>> 2
    let tenth = whole / 10
    let isTenthIn = lower <= 40 &* tenth
    let isNextTenthIn = 40 &* tenth &+ 40 <= upper
    if isTenthIn != isNextTenthIn {
      return (tenth &+ (isNextTenthIn ? 1 : 0), ten &+ 1)
    }
    let isWholeIn = lower <= 4 &* whole
    let isNextIn = 4 &* whole &+ 4 <= upper
    if isWholeIn != isNextIn { return (whole &+ (isNextIn ? 1 : 0), ten) }
    let half = 4 &* whole &+ 2
    let roundsUp = value > half || (value == half && whole & 1 == 1)
    return (whole &+ (roundsUp ? 1 : 0), ten)
  }

  /// The high part of `scale` × `factor`, its lowest bit set if anything was cut off.
  private static func product(_ scale: (high: UInt64, low: UInt64), _ factor: UInt64) -> UInt64 {
    let low = scale.low.multipliedFullWidth(by: factor)
    let high = scale.high.multipliedFullWidth(by: factor)
    let (middle, carry) = high.low.addingReportingOverflow(low.high)
    return high.high &+ (carry ? 1 : 0) | (middle > 1 ? 1 : 0)
  }

  /// The leading 128 bits of 10^`exponent`, rounded up.
  private static func roundedUpPower(_ exponent: Int) -> (high: UInt64, low: UInt64) {
    let (high, low) = DecimalText.fiveToThe[exponent &- DecimalText.leastPower]
    // From −27 to −1 the table is rounded up, from 0 to 55 exact.
    if exponent >= -27 && exponent <= 55 { return (high, low) }
    return DecimalText.increased(high, low)
  }

  /// How many digits `digits` has; 1 to 17.
  private static func length(_ digits: UInt64) -> Int {
    // 1233 / 2^12 is just above log10 2.
    let guess = ((64 &- digits.leadingZeroBitCount) &* 1233) &>> 12
    return digits < DecimalText.integerPowers[guess] ? guess : guess &+ 1
  }
}
