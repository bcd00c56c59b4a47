extension MetricDefinition {
  /// Rows; under `compat: tfma` the sum of their weights, as TFMA has it.
  static let exampleCount = MetricDefinition(
    "example_count", "rows in the slice (with compat: tfma, the sum of their weights)",
    task: .any, usesWeights: { $0 == .tfma }
  ) { arguments in
    MetricComputation(sums: [arguments.compatibility == .tfma ? .weight : .examples]) {
      .number($0[0])
    }
  }

  static let weightedExampleCount = MetricDefinition(
    "weighted_example_count", "sum of the weights", task: .any
  ) { _ in MetricComputation(sums: [.weight]) { .number($0[0]) } }
}
