/// The four weighted counts at one decision threshold.
///
/// Undefined rates follow TFMA's `ConfusionMatrixAtThresholds`: precision 1, recall, F1, accuracy
/// and false positive rate 0, false omission rate NaN.
public struct ConfusionMatrix: Hashable, Sendable {
  public var threshold: Double
  public var truePositives: Double
  public var falsePositives: Double
  public var trueNegatives: Double
  public var falseNegatives: Double

  public init(threshold: Double, tp: Double, fp: Double, tn: Double, fn: Double) {
    self.threshold = threshold
    truePositives = tp
    falsePositives = fp
    trueNegatives = tn
    falseNegatives = fn
  }

  public var precision: Double { share(truePositives, falsePositives, otherwise: 1) }
  public var recall: Double { share(truePositives, falseNegatives, otherwise: 0) }
  public var falsePositiveRate: Double { share(falsePositives, trueNegatives, otherwise: 0) }
  public var falseOmissionRate: Double { share(falseNegatives, trueNegatives, otherwise: .nan) }
  public var f1: Double {
    share(2 * truePositives, falsePositives + falseNegatives, otherwise: 0)
  }
  public var accuracy: Double {
    share(truePositives + trueNegatives, falsePositives + falseNegatives, otherwise: 0)
  }

  private func share(_ part: Double, _ rest: Double, otherwise: Double) -> Double {
    part + rest > 0 ? part / (part + rest) : otherwise
  }
}

extension MetricDefinition {
  /// Exact counts at each threshold, not binned.
  static let confusionMatrixAtThresholds = MetricDefinition(
    "confusion_matrix_at_thresholds", "the four counts and their rates at each threshold",
    parameters: [
      MetricParameter("thresholds", .numbers(thresholdRange), default: "[0.5]")
    ]
  ) { arguments in
    let thresholds = arguments.numbers("thresholds") ?? [0.5]
    return MetricComputation(sums: thresholds.flatMap(ConfusionCell.all)) { inputs in
      let matrices = thresholds.enumerated().map { index, threshold in
        ConfusionMatrix(
          threshold: threshold, tp: inputs[4 * index], fp: inputs[4 * index + 1],
          tn: inputs[4 * index + 2], fn: inputs[4 * index + 3])
      }
      return BoundedValue(.confusionMatrices(matrices))
    }
  }
}
