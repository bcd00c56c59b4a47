extension Magnitude {
  /// The nearest double, ties to even; infinity when that is out of range.
  ///
  /// With `isInexact` the true value is slightly more, by less than `2^exponent`.
  func rounded(isInexact: Bool = false) -> Double {
    guard let top = limbs.last else { return 0 }
    let bitCount = 64 * limbs.count - top.leadingZeroBitCount
    let topExponent = exponent + bitCount - 1
    let unit = max(topExponent - 52, -1074)
    let dropped = unit - exponent
    guard topExponent <= 1023 else { return .infinity }
    guard dropped > 0 else {
      return Double(sign: .plus, exponent: exponent, significand: Double(limbs[0]))
    }
    var significand = bits(from: dropped)
    let isHalf = bit(dropped - 1)
    if isHalf && (isInexact || hasBits(below: dropped - 1) || significand & 1 == 1) {
      significand += 1
    }
    return Double(sign: .plus, exponent: unit, significand: Double(significand))
  }

  private func limb(_ index: Int) -> UInt64 { index < limbs.count ? limbs[index] : 0 }

  private func bit(_ position: Int) -> Bool {
    limb(position >> 6) >> UInt64(position & 63) & 1 == 1
  }

  /// The bits from `position` up, which are at most 53.
  private func bits(from position: Int) -> UInt64 {
    let shift = UInt64(position & 63)
    let low = limb(position >> 6) >> shift
    return shift == 0 ? low : low | limb(position >> 6 + 1) << (64 - shift)
  }

  private func hasBits(below position: Int) -> Bool {
    let whole = min(position >> 6, limbs.count)
    if limbs[..<whole].contains(where: { $0 != 0 }) { return true }
    return limb(position >> 6) & ((1 << UInt64(position & 63)) - 1) != 0
  }
}
