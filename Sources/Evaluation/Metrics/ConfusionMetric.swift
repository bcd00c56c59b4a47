/// Scores are compared with any finite threshold.
let thresholdRange = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude

/// One of the four counts at a threshold.
enum ConfusionCell: Hashable, Sendable {
  case tp, fp, tn, fn

  func quantity(_ threshold: Double) -> SumQuantity {
    switch self {
    case .tp: .truePositives(threshold: threshold)
    case .fp: .falsePositives(threshold: threshold)
    case .tn: .trueNegatives(threshold: threshold)
    case .fn: .falseNegatives(threshold: threshold)
    }
  }

  /// All four at `threshold`, in the order tp, fp, tn, fn.
  static func all(at threshold: Double) -> [SumQuantity] {
    [ConfusionCell.tp, .fp, .tn, .fn].map { $0.quantity(threshold) }
  }
}

/// The counts a formula reads; those it does not use are 0.
struct ConfusionCounts {
  var tp = 0.0
  var fp = 0.0
  var tn = 0.0
  var fn = 0.0

  var total: Double { tp + fp + tn + fn }
  var truePositiveRate: Double { ratio(tp, tp + fn) }
  var trueNegativeRate: Double { ratio(tn, tn + fp) }
  var positivePredictiveValue: Double { ratio(tp, tp + fp) }
  var negativePredictiveValue: Double { ratio(tn, tn + fn) }

  init(_ inputs: MetricInputs, _ cells: [ConfusionCell], from start: Int) {
    for (offset, cell) in cells.enumerated() {
      let value = inputs[start + offset]
      switch cell {
      case .tp: tp = value
      case .fp: fp = value
      case .tn: tn = value
      case .fn: fn = value
      }
    }
  }
}

extension MetricDefinition {
  /// A metric that is a formula over the counts at a threshold; NaN on a zero denominator.
  ///
  /// With `thresholds` the value is a list.
  static func confusion(
    _ name: String, _ summary: String, _ cells: [ConfusionCell],
    formula: @escaping @Sendable (ConfusionCounts) -> Double
  ) -> MetricDefinition {
    MetricDefinition(name, summary, parameters: decisionParameters) { arguments in
      atThresholds(arguments, sums: { threshold in cells.map { $0.quantity(threshold) } }) {
        formula(ConfusionCounts($0, cells, from: $1))
      }
    }
  }

  static let decisionParameters = [
    MetricParameter("threshold", .number(thresholdRange), default: "0.5"),
    MetricParameter("thresholds", .numbers(thresholdRange), default: "none"),
  ]

  /// One number for `threshold`, or a list for `thresholds`; `formula` is given where the sums of
  /// its threshold start.
  static func atThresholds(
    _ arguments: MetricArguments, sums: (Double) -> [SumQuantity],
    formula: @escaping @Sendable (MetricInputs, Int) -> Double
  ) -> MetricComputation {
    guard let thresholds = arguments.numbers("thresholds") else {
      let threshold = arguments.number("threshold", default: 0.5)
      return MetricComputation(sums: sums(threshold)) { .number(formula($0, 0)) }
    }
    let stride = sums(0).count
    return MetricComputation(sums: thresholds.flatMap(sums)) { inputs in
      BoundedValue(.numbers(thresholds.indices.map { formula(inputs, $0 * stride) }))
    }
  }

  /// Needs two sums instead of four.
  static let binaryAccuracy = MetricDefinition(
    "binary_accuracy", "share of right decisions: (tp + tn) / all",
    parameters: decisionParameters
  ) { arguments in
    atThresholds(arguments, sums: { [.correct(threshold: $0), .weight] }) {
      ratio($0[$1], $0[$1 + 1])
    }
  }
}

extension MetricDefinition {
  /// The greatest recall any threshold gives: of all rows with a score above 10⁻¹².
  static let maxRecall = MetricDefinition("max_recall", "recall at the threshold 10⁻¹²") { _ in
    MetricComputation(sums: [
      .truePositives(threshold: 1e-12), .falseNegatives(threshold: 1e-12),
    ]) { .number(ratio($0[0], $0[0] + $0[1])) }
  }

