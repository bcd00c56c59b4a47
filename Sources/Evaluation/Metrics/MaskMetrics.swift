extension MetricDefinition {
  /// Counts of the pixels of each class; weights do not enter.
  ///
  /// Source: TFMA `semantic_segmentation_confusion_matrix_metrics.py`.
  static let maskMetrics: [MetricDefinition] = [
    masks(
      "semantic_segmentation_confusion_matrix", "the four counts of pixels, as one matrix",
      cells: [0, 1, 2, 3]
    ) {
      BoundedValue(
        .confusionMatrices([
          ConfusionMatrix(threshold: 0, tp: $0[0], fp: $0[1], tn: $0[2], fn: $0[3])
        ]))
    },
    masks(
      "semantic_segmentation_true_positives", "pixels of the class that are found", cells: [0]
    ) { .number($0[0]) },
    masks(
      "semantic_segmentation_false_positives", "pixels found that are not of the class", cells: [1]
    ) { .number($0[0]) },
  ]

  /// One value for each class.
  private static func masks(
    _ name: String, _ summary: String, cells: [Int],
    _ value: @escaping @Sendable (MetricInputs) -> BoundedValue
  ) -> MetricDefinition {
    MetricDefinition(
      name, summary + ", a class", task: .masks,
      family: { arguments in
        let ignored = Int(arguments.number("ignore_ground_truth_id", default: -1))
        return (arguments.numbers("class_ids") ?? []).map { id in
          var computation = MetricComputation(
            sums: cells.map { .count("element(mask_counts(y, p, \(Int(id)), \(ignored)), \($0))") },
            value: value)
          computation.subKey = .classID(Int(id))
          return computation
        }
      },
      parameters: [
        MetricParameter("class_ids", .numbers(0...100_000), default: "required", isRequired: true),
        MetricParameter("ignore_ground_truth_id", .integer(0...100_000), default: "none"),
      ], usesWeights: { _ in false })
  }
}
