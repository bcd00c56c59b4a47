import Accumulators
import Expressions

/// What an evaluation behind a label join counts besides: predictions, and those without a label.
struct LabelCoverage: Sendable {
  /// Where the sums stand: predictions, and those with a label.
  let predictions: Int
  let labelled: Int
  /// What the missing labels may do to each metric; parallel to the plan's metrics.
  let bounds: [Bounds]

  enum Bounds: Sendable {
    case sums(MissingSums)
    /// Why a metric has none.
    case unknown(String)
  }

  /// The reason for each metric that has no bounds, by name.
  func reasons(_ metrics: [ResolvedMetric]) -> [String] {
    var lines: [String] = []
    for (metric, bounds) in zip(metrics, bounds) {
      guard case .unknown(let reason) = bounds else { continue }
      let line = "label bounds of \(metric.key.name): unknown, \(reason)"
      if !lines.contains(line) { lines.append(line) }
    }
    return lines
  }

  func results(_ row: [Double]) -> [MetricResult] {
    let (all, with) = (row[predictions], row[labelled])
    let values: [(String, Double)] = [
      ("prediction_count", all), ("label_count", with), ("label_coverage", ratio(with, all)),
    ]
    return values.map { name, value in
      MetricResult(
        key: MetricKey(name: name), value: .number(value), examples: Int64(all), weight: all)
    }
  }
}

/// A sum over the predictions without a label, for one view.
///
/// A prediction adds to it when it comes, and takes that back when its label does; sums are exact,
/// so what is left is the sum over those that have none.
enum MissingQuantity: Hashable, Sendable {
  /// 1 a row.
  case examples
  /// `w`.
  case weight
  /// `w·p`.
  case prediction
  /// `w` of those predicted positive.
  case above(threshold: Double)
}

/// Where the sums over predictions without a label stand that a metric's bounds are made of.
struct MissingSums: Sendable {
  var positions: [MissingQuantity: Int] = [:]

  /// What the labels could be that have not come.
  enum Assumption: CaseIterable {
    case right, wrong, positive, negative

    /// The label of a prediction that is, or is not, above the threshold.
    func label(isAbove: Bool) -> Bool {
      switch self {
      case .right: isAbove
      case .wrong: !isAbove
      case .positive: true
      case .negative: false
      }
    }
  }

  /// The quantities that must be known for sums of `quantity`; `nil` if that would not do.
  static func needs(_ quantity: SumQuantity) -> [MissingQuantity]? {
    switch quantity {
    case .examples: [.examples]
    case .weight, .label: [.weight]
    case .prediction: [.prediction]
    case .truePositives(let threshold), .falsePositives(let threshold),
      .trueNegatives(let threshold), .falseNegatives(let threshold), .correct(let threshold):
      [.weight, .above(threshold: threshold)]
    case .logLoss, .squaredError, .formula, .cosine, .withoutCosine, .attribution, .feature,
      .featureWeight, .count:
      nil
    }
  }

  /// What `quantity` grows by if the missing labels are as assumed; a sum of labels knows no
  /// threshold that would make one right or wrong.
  func growth(of quantity: SumQuantity, _ assumption: Assumption, _ row: [Double]) -> Double {
    func sum(_ quantity: MissingQuantity) -> Double { positions[quantity].map { row[$0] } ?? 0 }
    func part(_ threshold: Double, where isWanted: (_ isAbove: Bool) -> Bool) -> Double {
      let above = sum(.above(threshold: threshold))
      return (isWanted(true) ? above : 0) + (isWanted(false) ? sum(.weight) - above : 0)
    }
    switch quantity {
    case .examples: return sum(.examples)
    case .weight: return sum(.weight)
    case .prediction: return sum(.prediction)
    case .label: return assumption == .positive ? sum(.weight) : 0
    case .truePositives(let threshold):
      return part(threshold) { $0 && assumption.label(isAbove: $0) }
    case .falsePositives(let threshold):
      return part(threshold) { $0 && !assumption.label(isAbove: $0) }
    case .trueNegatives(let threshold):
      return part(threshold) { !$0 && !assumption.label(isAbove: $0) }
    case .falseNegatives(let threshold):
      return part(threshold) { !$0 && assumption.label(isAbove: $0) }
    case .correct(let threshold):
      return part(threshold) { assumption.label(isAbove: $0) == $0 }
    case .logLoss, .squaredError, .formula, .cosine, .withoutCosine, .attribution, .feature,
      .featureWeight, .count:
      return .nan
    }
  }
}

extension ResolvedMetric {
  /// The least and the greatest value there can be once all labels have come; `nil` if there is none.
  ///
  /// Formulas over the four counts never fall when a decision turns right, so the ends are at *all
  /// right* and *all wrong*; those over the labels alone have them at *all positive* and *all
  /// negative*. The extremes of all that apply are taken; there are none if a decisive one makes
  /// the value undefined, since others may then be anything.
  func bounds(_ missing: MissingSums, _ row: [Double]) -> ClosedRange<Double>? {
    var range: ClosedRange<Double>?
    let isOfLabels = computation.sums.contains(.label)
    for assumption in MissingSums.Assumption.allCases {
      let isOfDecisions = assumption == .right || assumption == .wrong
      guard !isOfLabels || !isOfDecisions else { continue }
      let sums = zip(computation.sums, parts[0].sources.positions).map { quantity, position in
        row[position] + missing.growth(of: quantity, assumption, row)
      }
      let inputs = MetricInputs(sums: sums)
      let value = computation.value(inputs).value.number ?? .nan
      if value.isNaN {
        if isOfLabels || isOfDecisions { return nil }
        continue
      }
      range = range.map { min($0.lowerBound, value)...max($0.upperBound, value) } ?? value...value
    }
    return range
  }
}
