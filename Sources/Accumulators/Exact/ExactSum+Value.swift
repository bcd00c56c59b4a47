extension ExactSum {
  /// Whether the sum is 0 and nothing but numbers was added.
  public var isZero: Bool { specials.isEmpty && canonical().digits.isEmpty }

  /// The finite part, without its sign.
  func magnitude() -> (isNegative: Bool, magnitude: Magnitude) {
    let (isNegative, low, digits) = canonical()
    var limbs: [UInt64] = []
    limbs.reserveCapacity((digits.count + 1) / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      let high = index + 1 < digits.count ? UInt64(digits[index + 1]) : 0
      limbs.append(high << 32 | UInt64(digits[index]))
    }
    return (
      isNegative, Magnitude(limbs: limbs, exponent: 32 * low + Self.baseExponent)
    )
  }

  /// The value that infinities and NaN impose, or `nil`.
  private var specialValue: Double? {
    if specials.isEmpty { return nil }
    if specials == .positiveInfinity { return .infinity }
    return specials == .negativeInfinity ? -.infinity : .nan
  }

  /// The sum rounded once to the nearest double, ties to even; 0 when nothing was added.
  ///
  /// ±infinity when an infinity of one sign was added or the exact sum rounds there; NaN when a
  /// NaN or infinities of both signs were added.
  public var value: Double {
    if let specialValue { return specialValue }
    let (isNegative, magnitude) = magnitude()
    return isNegative ? -magnitude.rounded() : magnitude.rounded()
  }

  /// The sum divided by `divisor`, rounded once; NaN when `divisor` is 0.
  public func divided(by divisor: Int64) -> Double {
    guard divisor != 0 else { return .nan }
    if let specialValue { return divisor < 0 ? -specialValue : specialValue }
    let (isNegative, magnitude) = magnitude()
    let (quotient, isInexact) = magnitude.divided(by: divisor.magnitude)
    let value = quotient.rounded(isInexact: isInexact)
    return isNegative != (divisor < 0) ? -value : value
  }
}
