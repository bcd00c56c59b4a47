/// Weights by actual and predicted class at one threshold.
public struct ClassMatrix: Hashable, Sendable {
  /// What is known of rows of class `actual` and their prediction of class `predicted`.
  public struct Entry: Hashable, Sendable {
    public var actual: Int
    /// −1 when no score is above the threshold.
    public var predicted: Int
    /// Parallel to ``ClassMatrix/columns``.
    public var weights: [Double]
  }

  public var threshold: Double
  /// The names of the weights of an entry.
  public var columns: [String]
  /// By actual, then predicted class; those without any weight are left out.
  public var entries: [Entry]
}

extension MetricDefinition {
  /// Source: TFMA `multi_class_confusion_matrix_metrics.py`: the class of the greatest score, if
  /// that is above the threshold.
  static let multiClassMatrices = [
    ("multi_class_confusion_matrix_at_thresholds", 0.5), ("multi_class_confusion_matrix_plot", 0),
  ].map { name, threshold in
    classMatrices(
      name, "weights by actual class and by the class of the greatest score", [threshold],
      columns: ["weight"]
    ) { actual, predicted, threshold in
      let isActual = "y == \(actual)"
      return predicted < 0
        ? ["\(isActual) and ranked_value(p, 1) <= \(threshold)"]
        : [
          "\(isActual) and ranked_index(p, 1) == \(predicted) and ranked_value(p, 1) > \(threshold)"
        ]
    }
  }

  /// Source: TFMA `multi_label_confusion_matrix_plot.py`: for the rows that have class `actual`,
  /// the four counts of class `predicted` on its own.
  static let multiLabelMatrix = classMatrices(
    "multi_label_confusion_matrix_plot", "for rows of each class, the four counts of every class",
    [0.5], columns: ["true_positives", "false_positives", "true_negatives", "false_negatives"]
  ) { actual, predicted, threshold in
    if predicted < 0 { return [] }
    let isActual = "class_label(labels, \(actual)) > 0"
    let has = "class_label(labels, \(predicted)) > 0"
    let isAbove = "element(p, \(predicted)) > \(threshold)"
    return [
      "\(isActual) and \(has) and \(isAbove)", "\(isActual) and not (\(has)) and \(isAbove)",
      "\(isActual) and not (\(has)) and not (\(isAbove))",
      "\(isActual) and \(has) and not (\(isAbove))",
    ]
  }

  /// One sum for each pair of classes, column and threshold; `conditions` says which rows it takes.
  private static func classMatrices(
    _ name: String, _ summary: String, _ fallback: [Double], columns: [String],
    _ conditions: @escaping @Sendable (Int, Int, Double) -> [String]
  ) -> MetricDefinition {
    MetricDefinition(
      name, summary, task: .classes,
      parameters: [MetricParameter("thresholds", .numbers(thresholdRange), default: "\(fallback)")]
    ) { arguments in
      let thresholds = arguments.numbers("thresholds") ?? fallback
      let count = arguments.classCount
      var places: [(threshold: Int, actual: Int, predicted: Int)] = []
      var sums: [SumQuantity] = []
      for (index, threshold) in thresholds.enumerated() {
        for actual in 0..<count {
          for predicted in -1..<count {
            let found = conditions(actual, predicted, threshold)
            if found.isEmpty { continue }
            places.append((index, actual, predicted))
            sums += found.map { .formula("where(\($0), 1.0, 0.0)") }
          }
        }
      }
      return MetricComputation(sums: sums) { [places] inputs in
        var matrices = thresholds.map { ClassMatrix(threshold: $0, columns: columns, entries: []) }
        for (place, found) in places.enumerated() {
          let weights = columns.indices.map { inputs[place * columns.count + $0] }
          guard weights.contains(where: { $0 != 0 }) else { continue }
          matrices[found.threshold].entries.append(
            .init(actual: found.actual, predicted: found.predicted, weights: weights))
        }
        return BoundedValue(.classMatrices(matrices))
      }
    }
  }
}
