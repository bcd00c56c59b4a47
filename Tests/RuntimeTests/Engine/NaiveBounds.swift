import Formats
import Testing

/// The extremes of a metric over all labels that the missing ones could be, one labelling after the
/// other.
struct NaiveBounds {
  private typealias Example = (label: Int64, prediction: RandomJoin.Row)

  private let name: String
  /// Whether the metric is undefined for some labelling.
  private var isUndefined = false
  private var range: ClosedRange<Double>?

  /// `nil` if there are too many labellings.
  init?(_ rows: [NaiveJoin.Pair], _ name: String) {
    self.name = name
    let missing = rows.filter { $0.label == nil }.map(\.prediction)
    guard missing.count <= 8 else { return nil }
    let known = rows.compactMap { pair in
      pair.label.flatMap { $0.row.label }.map { Example($0, pair.prediction) }
    }
    for labels in 0..<(1 << missing.count) {
      let assumed = missing.enumerated().map { Example(Int64(labels >> $0 & 1), $1) }
      let value = value(known + assumed)
      if value.isNaN {
        isUndefined = true
      } else {
        range = range.map { min($0.lowerBound, value)...max($0.upperBound, value) } ?? value...value
      }
    }
  }

  private func value(_ examples: [Example]) -> Double {
    func sum(_ isWanted: (Example) -> Bool) -> Double {
      Double(examples.filter(isWanted).reduce(0) { $0 + $1.prediction.weight })
    }
    let truePositives = sum { $0.label == 1 && $0.prediction.score > 5 }
    let predictions = examples.reduce(0) { $0 + Double($1.prediction.weight * $1.prediction.score) }
    switch name {
    case "mean_label": return sum { $0.label == 1 } / sum { _ in true }
    case "mean_prediction": return predictions / 10 / sum { _ in true }
    case "calibration":
      let labels = sum { $0.label == 1 }
      return labels == 0 ? .nan : predictions / 10 / labels
    case "binary_accuracy":
      return sum { ($0.label == 1) == ($0.prediction.score > 5) } / sum { _ in true }
    case "precision": return truePositives / sum { $0.prediction.score > 5 }
    case "recall": return truePositives / sum { $0.label == 1 }
    default: preconditionFailure("no metric of these jobs: \(name)")
    }
  }

  func check(_ found: JSONValue, _ place: Comment) throws {
    guard let pair = found.array?.compactMap(\.number) else {
      #expect(found.isNull && isUndefined, "\(place), \(name): bounds are given where they exist")
      return
    }
    let range = try #require(range, place)
    #expect(abs(pair[0] - range.lowerBound) <= 1e-12 * abs(range.lowerBound), "\(place), \(name)")
    #expect(abs(pair[1] - range.upperBound) <= 1e-12 * abs(range.upperBound), "\(place), \(name)")
  }
}
