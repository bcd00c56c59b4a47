import Dataflow
import Expressions
import Testing

@testable import Evaluation

/// TFMA 0.52's own answers to its own configurations, from the fixtures in `Tests/Fixtures/tfma`.
@Suite struct TFMAGoldenTests {
  @Test(arguments: [
    "binary_unweighted", "binary_weighted", "compare", "cross_slice", "min_slice", "multiclass",
    "multiclass_weighted_macro", "prevalence_threshold", "ranking", "ranking_topk", "regression",
    "ci_bootstrap",
  ])
  func `every value of the configuration is TFMA's`(name: String) throws {
    let snapshot = try snapshot(of: name)
    let answers = try TFMAFixture.answers("\(name).tsv")
    let slices = Dictionary(
      uniqueKeysWithValues: snapshot.slices.map { (self.name(of: $0), $0) })
    #expect(Set(slices.keys) == Set(answers.map(\.slice)))
    for answer in answers {
      let slice = try #require(slices[answer.slice], "\(answer)")
      let found = slice.metrics.filter { $0.key.name == answer.name && key($0.key) == answer.key }
      #expect(found.count == 1, "\(answer): \(slice.metrics.map(\.key))")
      guard let result = found.first, !isDifferent(answer) else { continue }
      compare(result, answer)
    }
    // Nothing is computed that was not asked for; what TFMA calls plots has a test of its own.
    let count = snapshot.slices.reduce(0) { count, slice in
      count + slice.metrics.count { !$0.key.name.hasSuffix("_plot") }
    }
    #expect(answers.count == count)
  }

  private func snapshot(of name: String) throws -> EvaluationSnapshot {
    // Plots of scores outside [0, 1] are not supported.
    let text = try TFMAFixture.text(of: "\(name).pbtxt").replacing(
      #/metrics \{\s*class_name: "CalibrationPlot"\s*config: ".*left.*"\s*\}/#, with: "")
    var spec = try EvalConfig(text, listColumns: ["mc_scores"]).spec()
    if name.hasPrefix("multiclass") { spec.classCount = 4 }
    spec.intervals = nil
    return try TFMAFixture.rows.get().run(spec)
  }

  /// What is listed under *Differences from TFMA* in the README.
  private func isDifferent(_ answer: TFMAFixture.Answer) -> Bool {
    // TFMA gives the matrices of the plot, whose threshold is 0; and by query it leaves rows with a
    // score of 0 or less out of the top k.
    answer.name == "multi_class_confusion_matrix_at_thresholds"
      || ["precision", "recall"].contains(answer.name) && answer.key == "top_k=3"
        && answer.values[0] < 0.35
  }

  private func key(_ key: MetricKey) -> String {
    var parts = [key.model]
    if let subKey = key.subKey { parts.append("\(subKey.name)=\(subKey.number)") }
    if let aggregation = key.aggregation {
      // TFMA writes both kinds of macro average under one key.
      let type = aggregation == .weightedMacro ? AggregationType.macro : aggregation
      parts.append(type.rawValue)
    }
    if key.isWeighted { parts.append("weighted") }
    if key.isDiff { parts.append("diff") }
    return parts.filter { !$0.isEmpty }.joined(separator: " ")
  }

  private func compare(_ result: MetricResult, _ answer: TFMAFixture.Answer) {
    let values = numbers(result.value)
    #expect(values.count == answer.values.count, "\(answer)")
    for (value, expected) in zip(values, answer.values) {
      let isSame =
        value.isNaN && expected.isNaN
        || abs(value - expected) <= tolerance(answer) * max(1, abs(expected))
      #expect(isSame, "\(answer.slice) \(answer.name) \(answer.key): \(value), TFMA \(expected)")
    }
  }

  private func tolerance(_ answer: TFMAFixture.Answer) -> Double {
    // Keras computes in float32; TFMA takes logarithms and errors of float32 columns in it.
    if answer.name.hasPrefix("sparse_") || answer.name.hasPrefix("root_") { return 1e-6 }
    if answer.name.hasPrefix("b") && answer.name != "binary_accuracy"
      || answer.name.contains("logarithmic")
    {
      return 1e-7
    }
    return answer.name.hasPrefix("mean_") || answer.name.hasPrefix("symmetric_pred") ? 1e-7 : 1e-9
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
    case .classMatrices(let matrices):
      matrices.flatMap(\.entries).flatMap {
        [Double($0.actual), Double($0.predicted)] + $0.weights
      }
    case .error: []
    }
  }

  private func name(of slice: SliceResult) -> String {
    slice.baseline.map { "\(name(of: slice.key)) against \(name(of: $0))" } ?? name(of: slice.key)
  }

  private func name(of key: SliceKey) -> String {
    key.features.map { "\($0.name)=\($0.value.text)" }.joined(separator: ",")
  }

  @Test func `matrices of classes are those of TFMA's plots`() throws {
    let snapshot = try snapshot(of: "multiclass")
    for slice in snapshot.slices {
      for plot in ["multi_class_confusion_matrix_plot", "multi_label_confusion_matrix_plot"] {
        let expected = try TFMAFixture.plot(plot, slice: name(of: slice.key))
        let found = try #require(slice.metric(plot))
        #expect([numbers(found.value)] == expected)
      }
    }
  }

  @Test func `plots hold TFMA's counts at thresholds and in score ranges`() throws {
    let harness = try TFMAFixture.rows.get()
    let snapshot = try harness.run(
      EvaluationSpec(
        label: .column("label"), models: [ModelOutput(prediction: .column("score"))],
        weight: .column("weight"), slices: [.overall, SlicingSpec(["payment_type"])],
        metrics: [], plots: [.confusionMatrix, .calibration], compatibility: .tfma))
    for slice in snapshot.slices {
      #expect(slice.plots.allSatisfy { $0.points.count <= Plot.maximumPoints })
      let matrices = try TFMAFixture.plot("matrix", slice: name(of: slice.key))
      if matrices.isEmpty { continue }
      checkMatrices(slice.plots[0], matrices)
      checkRanges(slice.plots[1], try TFMAFixture.plot("bucket", slice: name(of: slice.key)))
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
    let content = try TFMAFixture.rows.get().content(for: stage.description)
    let curve = try ScoreCurve(
      CellReader(content.groupings[0], EvaluationPlan(spec, multivalent: [])).scores(1, model: 0))
    for matrix in try TFMAFixture.plot("matrix", slice: "") {
      let threshold = matrix[0]
      let first = curve.thresholds.firstIndex {
        threshold < 0 || $0 >= (threshold == 0 ? 0 : threshold + 1e-7)
      }
      let counts = curve.matrix(try #require(first))
      let found = [
        counts.truePositives, counts.falsePositives, counts.trueNegatives, counts.falseNegatives,
      ]
      #expect(found == Array(matrix.dropFirst()), "threshold \(threshold)")
    }
  }
}