  /// Source: TFMA `confusion_matrix_metrics.py`.
  static let confusionMetrics: [MetricDefinition] = [
    confusion("true_positives", "weighted true positives", [.tp]) { $0.tp },
    confusion("false_positives", "weighted false positives", [.fp]) { $0.fp },
    confusion("true_negatives", "weighted true negatives", [.tn]) { $0.tn },
    confusion("false_negatives", "weighted false negatives", [.fn]) { $0.fn },
    confusion("precision", "tp / (tp + fp)", [.tp, .fp]) { $0.positivePredictiveValue },
    confusion("recall", "tp / (tp + fn)", [.tp, .fn]) { $0.truePositiveRate },
    confusion("specificity", "tn / (tn + fp)", [.fp, .tn]) { $0.trueNegativeRate },
    confusion("fall_out", "fp / (fp + tn)", [.fp, .tn]) { ratio($0.fp, $0.fp + $0.tn) },
    confusion("miss_rate", "fn / (fn + tp)", [.tp, .fn]) { ratio($0.fn, $0.fn + $0.tp) },
    confusion("negative_predictive_value", "tn / (tn + fn)", [.tn, .fn]) {
      $0.negativePredictiveValue
    },
    confusion("false_discovery_rate", "fp / (fp + tp)", [.tp, .fp]) {
      ratio($0.fp, $0.fp + $0.tp)
    },
    confusion("false_omission_rate", "fn / (fn + tn)", [.tn, .fn]) {
      ratio($0.fn, $0.fn + $0.tn)
    },
    confusion("prevalence", "(tp + fn) / all", [.tp, .fp, .tn, .fn]) {
      ratio($0.tp + $0.fn, $0.total)
    },
    confusion("predicted_positive_rate", "(tp + fp) / all", [.tp, .fp, .tn, .fn]) {
      ratio($0.tp + $0.fp, $0.total)
    },
    confusion("threat_score", "tp / (tp + fn + fp)", [.tp, .fp, .fn]) {
      ratio($0.tp, $0.tp + $0.fn + $0.fp)
    },
    confusion("balanced_accuracy", "(tpr + tnr) / 2", [.tp, .fp, .tn, .fn]) {
      ($0.truePositiveRate + $0.trueNegativeRate) / 2
    },
    confusion("f1_score", "2 tp / (2 tp + fp + fn)", [.tp, .fp, .fn]) {
      ratio(2 * $0.tp, 2 * $0.tp + $0.fp + $0.fn)
    },
    confusion(
      "matthews_correlation_coefficient",
      "(tp tn − fp fn) / √((tp + fp)(tp + fn)(tn + fp)(tn + fn))", [.tp, .fp, .tn, .fn]
    ) {
      let squared = ($0.tp + $0.fp) * ($0.tp + $0.fn) * ($0.tn + $0.fp) * ($0.tn + $0.fn)
      return ratio($0.tp * $0.tn - $0.fp * $0.fn, squared.squareRoot())
    },
    confusion("fowlkes_mallows_index", "√(ppv · tpr)", [.tp, .fp, .fn]) {
      ($0.positivePredictiveValue * $0.truePositiveRate).squareRoot()
    },
    confusion("informedness", "tpr + tnr − 1", [.tp, .fp, .tn, .fn]) {
      $0.truePositiveRate + $0.trueNegativeRate - 1
    },
    confusion("markedness", "ppv + npv − 1", [.tp, .fp, .tn, .fn]) {
      $0.positivePredictiveValue + $0.negativePredictiveValue - 1
    },
    confusion("positive_likelihood_ratio", "tpr / fpr", [.tp, .fp, .tn, .fn]) {
      ratio($0.truePositiveRate, ratio($0.fp, $0.fp + $0.tn))
    },
    confusion("negative_likelihood_ratio", "fnr / tnr", [.tp, .fp, .tn, .fn]) {
      ratio(ratio($0.fn, $0.fn + $0.tp), $0.trueNegativeRate)
    },
    confusion(
      "prevalence_threshold", "(√(tpr (1 − tnr)) + tnr − 1) / (tpr + tnr − 1)",
      [.tp, .fp, .tn, .fn]
    ) {
      let (tpr, tnr) = ($0.truePositiveRate, $0.trueNegativeRate)
      return tpr + tnr == 1
        ? .nan : ((tpr * (1 - tnr)).squareRoot() + tnr - 1) / (tpr + tnr - 1)
    },
    confusion("diagnostic_odds_ratio", "(tp / fn) / (fp / tn)", [.tp, .fp, .tn, .fn]) {
      ratio(ratio($0.tp, $0.fn), ratio($0.fp, $0.tn))
    },
  ]
}
