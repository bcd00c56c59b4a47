import Columns
import Expressions
import Testing

@testable import Evaluation

/// Operating points against all thresholds there are, one after the other.
@Suite struct OperatingPointTests {
  private typealias Row = (label: Double, score: Double, weight: Double)

  /// Peaked, tied, tiny and one-sided scores.
  private func rows(_ random: inout SeededGenerator) -> [Row] {
    let count = Int.random(in: 1...60, using: &random)
    let kind = Int.random(in: 0..<4, using: &random)
    let rates: [Double] = [0, 0.1, 0.5, 1]
    let rate = rates.randomElement(using: &random) ?? 0.5
    return (0..<count).map { _ in
      let uniform = Double.random(in: 0..<1, using: &random)
      let score =
        switch kind {
        case 0: uniform
        case 1: 0.001 * uniform
        case 2: (uniform * 4).rounded() / 4
        default: 1 - 1e-6 * uniform
        }
      return (
        Double.random(in: 0..<1, using: &random) < rate ? 1.0 : 0, score,
        Double(Int.random(in: 0...3, using: &random))
      )
    }
  }

  /// The greatest target over every threshold that keeps the promise.
  private func exact(_ point: OperatingPoint, _ wanted: Double, _ rows: [Row]) -> Double {
    let positives = rows.reduce(0) { $0 + $1.label * $1.weight }
    let negatives = rows.reduce(0) { $0 + (1 - $1.label) * $1.weight }
    var best = 0.0
    for threshold in rows.map(\.score) + [-1] {
      // Of thresholds there is a least upper bound: the next score.
      let above = rows.filter {
        point.target == .threshold ? $0.score >= threshold : $0.score > threshold
      }
      let tp = above.reduce(0) { $0 + $1.label * $1.weight }
      let fp = above.reduce(0) { $0 + (1 - $1.label) * $1.weight }
      func rate(_ rate: OperatingPoint.Rate) -> Double {
        rate.value(tp, fp, positives, negatives, threshold: threshold)
      }
      let constraint = rate(point.constraint)
      let holds =
        point.constraint == .falsePositiveRate ? constraint <= wanted : constraint >= wanted
      if holds, rate(point.target) > best { best = rate(point.target) }
    }
    return best
  }

  @Test func `the exact value lies within the certificate`() throws {
    var random = SeededGenerator(seed: 20_260_923)
    let wanted = [0.1, 0.5, 0.8, 1]
    for round in 0..<150 {
      let rows = rows(&random)
      let harness = EvaluationHarness(
        columns: [
          "y": .float64(Float64Column(rows.map(\.label))),
          "p": .float64(Float64Column(rows.map(\.score))),
          "w": .float64(Float64Column(rows.map(\.weight))),
        ], rowCount: rows.count)
      let metrics = OperatingPoint.all.flatMap { point in
        wanted.map {
          MetricRequest(
            point.name,
            [point.constraint.rawValue: .number($0), "name": .text("\(point.name)\($0)")])
        }
      }
      let slice = try harness.run(
        EvaluationSpec(
          label: .column("y"), models: [ModelOutput(prediction: .column("p"))],
          weight: .column("w"), metrics: metrics)
      ).slices[0]
      let hasBoth =
        rows.contains { $0.label == 1 && $0.weight > 0 }
        && rows.contains { $0.label == 0 && $0.weight > 0 }
      guard hasBoth else { continue }
      for point in OperatingPoint.all {
        for wanted in wanted {
          let found = try #require(slice.metric("\(point.name)\(wanted)"))
          let value = try #require(found.value.number)
          let bound = try #require(found.bound)
          let exact = exact(point, wanted, rows)
          let slack = 1e-9
          #expect(
            exact >= value - slack && exact <= value + bound + slack,
            "round \(round) \(point.name) \(wanted): \(value) + \(bound), exact \(exact)")
        }
      }
    }
  }
}

extension OperatingPoint.Rate {
  /// By its definition, from the weights of positives and negatives above a threshold and in all.
  func value(
    _ tp: Double, _ fp: Double, _ positives: Double, _ negatives: Double, threshold: Double
  ) -> Double {
    switch self {
    case .precision: tp / (tp + fp)
    case .recall, .sensitivity: tp / positives
    case .specificity: (negatives - fp) / negatives
    case .falsePositiveRate: fp / negatives
    case .threshold: threshold
    }
  }
}
