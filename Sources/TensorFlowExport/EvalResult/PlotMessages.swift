import ByteCoding
import Evaluation

extension ByteWriter {
  /// A `PlotKeyAndValue`; nothing for curves of rates, which TFMA draws from the matrices of a
  /// `confusion_matrix` plot.
  mutating func append(field: Int, _ plot: Plot, isWeighted: Bool) {
    if plot.kind == .roc || plot.kind == .precisionRecall { return }
    append(field: field) { pair in
      pair.append(field: 1) { key in
        key.append(optional: 2, plot.output)
        if let subKey = plot.subKey {
          key.append(field: 3) { $0.append(field: subKey.fieldNumber, wrapped: subKey.number) }
        }
        key.append(optional: 4, plot.model)
        key.append(field: 5, wrapped: isWeighted)
        let isDistribution = plot.kind == .scoreDistribution && plot.name.isEmpty
        key.append(optional: 6, isDistribution ? "score_distribution_plot" : plot.name)
      }
      pair.append(field: 2) { $0.append(points: plot) }
    }
  }

  /// A `PlotData`.
  private mutating func append(points plot: Plot) {
    switch plot.kind {
    case .roc, .precisionRecall: break
    case .calibration:
      append(field: 1) { list in
        for point in plot.points { list.append(field: 1, bucket: point) }
      }
    case .confusionMatrix:
      append(field: 2) { list in
        for point in plot.points {
          list.append(
            field: 1,
            ConfusionMatrix(
              threshold: point[0], tp: point[1], fp: point[2], tn: point[3], fn: point[4]))
        }
      }
    case .scoreDistribution: append(field: 2) { $0.append(distribution: plot.points) }
    }
  }

  private mutating func append(field: Int, bucket: [Double]) {
    append(field: field) { message in
      message.append(field: 1, double: bucket[0])
      message.append(field: 2, double: bucket[1])
      for (number, value) in zip(3..., bucket[2...]) {
        message.append(field: number, wrapped: value)
      }
    }
  }

  /// The weight above each lower bound as true positives, that below as true negatives; rates are
  /// left out.
  private mutating func append(distribution points: [[Double]]) {
    let total = points.reduce(0) { $0 + $1[2] }
    var below = 0.0
    for point in points {
      append(field: 1) { message in
        message.append(field: 1, double: point[0] == -.infinity ? -1e-6 : point[0])
        message.append(field: 3, double: below)
        message.append(field: 5, double: total - below)
      }
      below += point[2]
    }
  }
}
