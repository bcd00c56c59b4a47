/// A sample of a column, drawn by the hashes of the rows.
struct RowSample: Hashable, Sendable {
  /// Which rows may be drawn.
  enum Kind: Hashable, Sendable {
    /// Each, as likely as it weighs.
    case all
    /// Those of label 0 above the threshold, each as likely.
    case falsePositives(threshold: Double)
    /// Those of a label above 0 that are not above it.
    case falseNegatives(threshold: Double)
  }

  var kind: Kind
  var column: String
  var size: Int
}

extension MetricDefinition {
  /// Source: TFMA `sample_metrics.py`, `confusion_matrix_metrics.py`, which draw anew in every run, and
  /// false ones by order of arrival.
  static let sampleMetrics: [MetricDefinition] = [
    sample("fixed_size_sample", "values of a column in some rows", "sampled_key", "size", .any) {
      _ in .all
    },
    sample(
      "false_positive_feature_sampler", "values of a column in some false positives",
      "feature_key", "sample_size", .binary
    ) { .falsePositives(threshold: $0) },
    sample(
      "false_negative_feature_sampler", "values of a column in some false negatives",
      "feature_key", "sample_size", .binary
    ) { .falseNegatives(threshold: $0) },
  ]

  private static func sample(
    _ name: String, _ summary: String, _ column: String, _ size: String, _ task: MetricTask,
    _ kind: @escaping @Sendable (_ threshold: Double) -> RowSample.Kind
  ) -> MetricDefinition {
    MetricDefinition(
      name, summary + ", drawn by their hashes", task: task,
      parameters: [
        MetricParameter(column, .text, default: "required", isRequired: true),
        MetricParameter(size, .integer(1...100_000), default: "required", isRequired: true),
      ]
        + (task == .binary
          ? [MetricParameter("threshold", .number(thresholdRange), default: "0.5")] : [])
    ) { arguments in
      MetricComputation(
        sample: RowSample(
          kind: kind(arguments.number("threshold", default: 0.5)),
          column: arguments.text(column, default: ""),
          size: Int(arguments.number(size, default: 1))))
    }
  }
}
