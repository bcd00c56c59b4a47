/// The shortest decimal that reads back as a double, the nearest of those there are.
///
/// Source: R. Giulietti, *The Schubfach way to render doubles*, 2021, with the powers of five of
/// the reader (``DecimalText``). What needs other powers (below 1e-44, above 1e136), zero and
/// subnormals are left to Swift's `description`, which gives the same digits.
struct ShortestDecimal {
  /// Bytes that `write` appends at most: sign, 17 digits, point, three zeros or an exponent.
  static let longestText = 26

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

  func write(to output: inout OutputSpan<UInt8>) {
    if isNegative { output.append(0x2D) }
    if exponent < -4 || isHuge {
      writeScientific(to: &output)
    } else if exponent < 0 {
      output.append(0x30)
      output.append(0x2E)
      for _ in exponent..<(-1) { output.append(0x30) }
      write(0..<digitCount, to: &output)
    } else {
      write(0..<exponent + 1, to: &output)
      output.append(0x2E)
      write(exponent + 1..<max(digitCount, exponent + 2), to: &output)
    }
  }

  private func writeScientific(to output: inout OutputSpan<UInt8>) {
    write(0..<1, to: &output)
    if digitCount > 1 {
      output.append(0x2E)
      write(1..<digitCount, to: &output)
    }
    output.append(0x65)
    output.append(exponent < 0 ? 0x2D : 0x2B)
    let power = EightDigits(UInt64(exponent.magnitude))
    power.write(min(6, power.leadingZeroCount)..<8, to: &output)
  }

  /// Writes digits of the 17.
  private func write(_ places: Range<Int>, to output: inout OutputSpan<UInt8>) {
    if places.lowerBound == 0 { output.append(0x30 &+ UInt8(truncatingIfNeeded: first)) }
    let low = max(0, places.lowerBound - 1)
    let high = places.upperBound - 1
    if low < min(8, high) { middle.write(low..<min(8, high), to: &output) }
    if max(8, low) < high { last.write(max(8, low) - 8..<high - 8, to: &output) }
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
    let (next, carry) = low.addingReportingOverflow(1)
    return (high &+ (carry ? 1 : 0), next)
  }

  /// How many digits `digits` has; 1 to 17.
  private static func length(_ digits: UInt64) -> Int {
    // 1233 / 2^12 is just above log10 2.
    let guess = ((64 &- digits.leadingZeroBitCount) &* 1233) &>> 12
    return digits < DecimalText.integerPowers[guess] ? guess : guess &+ 1
  }
}
