/// A small seeded generator with the same sequence on every machine.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
struct SplitMix64 {
  private var state: UInt64

  /// The sequence of row `index` under `seed`, independent of every other row's.
  init(seed: UInt64, index: Int) {
    // `&*`, `&+`: arithmetic modulo 2^64 is the algorithm.
    state = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(index) &+ 1))
  }

  mutating func next() -> UInt64 {
    state = state &+ 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// A number in `[0, 1)` with 53 random bits.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number in `0..<bound`; the bias of at most `bound` / 2^64 is of no matter here.
  mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Nearly normal, mean 0 and variance 1: twelve uniform 16-bit numbers summed (Irwin–Hall), which
  /// needs no function of the mathematical library.
  mutating func normal() -> Double {
    var sum: UInt64 = 0
    for _ in 0..<3 {
      let bits = next()
      sum += (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    }
    return (Double(sum) + 6) * 0x1p-16 - 6
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
