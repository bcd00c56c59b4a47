import Accumulators

extension MetricDefinition {
  static let auc = MetricDefinition(
    "auc", "area under the ROC curve (or PR), ties counted half, with its certificate",
    parameters: curveParameters + [
      MetricParameter("curve", .choice(["ROC", "PR"]), default: "ROC")
    ]
  ) { arguments in area(arguments, curve: arguments.text("curve", default: "ROC")) }

  static let aucPrecisionRecall = MetricDefinition(
    "auc_precision_recall",
    "area under the precision-recall curve (Davis and Goadrich), with its certificate",
    parameters: curveParameters
  ) { area($0, curve: "PR") }

  private static let curveParameters = [
    MetricParameter(
      "summation_method", .choice(SummationMethod.allCases.map(\.rawValue)),
      default: SummationMethod.interpolation.rawValue),
    MetricParameter(
      "num_thresholds", .integer(2...100_000), default: "10000", needsCompatibility: true),
  ]

  private static func area(_ arguments: MetricArguments, curve: String) -> MetricComputation {
    let text = arguments.text("summation_method", default: "interpolation")
    let method = SummationMethod(rawValue: text) ?? .interpolation
    guard arguments.compatibility == .tfma else {
      return curve == "PR"
        ? MetricComputation(scores: { ScoreCurve($0).areaUnderPrecisionRecall(method) })
        : MetricComputation(scores: { $0.areaUnderROC(method) })
    }
    let count = Int(arguments.number("num_thresholds", default: 10_000))
    return MetricComputation(scores: { scores in
      let points = ScoreCurve(scores, thresholdCount: count)
      let value =
        curve == "PR" ? points.areaUnderPrecisionRecall(method) : points.areaUnderROC(method)
      // TFMA sums with `nansum`, so a slice without positives or negatives has area 0.
      return value.value.number?.isNaN == true ? .number(0) : value
    })
  }
}
