#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Upper tails of the distributions of test statistics.
enum Chance {
  /// P(X ≥ `value`) for chi-squared of so many degrees of freedom: Γ(k/2, x/2) / Γ(k/2).
  ///
  /// Source: Press et al., *Numerical Recipes*, 6.2: the series below the mean, Lentz's continued
  /// fraction above.
  static func chiSquared(_ value: Double, freedom: Double) -> Double {
    let (a, x) = (freedom / 2, value / 2)
    guard x > 0 else { return 1 }
    let scale = exp(a * log(x) - x - logGamma(a))
    if x < a + 1 {
      var term = 1 / a
      var sum = term
      var divisor = a
      while term > sum * 1e-16 {
        divisor += 1
        term *= x / divisor
        sum += term
      }
      return max(0, 1 - sum * scale)
    }
    let tiny = 1e-300
    var b = x + 1 - a
    var c = 1 / tiny
    var d = 1 / b
    var fraction = d
    for index in 1...10_000 {
      let factor = -Double(index) * (Double(index) - a)
      b += 2
      d = factor * d + b
      if abs(d) < tiny { d = tiny }
      c = b + factor / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      fraction *= d * c
      if abs(d * c - 1) < 1e-16 { break }
    }
    return min(1, fraction * scale)
  }

  /// P(K ≥ `value`) for Kolmogorov's distribution: 2 Σ (−1)ʲ⁻¹ exp(−2 j² λ²).
  static func kolmogorov(_ value: Double) -> Double {
    guard value > 0.2 else { return 1 }
    var sum = 0.0
    for index in 1...100 {
      let term = exp(-2 * Double(index * index) * value * value)
      sum += index % 2 == 1 ? term : -term
      if term < 1e-18 { break }
    }
    return min(1, max(0, 2 * sum))
  }

  /// Lanczos, to 15 digits for positive `x`; `lgamma` writes a global.
  private static func logGamma(_ x: Double) -> Double {
    let coefficients = [
      676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
      12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ]
    if x < 0.5 { return log(Double.pi / sin(Double.pi * x)) - logGamma(1 - x) }
    var sum = 0.99999999999980993
    for (index, coefficient) in coefficients.enumerated() {
      sum += coefficient / (x + Double(index))
    }
    let base = x + 6.5
    return 0.5 * log(2 * Double.pi) + (x - 0.5) * log(base) - base + log(sum)
  }
}
