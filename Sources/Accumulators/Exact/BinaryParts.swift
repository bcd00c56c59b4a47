/// A finite double as `±significand · 2^exponent` with an integer significand below 2^53.
struct BinaryParts {
  var significand: UInt64
  var exponent: Int
  var isNegative: Bool

  @inline(__always)
  init(_ value: Double) {
    let bits = value.bitPattern
    let biased = Int(truncatingIfNeeded: bits >> 52 & 0x7FF)
    let fraction = bits & 0xF_FFFF_FFFF_FFFF
    significand = biased == 0 ? fraction : fraction | 1 << 52
    exponent = max(biased, 1) - 1075
    isNegative = bits >> 63 != 0
  }
}
