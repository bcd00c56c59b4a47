import Accumulators

#if canImport(Glibc)
import Glibc
#endif

/// How the height between two points of a curve is chosen.
enum SummationMethod: String, CaseIterable {
  case interpolation, minoring, majoring

  func height(_ one: Double, _ two: Double) -> Double {
    switch self {
    case .interpolation: (one + two) / 2
    case .minoring: min(one, two)
    case .majoring: max(one, two)
    }
  }
}

extension ScoreCurve {
  /// The area under the ROC curve; see that of ``ScoreBins``.
  func areaUnderROC(_ method: SummationMethod) -> BoundedValue {
    let (tp, fp) = (truePositives.span, falsePositives.span)
    return ROCArea(method, count: min(tp.count, fp.count) - 1) {
      (tp[$0] - tp[$0 + 1], fp[$0] - fp[$0 + 1])
    }.value(isExact: isExact)
  }

  /// The area under the precision-recall curve, between points as Davis and Goadrich (2006)
  /// interpolate; NaN without positives.
  ///
  /// Along a bin the exact curve lies between "positives first" and "negatives first", whose areas
  /// have closed forms; the bound is the greater distance to them.
  func areaUnderPrecisionRecall() -> BoundedValue {
    guard positives > 0 else { return .number(.nan) }
    var area = 0.0
    var highest = 0.0
    var lowest = 0.0
    for index in 0..<(count - 1) {
      let tp = truePositives[index + 1]
      let fp = falsePositives[index + 1]
      let gained = truePositives[index] - tp
      guard gained > 0 else { continue }
      let mistaken = falsePositives[index] - fp
      let slope = gained / (gained + mistaken)
      let start = tp + fp
      // For a first point with no row above it the precision is constant.
      let bend = start > 0 ? (tp - slope * start) * log1p((gained + mistaken) / start) : 0
      area += slope * (gained + bend)
      highest += Self.area(of: gained, above: tp, against: fp)
      lowest += Self.area(of: gained, above: tp, against: fp + mistaken)
    }
    let bound = isExact ? 0 : max(highest - area, area - lowest) / positives
    return BoundedValue(.number(area / positives), bound: max(0, bound) + roundingSlack(count))
  }

  /// The area between points by `method` on precision and recall, as TFMA's `summation_method`;
  /// no bound is known but for an exact curve.
  func areaUnderPrecisionRecall(_ method: SummationMethod) -> BoundedValue {
    if method == .interpolation { return areaUnderPrecisionRecall() }
    guard positives > 0 else { return .number(.nan) }
    var area = 0.0
    for index in 0..<(count - 1) {
      let gained = truePositives[index] - truePositives[index + 1]
      let height = method.height(precision(index), precision(index + 1))
      if gained > 0, !height.isNaN { area += gained * height }
    }
    return BoundedValue(.number(area / positives), bound: isExact ? roundingSlack(count) : nil)
  }

  private func precision(_ index: Int) -> Double {
    ratio(truePositives[index], truePositives[index] + falsePositives[index])
  }

  /// ∫ t / (t + c) dt over `tp ... tp + gained`, with `c` false positives.
  private static func area(of gained: Double, above tp: Double, against c: Double) -> Double {
    c > 0 ? gained - c * log1p(gained / (tp + c)) : gained
  }
}

/// A bound of the rounding in sums of as many terms as there are points, each at most 1.
private func roundingSlack(_ pointCount: Int) -> Double { Double(pointCount + 8) * 0x1p-50 }

extension ScoreBins {
  /// The area under the ROC curve, NaN without positives or without negatives.
  ///
  /// The exact area, with ties counted half, differs by how the rows inside a bin are ordered: at
  /// most half of Σ pᵦ·nᵦ / (P·N), or all of it when the sum takes one side; not at all where bins
  /// are exact. Rounding is part of the bound.
  func areaUnderROC(_ method: SummationMethod) -> BoundedValue {
    let (positives, negatives) = (positives.span, negatives.span)
    return ROCArea(method, count: min(positives.count, negatives.count)) {
      (positives[$0], negatives[$0])
    }.value(isExact: isExact)
  }
}

/// The area under a ROC curve, not yet divided by P·N.
private struct ROCArea {
  private let method: SummationMethod
  private let count: Int
  private var area = 0.0
  /// Σ pᵦ·nᵦ, what the heights leave open.
  private var ties = 0.0
  private var positives = 0.0
  private var negatives = 0.0

  /// Sums `count` steps, of which `step` tells the positives and the negatives, from the last, that of
  /// the greatest scores, to the first.
  @inline(__always)
  init(_ method: SummationMethod, count: Int, _ step: (Int) -> (Double, Double)) {
    self.method = method
    self.count = count
    switch method {
    case .interpolation: sum(step) { ($0 + $1) / 2 }
    case .minoring, .majoring: sum(step) { method.height($0, $1) }
    }
  }

  @inline(__always)
  private mutating func sum(
    _ step: (Int) -> (Double, Double), _ height: (Double, Double) -> Double
  ) {
    for index in (0..<count).reversed() {
      let (positive, negative) = step(index)
      let above = positives
      positives += positive
      negatives += negative
      area += negative * height(positives, above)
      ties += negative * positive
    }
  }

  func value(isExact: Bool) -> BoundedValue {
    guard positives > 0, negatives > 0 else { return .number(.nan) }
    let whole = positives * negatives
    let share: Double = isExact ? 0 : method == .interpolation ? 0.5 : 1
    return BoundedValue(
      .number(area / whole),
      bound: share * ties / whole + roundingSlack(count + 1))
  }
}
