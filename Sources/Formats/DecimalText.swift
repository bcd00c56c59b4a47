/// A decimal number as its text says it: ±`digits` × 10^`exponent`.
///
/// Reads any well-formed number of JSON (also with a leading `+`, leading zeros or no digit before
/// the point); the caller has checked the syntax.
struct DecimalText {
  /// How a number fares as an integer.
  enum Integer: Hashable {
    case exact(Int64)
    /// The number has a fraction; its floor.
    case fraction(floor: Int64)
    case outOfRange
  }

  private let bytes: PaddedBytes
  private let start: Int
  private let end: Int
  private(set) var isNegative = false
  /// The first 19 significant digits.
  private(set) var digits: UInt64 = 0
  private(set) var exponent = 0
  /// Whether digits other than zero follow the first 19.
  private(set) var isTruncated = false

  init(_ bytes: PaddedBytes, _ start: Int, _ end: Int) {
    self.bytes = bytes
    self.start = start
    self.end = end
    var at = start
    isNegative = bytes.byte(at) == 0x2D
    if isNegative || bytes.byte(at) == 0x2B { at += 1 }
    at = readDigits(from: at)
    if at < end && bytes.byte(at) | 0x20 == 0x65 { readExponent(from: at + 1) }
  }

  private mutating func readDigits(from start: Int) -> Int {
    var at = start
    var isFraction = false
    var kept = 0
    while at < end {
      let byte = bytes.byte(at)
      let digit = byte &- 0x30
      if digit < 10 {
        if kept < 19 {
          // At most 19 digits: below 2^64.
          digits = digits &* 10 &+ UInt64(digit)
          if digits != 0 { kept &+= 1 }
          if isFraction { exponent &-= 1 }
        } else {
          isTruncated = isTruncated || digit != 0
          if !isFraction { exponent &+= 1 }
        }
      } else if byte == 0x2E {
        isFraction = true
      } else {
        break
      }
      at &+= 1
    }
    return at
  }

  private mutating func readExponent(from start: Int) {
    var at = start
    let isNegative = bytes.byte(at) == 0x2D
    if isNegative || bytes.byte(at) == 0x2B { at += 1 }
    var value = 0
    while at < end {
      // Beyond a billion nothing changes any more: no text is that long.
      value = min(value * 10 + Int(bytes.byte(at) & 15), 1_000_000_000)
      at += 1
    }
    exponent += isNegative ? -value : value
  }

  /// The nearest double, ties to even; infinite when the number is out of range.
  var double: Double {
    if !isTruncated && digits <= 1 << 53 && exponent >= -22 && exponent <= 22 {
      // Both factors are exact doubles, so one rounding (Clinger 1990).
      let magnitude = Double(digits)
      let power = Self.powers[abs(exponent)]
      let value = exponent < 0 ? magnitude / power : magnitude * power
      return isNegative ? -value : value
    }
    if let value = eiselLemire() { return value }
    return Double(String(decoding: bytes.array(start..<end), as: UTF8.self)) ?? .nan
  }

  /// The number × 10^`scale` as an integer.
  func integer(scale: Int = 0) -> Integer {
    guard digits != 0 else { return .exact(0) }
    let shift = exponent + scale
    var magnitude = digits
    var isExact = !isTruncated
    if shift > 0 {
      guard shift < 19 else { return .outOfRange }
      let (product, overflow) = digits.multipliedReportingOverflow(by: Self.integerPowers[shift])
      if overflow { return .outOfRange }
      magnitude = product
    } else if shift < 0 {
      let (quotient, rest) =
        shift < -19
        ? (0, digits) : digits.quotientAndRemainder(dividingBy: Self.integerPowers[-shift])
      magnitude = quotient
      isExact = isExact && rest == 0
    }
    if isNegative {
      let floor = isExact ? magnitude : magnitude + 1
      guard floor <= Int64.min.magnitude else { return .outOfRange }
      let value = Int64(truncatingIfNeeded: 0 &- floor)
      return isExact ? .exact(value) : .fraction(floor: value)
    }
    guard let value = Int64(exactly: magnitude) else { return .outOfRange }
    return isExact ? .exact(value) : .fraction(floor: value)
  }

  /// 10^0 … 10^22, all exact.
  static let powers: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1.0) { power, _ in power * 10 }
  }

  /// 10^0 … 10^19.
  static let integerPowers: [UInt64] = (0...19).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }
}
