extension MetricDefinition {
  /// Metrics of the scores of all classes at once; a label is a class id or a number a class.
  static let classMetrics: [MetricDefinition] = [
    classShare(
      "categorical_accuracy", "share of rows whose greatest score is that of the label",
      "ranked_index(p, 1) == y"),
    MetricDefinition(
      "top_k_categorical_accuracy", "share of rows whose label is among the k greatest scores",
      task: .classes, parameters: [MetricParameter("k", .integer(1...100_000), default: "5")]
    ) { arguments in
      shareOfRows("rank_of(p, y) < \(Int(arguments.number("k", default: 5)))")
    },
    MetricDefinition(
      "categorical_cross_entropy", "weighted mean of −Σ y ln p over the classes, not clipped",
      task: .classes
    ) { _ in
      MetricComputation(sums: [.formula("categorical_log_loss(labels, p)"), .weight]) {
        .number(ratio($0[0], $0[1]))
      }
    },
  ]

  private static func classShare(
    _ name: String, _ summary: String, _ condition: String
  ) -> MetricDefinition {
    MetricDefinition(name, summary, task: .classes) { _ in shareOfRows(condition) }
  }

  private static func shareOfRows(_ condition: String) -> MetricComputation {
    MetricComputation(sums: [.formula("where(\(condition), 1.0, 0.0)"), .weight]) {
      .number(ratio($0[0], $0[1]))
    }
  }
}
