extension MetricDefinition {
  /// Source: `fairness_indicators_metrics.py` of Google's fairness-indicators.
  static let fairnessIndicators = MetricDefinition(
    "fairness_indicators", "ten rates at each threshold, named fairness_indicators_metrics/RATE@T",
    task: .binary,
    family: { arguments in
      let thresholds =
        arguments.numbers("thresholds") ?? [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
      let prefix = arguments.text("name", default: "fairness_indicators_metrics")
      return thresholds.flatMap { threshold in
        fairnessRates.map { name, cells, formula in
          MetricComputation(
            sums: cells.map { $0.quantity(threshold) }, name: "\(prefix)/\(name)@\(threshold)"
          ) { .number(formula(ConfusionCounts($0, cells, from: 0))) }
        }
      }
    },
    parameters: [
      MetricParameter("thresholds", .numbers(thresholdRange), default: "[0.1, 0.2, … 0.9]")
    ])

  private typealias Rate = (
    name: String, cells: [ConfusionCell], formula: @Sendable (ConfusionCounts) -> Double
  )

  private static let fairnessRates: [Rate] = [
    ("false_positive_rate", [.fp, .tn], { ratio($0.fp, $0.fp + $0.tn) }),
    ("false_negative_rate", [.tp, .fn], { ratio($0.fn, $0.fn + $0.tp) }),
    ("true_positive_rate", [.tp, .fn], { $0.truePositiveRate }),
    ("true_negative_rate", [.fp, .tn], { $0.trueNegativeRate }),
    ("positive_rate", [.tp, .fp, .tn, .fn], { ratio($0.tp + $0.fp, $0.total) }),
    ("negative_rate", [.tp, .fp, .tn, .fn], { ratio($0.tn + $0.fn, $0.total) }),
    ("false_discovery_rate", [.tp, .fp], { ratio($0.fp, $0.fp + $0.tp) }),
    ("false_omission_rate", [.tn, .fn], { ratio($0.fn, $0.fn + $0.tn) }),
    ("precision", [.tp, .fp], { $0.positivePredictiveValue }),
    ("recall", [.tp, .fn], { $0.truePositiveRate }),
  ]
}
