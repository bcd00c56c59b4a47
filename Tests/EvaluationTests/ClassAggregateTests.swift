import Columns
import Expressions
import Testing

@testable import Evaluation

/// Which classes an aggregate is over.
@Suite struct ClassAggregateTests {
  private static let labels: [Int64] = [0, 1, 2, 3, 1, 2]
  private static let scores: [[Double]] = [
    [0.6, 0.3, 0.1, 0], [0.1, 0.2, 0.4, 0.3], [0.3, 0.3, 0.3, 0.1], [0, 0.5, 0.2, 0.3],
    [0.1, 0.7, 0.1, 0.1], [0.4, 0.1, 0.4, 0.1],
  ]

  /// The share of classes that score above 0.25 and are the label, each class weighted.
  private func precision(_ weights: [Int: Double]) -> Double {
    var (right, all) = (0.0, 0.0)
    for (label, scores) in zip(Self.labels, Self.scores) {
      for (index, weight) in weights where scores[index] > 0.25 {
        all += weight
        if Int(label) == index { right += weight }
      }
    }
    return right / all
  }

  private func found(
    _ compatibility: EvaluationCompatibility, _ classIDs: [Int], _ weights: [Int: Double]
  ) throws -> Double? {
    let harness = EvaluationHarness(
      columns: [
        "label": .int64(Int64Column(Self.labels)),
        "scores": .list(
          ListColumn(
            elements: .float64(Float64Column(Self.scores.flatMap { $0 })),
            offsets: (0...Self.labels.count).map { UInt32(4 * $0) })),
      ], rowCount: Self.labels.count)
    var request = MetricRequest("precision", ["thresholds": .number(0.25)])
    request.subKeys = classIDs.map(SubKey.classID)
    request.aggregation = MetricRequest.Aggregation(.micro, classWeights: weights)
    var spec = EvaluationSpec(
      label: .column("label"),
      models: [ModelOutput(prediction: .column("scores"), shape: .classes)], metrics: [request],
      compatibility: compatibility)
    spec.classCount = 4
    let metrics = try harness.run(spec).slices[0].metrics
    switch metrics.first(where: { $0.key.aggregation == .micro })?.value {
    case .number(let number): return number
    case .numbers(let numbers): return numbers.first
    default: return nil
    }
  }

  @Test func `the classes asked for, and under TFMA all of them`() throws {
    let all = [0: 1.0, 1: 1, 2: 1, 3: 1]
    #expect(try found(.native, [1, 3], [:]) == precision([1: 1, 3: 1]))
    #expect(try found(.tfma, [1, 3], [:]) == precision(all))
    #expect(try found(.native, [], [:]) == precision(all))
  }

  @Test func `under TFMA the classes with weights, whatever is asked for`() throws {
    let weights = [0: 0.5, 3: 2.0]
    #expect(try found(.tfma, [1, 3], weights) == precision(weights))
    #expect(try found(.native, [1, 3], weights) == precision([3: 2]))
    #expect(try found(.native, [], weights) == precision(weights))
  }

  @Test func `a metric takes one of class, rank and top k`() {
    #expect(throws: EvaluationError.self) {
      try MetricCatalog.resolve(
        MetricRequest("precision", ["class_id": .number(2), "top_k": .number(1)]),
        compatibility: .tfma, at: "test")
    }
  }
}
