/// A sum of squares as a multiple of 2^-180 in 320 bits, which no count of rows overflows.
struct SquareLane: Sendable {
  /// Least significant first, in 64-bit words.
  private var words: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)

  static let exponent = 2 * FixedPoint.exponent

  /// Adds `square · 2^(shift − 180)`.
  ///
  /// - Precondition: `square` is below 2^118, `shift` in `0...146`.
  @inline(__always)
  mutating func add(_ square: UInt128, shift: Int) {
    let bits = UInt64(truncatingIfNeeded: shift & 63)
    let low = UInt64(truncatingIfNeeded: square)
    let high = UInt64(truncatingIfNeeded: square >> 64)
    // Shifting by 63 − bits and then by 1 is 0 for no bits, as it must be.
    let first = low &<< bits
    let second = high &<< bits | (low &>> (63 &- bits)) &>> 1
    let third = (high &>> (63 &- bits)) &>> 1
    if shift < 64 {
      add(first, second, third, 0, 0)
    } else if shift < 128 {
      add(0, first, second, third, 0)
    } else {
      add(0, 0, first, second, third)
    }
  }

  @inline(__always)
  private mutating func add(
    _ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64, _ word4: UInt64
  ) {
    let carry0 = Self.add(word0, 0, to: &words.0)
    let carry1 = Self.add(word1, carry0, to: &words.1)
    let carry2 = Self.add(word2, carry1, to: &words.2)
    let carry3 = Self.add(word3, carry2, to: &words.3)
    // The top word has room for 2^66 squares of less than 2^252.
    words.4 = words.4 &+ word4 &+ carry3
  }

  @inline(__always)
  private static func add(_ word: UInt64, _ carry: UInt64, to sum: inout UInt64) -> UInt64 {
    let (first, overflow) = sum.addingReportingOverflow(word)
    let (second, again) = first.addingReportingOverflow(carry)
    sum = second
    return (overflow ? 1 : 0) | (again ? 1 : 0)
  }

  mutating func merge(_ other: SquareLane) {
    let words = other.words
    add(words.0, words.1, words.2, words.3, words.4)
  }

  /// Adds this sum to `sum`.
  func flush(into sum: inout ExactSum) {
    let low = UInt128(words.1) << 64 | UInt128(words.0)
    let high = UInt128(words.3) << 64 | UInt128(words.2)
    sum.add(low, exponent: Self.exponent, isNegative: false)
    sum.add(high, exponent: Self.exponent + 128, isNegative: false)
    sum.add(UInt128(words.4), exponent: Self.exponent + 256, isNegative: false)
  }
}
