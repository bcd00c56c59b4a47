import Dataflow
import Expressions
import Testing

@testable import Evaluation

/// TFMA 0.52's own answers, from the fixtures in `Tests/Fixtures/tfma`.
@Suite struct TFMAGoldenTests {
  private static let areas: Set<String> = [
    "auc", "auc_10k", "auc_minoring", "auc_majoring", "auc_precision_recall",
  ]

  private func spec(weighted: Bool, slices: [SlicingSpec]) -> EvaluationSpec {
    let plain = [
      "example_count", "weighted_example_count", "binary_crossentropy", "mean_squared_error",
      "binary_accuracy", "auc", "auc_precision_recall", "precision", "recall", "calibration",
      "mean_label", "mean_prediction", "true_positives", "true_negatives", "false_positives",
      "false_negatives", "npv", "balanced_accuracy", "f1_score", "false_discovery_rate",
      "false_omission_rate", "fowlkes_mallows_index", "informedness", "markedness",
      "matthews_correlation_coefficient", "miss_rate", "fall_out", "specificity",
      "negative_likelihood_ratio", "positive_likelihood_ratio", "diagnostic_odds_ratio",
      "prevalence", "predicted_positive_rate", "threat_score",
    ]
    let thresholds = [0.1, 0.25, 0.5, 0.75, 0.9]
    return EvaluationSpec(
      label: .column("label"), models: [ModelOutput(prediction: .column("score"))],
      weight: weighted ? .column("weight") : nil, slices: slices,
      metrics: plain.map { MetricRequest($0) } + [
        MetricRequest(
          "binary_cross_entropy", ["name": .text("bce_smooth"), "label_smoothing": .number(0.1)]),
        MetricRequest("auc", ["name": .text("auc_10k"), "num_thresholds": .number(1000)]),
        MetricRequest(
          "auc", ["name": .text("auc_minoring"), "summation_method": .text("minoring")]),
        MetricRequest(
          "auc", ["name": .text("auc_majoring"), "summation_method": .text("majoring")]),
        MetricRequest(
          "precision", ["name": .text("precision_at_03"), "thresholds": .numbers([0.3])]),
        MetricRequest(
          "recall",
          ["name": .text("recall_at_many"), "thresholds": .numbers([0.1, 0.3, 0.5, 0.7, 0.9])]),
        MetricRequest("confusion_matrix_at_thresholds", ["thresholds": .numbers(thresholds)]),
      ], compatibility: .tfma)
  }

  @Test(arguments: [false, true])
  func `every metric of every slice is TFMA's`(weighted: Bool) throws {
    var slices = [SlicingSpec.overall, SlicingSpec(["payment_type"])]
    if weighted {
      slices.append(SlicingSpec(["payment_type", "passengers"]))
      slices.append(SlicingSpec(["zone"], values: [.init("payment_type", "voucher")]))
    }
    let snapshot = try TFMAFixture().harness.run(spec(weighted: weighted, slices: slices))
    let answers = try TFMAFixture.answers(
      weighted ? "binary_weighted.tsv" : "binary_unweighted.tsv")
    let found = Dictionary(
      uniqueKeysWithValues: snapshot.slices.map { (name(of: $0.key), $0) })
    #expect(Set(found.keys) == Set(answers.map(\.slice)))
    for answer in answers {
      let result = try #require(found[answer.slice]?.metric(answer.name), "\(answer)")
      compare(result, answer)
      #expect(result.key.isWeighted == weighted)
    }
    #expect(answers.count > 200)
  }

  private func compare(_ result: MetricResult, _ answer: TFMAFixture.Answer) {
    let values = numbers(result.value)
    #expect(values.count == answer.values.count, "\(answer)")
    for (value, expected) in zip(values, answer.values) {
      // TFMA takes logarithms in float32.
      let tolerance =
        Self.areas.contains(answer.name) ? 1e-5 : answer.name.hasPrefix("b") ? 1e-7 : 1e-9
      let isSame =
        value.isNaN && expected.isNaN
        || abs(value - expected) <= tolerance * max(1, abs(expected))
      #expect(isSame, "\(answer.slice) \(answer.name): \(value), TFMA \(expected)")
    }
  }

