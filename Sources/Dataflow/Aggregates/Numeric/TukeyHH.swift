import Accumulators

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The distribution of `location + scale·z·exp(h·z²/2)` for a standard normal z, with h = `left`
/// for z < 0 and `right` above.
///
/// Sources: Tukey's h distributions by L-moments, Headrick and Pant, *Characterizing Tukey h and
/// hh-distributions through L-moments and the L-correlation*, ISRN Applied Mathematics 2012. The
/// integrals below are those of one half, found by parts.
struct TukeyHH: Equatable {
  var location: Double
  var scale: Double
  /// In `0..<1`.
  var left: Double
  var right: Double

  static let undefined = TukeyHH(location: .nan, scale: .nan, left: .nan, right: .nan)

  /// The contribution of one half to the L-moments: ∫ z·exp(h·z²/2)·sᵏ·φ(z) dz over z > 0, with
  /// s = 2Φ(z) − 1, for k = 0…3.
  struct Half {
    let powers: (Double, Double, Double, Double)

    init(_ h: Double) {
      let a = 2 - h
      let front = 1 / ((1 - h) * (2 * Double.pi).squareRoot())
      let root = (2 / (.pi * a)).squareRoot()
      powers.0 = front
      powers.1 = front / a.squareRoot()
      powers.2 = 2 / ((1 - h) * .pi) * root * atan(1 / a.squareRoot())
      powers.3 =
        6 / ((1 - h) * .pi) * root * (atan((1 + 2 / a).squareRoot()) - .pi / 4)
    }

    var first: Double { powers.0 }
    var second: Double { powers.1 }
    var third: Double { 0.5 * (3 * powers.2 - powers.0) }
    var fourth: Double { 0.5 * (5 * powers.3 - 3 * powers.1) }
  }

  /// L-skewness and L-kurtosis of the distribution with these parameters.
  static func shape(left: Double, right: Double) -> (skewness: Double, kurtosis: Double) {
    let (one, two) = (Half(left), Half(right))
    let spread = one.second + two.second
    return ((two.third - one.third) / spread, (one.fourth + two.fourth) / spread)
  }

  /// The distribution with the given L-moments.
  ///
  /// With an L-kurtosis at or below the normal one, both parameters are 0. Where no such
  /// distribution is as skewed, the lighter tail has 0 and the heavier one the L-kurtosis.
  init(_ moments: LMoments) {
    let isMirrored = moments.skewness < 0
    let (light, heavy) = Self.parameters(
      skewness: moments.skewness.magnitude, kurtosis: moments.kurtosis)
    left = isMirrored ? heavy : light
    right = isMirrored ? light : heavy
    let (one, two) = (Half(left), Half(right))
    scale = moments.second > 0 ? moments.second / (one.second + two.second) : 1
    location = moments.first - scale * (two.first - one.first)
  }

  init(location: Double, scale: Double, left: Double, right: Double) {
    self.location = location
    self.scale = scale
    self.left = left
    self.right = right
  }

  private static func parameters(
    skewness: Double, kurtosis: Double
  ) -> (light: Double, heavy: Double) {
    let kurtosis = min(kurtosis, 1 - 1e-5)
    guard kurtosis > shape(left: 0, right: 0).kurtosis else { return (0, 0) }
    func heavy(_ light: Double) -> Double {
      root(light, 1 - 1e-7) { shape(left: light, right: $0).kurtosis - kurtosis }
    }
    let equal = root(0, 1 - 1e-7) { shape(left: $0, right: $0).kurtosis - kurtosis }
    // The skewness falls as the light tail grows towards the heavy one.
    let light = root(0, equal) { skewness - shape(left: $0, right: heavy($0)).skewness }
    return (light, heavy(light))
  }

  /// Where the increasing `f` is 0 in `low...high`, or the end nearest to it; to the last bit.
  private static func root(_ low: Double, _ high: Double, _ f: (Double) -> Double) -> Double {
    var (low, high) = (low, high)
    if f(low) >= 0 { return low }
    if f(high) <= 0 { return high }
    while true {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { return middle }
      if f(middle) < 0 { low = middle } else { high = middle }
    }
  }
}
