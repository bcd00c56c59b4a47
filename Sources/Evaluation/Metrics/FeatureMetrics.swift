extension MetricDefinition {
  /// Source: TFMA `stats.py`.
  static let mean = MetricDefinition(
    "mean", "weighted mean of a column, over rows that have a finite number there", task: .any,
    parameters: [MetricParameter("feature", .text, default: "required", isRequired: true)]
  ) { arguments in
    let feature = arguments.text("feature", default: "")
    return MetricComputation(sums: [.feature(feature), .featureWeight(feature)]) {
      .number(ratio($0[0], $0[1]))
    }
  }

  /// A value for each feature, named METRIC/FEATURE.
  ///
  /// Source: TFMA `attributions.py`.
  static let attributions: [MetricDefinition] = [
    attribution("mean_attributions", "mean over rows", isMean: true, isAbsolute: false),
    attribution(
      "mean_absolute_attributions", "mean size over rows", isMean: true, isAbsolute: true),
    attribution("total_attributions", "sum over rows", isMean: false, isAbsolute: false),
    attribution("total_absolute_attributions", "sum of sizes", isMean: false, isAbsolute: true),
  ]

  private static func attribution(
    _ name: String, _ summary: String, isMean: Bool, isAbsolute: Bool
  ) -> MetricDefinition {
    MetricDefinition(
      name, "\(summary) of what is attributed to each feature, weighted", task: .any,
      family: { arguments in
        arguments.attributed.map { feature in
          let sums: [SumQuantity] = [
            .attribution(feature, isAbsolute: isAbsolute), .weight,
          ]
          return MetricComputation(sums: sums, suffix: "/\(feature)") {
            .number(isMean ? ratio($0[0], $0[1]) : $0[0])
          }
        }
      })
  }

  var isAboutAttributions: Bool { name.hasSuffix("_attributions") }
}

extension EvaluationSpec {
  /// The feature that `metric` is an attribution to, with the name of the metric alone.
  public func attribution(_ metric: MetricKey) -> (name: String, feature: String)? {
    for request in metrics
    where MetricCatalog.metric(named: request.name)?.isAboutAttributions == true {
      let prefix = request.outputName + "/"
      if metric.name.hasPrefix(prefix) {
        return (request.outputName, String(metric.name.dropFirst(prefix.count)))
      }
    }
    return nil
  }
}
