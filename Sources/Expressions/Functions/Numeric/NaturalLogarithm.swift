/// The natural logarithm, by the same operations on every processor.
///
/// The C library's differs in its last bit between processors with and without fused
/// multiply-add. This one has no branch, so that loops over it become loops of vectors.
///
/// x = 2^k · (1 + f) with 1 + f between √½ and √2; with s = f / (2 + f), log(1 + f) = 2 artanh(s) is
/// f − s · (f − R), where R approximates its series by an even polynomial of s up to s^14, to 2^-58.
/// The error is below 0.7 ulp. log(±0) is −∞, that of a negative number NaN, of ∞ ∞.
///
/// Source: K. C. Ng, fdlibm `e_log.c` (Sun Microsystems, 1993), whose coefficients these are.
enum NaturalLogarithm {
  /// ln 2 in two parts; the first has 32 trailing zeros, so that its products with k are exact.
  private static let ln2 = (
    high: Double(bitPattern: 0x3FE6_2E42_FEE0_0000), low: Double(bitPattern: 0x3DEA_39EF_3579_3C76)
  )
  /// The bits of about √½, from which on exponents are counted.
  private static let leastMantissa: UInt64 = 0x3FE6_A09E_0000_0000
  private static let one: UInt64 = 0x3FF0_0000_0000_0000

  @inline(__always)
  static func of(_ x: Double) -> Double {
    let isTiny = x < .leastNormalMagnitude
    let bits = (isTiny ? x * 0x1p54 : x).bitPattern &+ (one &- leastMantissa)
    // A double between 2^52 and 2^53 holds an integer in its last bits.
    let biased = Double(bitPattern: bits &>> 52 | 0x4330_0000_0000_0000)
    let k = biased - (isTiny ? 0x1p52 + 1023 + 54 : 0x1p52 + 1023)
    let f = Double(bitPattern: (bits & (1 &<< 52 &- 1)) &+ leastMantissa) - 1
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let odd = w * (0x1.999999997fa04p-2 + w * (0x1.c71c51d8e78afp-3 + w * 0x1.39a09d078c69fp-3))
    let even =
      z
      * (0x1.5555555555593p-1
        + w * (0x1.2492494229359p-2 + w * (0x1.7466496cb03dep-3 + w * 0x1.2f112df3e5244p-3)))
    let half = 0.5 * f * f
    // The two greatest terms are added with what rounding takes from their sums.
    let low = s * (half + (odd + even)) + k * ln2.low
    let part = f - half
    let sum = k * ln2.high + part
    let lost = (k * ln2.high - sum + part) + (f - part - half)
    let value = sum + (lost + low)
    return x > 0 && x < .infinity ? value : x == 0 ? -.infinity : x > 0 ? x : .nan
  }
}
