/// Sums as multiples of 2^-90 in 128 bits: the small, fast form of ``ExactSum``.
///
/// Holds every double that is zero or has `2^-38 ≤ |x| < 2^36` (and some more below); others, and
/// sums that overflow, go to an ``ExactSum`` beside it.
enum FixedPoint {
  static let exponent = -90
  /// The largest shift that leaves a significand of 53 bits below 2^126.
  static let maxShift = 73
  static let one: Int128 = 1 << 90

  /// The double of bit pattern `bits` in units of 2^-90; unspecified unless `fits`.
  ///
  /// NaN, infinities and subnormals do not fit.
  @inline(__always)
  static func lane(_ bits: UInt64, fits: inout Bool) -> Int128 {
    // All ones unless the value is ±0, which is common and hard to predict: no branch on it.
    let doubled = bits << 1
    let nonzero = Int64(bitPattern: doubled | (0 &- doubled)) >> 63
    let shift = Int(truncatingIfNeeded: bits >> 52 & 0x7FF) &- 985
    fits = UInt(bitPattern: shift & Int(nonzero)) <= UInt(maxShift)
    let significand = Int64(truncatingIfNeeded: bits & 0xF_FFFF_FFFF_FFFF | 1 << 52) & nonzero
    let sign = Int64(bitPattern: bits) >> 63
    // Cannot overflow: the significand has 53 bits.
    let signed = (significand ^ sign) &- sign
    return Int128(truncatingIfNeeded: signed) &<< Int128(truncatingIfNeeded: shift & 127)
  }

  /// An integer in units of 2^-90; unspecified unless `fits`.
  @inline(__always)
  static func lane(_ value: Int64, fits: inout Bool) -> Int128 {
    fits = value.magnitude < 1 << 36
    return Int128(truncatingIfNeeded: value) &<< 90
  }

  /// The double nearest to `lane · 2^-90`.
  @inline(__always)
  static func value(_ lane: Int128) -> Double {
    // Multiples of 2^-58 below 2^5, which most sums of few values are, are rounded by the processor.
    let middle = Int64(truncatingIfNeeded: lane &>> 32)
    return Int128(middle) &<< 32 == lane ? Double(middle) * 0x1p-58 : longValue(lane)
  }

  @inline(never)
  private static func longValue(_ lane: Int128) -> Double {
    // `Double(Int128)` costs 400 ns; the 64 leading bits, the last one standing for all that
    // follow, round alike.
    let magnitude = lane.magnitude
    let dropped = max(0, 64 - magnitude.leadingZeroBitCount)
    var leading = UInt64(truncatingIfNeeded: magnitude &>> UInt128(dropped))
    if magnitude & (1 << UInt128(dropped) - 1) != 0 { leading |= 1 }
    let scale = Double(bitPattern: UInt64(1023 - 90 + dropped) << 52)
    let value = Double(leading) * scale
    return lane < 0 ? -value : value
  }
}