  private func numbers(_ value: MetricValue) -> [Double] {
    switch value {
    case .number(let number): [number]
    case .numbers(let numbers): numbers
    case .confusionMatrices(let matrices):
      matrices.flatMap {
        [
          $0.threshold, $0.truePositives, $0.falsePositives, $0.trueNegatives, $0.falseNegatives,
          $0.precision, $0.recall, $0.falsePositiveRate, $0.f1, $0.accuracy, $0.falseOmissionRate,
        ]
      }
    }
  }

  private func name(of key: SliceKey) -> String {
    key.features.map { "\($0.name)=\($0.value.text)" }.joined(separator: ",")
  }

  @Test func `plots hold TFMA's counts at thresholds and in score ranges`() throws {
    let fixture = try TFMAFixture()
    let snapshot = try fixture.harness.run(
      EvaluationSpec(
        label: .column("label"), models: [ModelOutput(prediction: .column("score"))],
        weight: .column("weight"), slices: [.overall, SlicingSpec(["payment_type"])],
        metrics: [], plots: [.confusionMatrix, .calibration], compatibility: .tfma))
    let answers = try TFMAFixture.answers("plots.tsv")
    for slice in snapshot.slices {
      #expect(slice.plots.allSatisfy { $0.points.count <= Plot.maximumPoints })
      let expected = answers.filter { $0.slice == name(of: slice.key) }
      if expected.isEmpty { continue }
      checkMatrices(slice.plots[0], expected.filter { $0.name == "matrix" }.map(\.values))
      checkRanges(slice.plots[1], expected.filter { $0.name == "bucket" }.map(\.values))
    }
    #expect(snapshot.slices.count == 6)
  }

  private func checkMatrices(_ plot: Plot, _ matrices: [[Double]]) {
    #expect(matrices.count == 1002)
    #expect(plot.points.count > 100)
    for point in plot.points {
      // TFMA's threshold t takes the bins above t; ours those from the bin of its bound on.
      let wider = matrices.last { $0[0] < point[0] - 5e-5 } ?? matrices[0]
      let narrower = matrices.first { $0[0] >= point[0] - 1e-9 } ?? matrices[1001]
      for count in 1...2 {
        #expect(point[count] <= wider[count] + 1e-6, "\(point)")
        #expect(point[count] >= narrower[count] - 1e-6, "\(point)")
      }
    }
  }

  private func checkRanges(_ plot: Plot, _ buckets: [[Double]]) {
    #expect(buckets.count == 1002)
    for column in 2...4 {
      let found = plot.points.reduce(0) { $0 + $1[column] }
      let expected = buckets.reduce(0) { $0 + $1[column] }
      #expect(abs(found - expected) < 1e-6 * max(1, expected))
      // Cumulative sums lie between TFMA's at the buckets around the range's end.
      var sum = 0.0
      for point in plot.points {
        sum += point[column]
        let low = buckets.filter { $0[1] <= point[1] - 1e-9 }.reduce(0) { $0 + $1[column] }
        let high = buckets.filter { $0[0] <= point[1] + 1e-9 }.reduce(0) { $0 + $1[column] }
        #expect(sum >= low - 1e-6 && sum <= high + 1e-6)
      }
    }
  }

  @Test func `the full curve has TFMA's counts at each of its thresholds`() throws {
    let spec = EvaluationSpec(
      label: .column("label"), models: [ModelOutput(prediction: .column("score"))],
      weight: .column("weight"), metrics: [MetricRequest("auc")], compatibility: .tfma)
    let stage = try EvaluationStage.lower(spec, name: "test")
    let content = try TFMAFixture().harness.content(for: stage.description)
    let curve = ScoreCurve(CellReader(content.groupings[0]).scores(1, model: 0))
    for answer in try TFMAFixture.answers("plots.tsv")
    where answer.slice.isEmpty && answer.name == "matrix" {
      let threshold = answer.values[0]
      let first = curve.thresholds.firstIndex {
        threshold < 0 || $0 >= (threshold == 0 ? 0 : threshold + 1e-7)
      }
      let matrix = curve.matrix(try #require(first))
      let found = [
        matrix.truePositives, matrix.falsePositives, matrix.trueNegatives, matrix.falseNegatives,
      ]
      #expect(found == Array(answer.values.dropFirst()), "threshold \(threshold)")
    }
  }
}
