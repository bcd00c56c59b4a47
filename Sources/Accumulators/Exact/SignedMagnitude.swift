/// An integer of any size and sign times a power of two.
struct SignedMagnitude {
  var isNegative: Bool
  var magnitude: Magnitude

  init(isNegative: Bool, magnitude: Magnitude) {
    self.isNegative = isNegative
    self.magnitude = magnitude
  }

  /// The finite part of `sum`.
  init(_ sum: ExactSum) {
    (isNegative, magnitude) = sum.magnitude()
  }

  static func * (one: SignedMagnitude, factor: UInt64) -> SignedMagnitude {
    SignedMagnitude(isNegative: one.isNegative, magnitude: one.magnitude * factor)
  }

  static func * (one: SignedMagnitude, two: SignedMagnitude) -> SignedMagnitude {
    SignedMagnitude(
      isNegative: one.isNegative != two.isNegative,
      magnitude: one.magnitude.times(two.magnitude))
  }

  static func - (one: SignedMagnitude, two: SignedMagnitude) -> SignedMagnitude {
    if one.isNegative != two.isNegative {
      return SignedMagnitude(
        isNegative: one.isNegative, magnitude: one.magnitude.plus(two.magnitude))
    }
    if two.magnitude.isLess(than: one.magnitude) {
      return SignedMagnitude(
        isNegative: one.isNegative, magnitude: one.magnitude - two.magnitude)
    }
    return SignedMagnitude(
      isNegative: !one.isNegative, magnitude: two.magnitude - one.magnitude)
  }

  /// The value divided by `divisor` twice, rounded once.
  func dividedTwice(by divisor: UInt64) -> Double {
    let (once, isInexact) = magnitude.divided(by: divisor)
    let (twice, isInexactAgain) = once.divided(by: divisor)
    let value = twice.rounded(isInexact: isInexact || isInexactAgain)
    return isNegative ? -value : value
  }
}
