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
        value == expected || value.isNaN && expected.isNaN
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
    case .error, .sample: []
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

  @Test(arguments: ["compare", "cross_slice"])
  func `what fails TFMA's thresholds fails ours`(config: String) throws {
    let spec = try EvalConfig(try TFMAFixture.text(of: "\(config).pbtxt")).spec()
    let checks = try TFMAFixture.rows.get().run(spec).validation.checks
    let found = checks.filter { $0.verdict != .pass }.map { check in
      let against = check.baselineSlice.map { " against \(name(of: $0))" } ?? ""
      return [
        config, name(of: check.slice) + against, check.metric.name,
        key(check.metric),
        check.threshold.change == nil ? "value" : "change",
      ].joined(separator: "\t")
    }
    let expected = try TFMAFixture.lines(of: "validation.tsv").map(String.init)
    #expect(Set(found) == Set(expected.filter { $0.hasPrefix(config + "\t") }))
    #expect(!found.isEmpty && found.count == Set(found).count)
  }

  @Test(arguments: [("plots", "", 4), ("regression", " regression", 1)])
  func `plots hold TFMA's counts at thresholds and in ranges`(
    config: String, suffix: String, plotCount: Int
  ) throws {
    let spec = try EvalConfig(try TFMAFixture.text(of: "\(config).pbtxt")).spec()
    let snapshot = try TFMAFixture.rows.get().run(spec)
    #expect(snapshot.slices.count == 6)
    var checked = 0
    for slice in snapshot.slices {
      #expect(slice.plots.count == plotCount)
      for plot in slice.plots {
        let kind = plot.kind == .calibration ? "bucket" : "matrix"
        let title = plot.kind == .scoreDistribution ? " score_distribution_plot" : ""
        let name = kind + (plot.name.isEmpty ? title : " \(plot.name)") + suffix
        let expected = try TFMAFixture.plot(name, slice: self.name(of: slice.key))
        if expected.isEmpty { continue }
        checked += 1
        switch plot.kind {
        case .scoreDistribution: checkDistribution(plot, expected)
        default: checkPoints(plot, expected)
        }
      }
    }
    #expect(checked == 2 * plotCount)
  }

  private func checkPoints(_ plot: Plot, _ expected: [[Double]]) {
    #expect(plot.points.count == expected.count)
    for (point, numbers) in zip(plot.points, expected) {
      for (found, number) in zip(point, numbers) {
        let isClose = abs(found - number) <= 1e-9 * max(1, abs(number))
        #expect(found == number || isClose, "\(plot.kind) \(plot.name): \(point), not \(numbers)")
      }
    }
  }

  /// TFMA writes a distribution as matrices: what scores above each threshold is called true
  /// positive.
  private func checkDistribution(_ plot: Plot, _ matrices: [[Double]]) {
    let total = plot.points.reduce(0) { $0 + $1[2] }
    for matrix in matrices where matrix[0] <= 0 || matrix[0] >= 1e-6 {
      let above = plot.points.filter { $0[0] >= matrix[0] }.reduce(0) { $0 + $1[2] }
      #expect(abs(above - matrix[1]) < 1e-6 * total, "threshold \(matrix[0])")
      #expect(abs(total - above - matrix[3]) < 1e-6 * total, "threshold \(matrix[0])")
    }
  }

  @Test func `a native plot has few points, the ends among them`() throws {
    let harness = try TFMAFixture.rows.get()
    let kinds = PlotKind.allCases
    let snapshot = try harness.run(
      EvaluationSpec(
        label: .column("label"), models: [ModelOutput(prediction: .column("score"))],
        weight: .column("weight"), metrics: [MetricRequest("weighted_example_count")],
        plots: kinds.map { PlotRequest($0) } + [PlotRequest(.confusionMatrix, count: 10)]))
    let slice = snapshot.slices[0]
    #expect(slice.plots.map(\.kind) == kinds + [.confusionMatrix])
    for plot in slice.plots.dropLast() {
      #expect((100...Plot.maximumPoints).contains(plot.points.count))
    }
    #expect(slice.plots[0].points.first?.dropFirst() == [1, 1])
    #expect(slice.plots[0].points.last?.dropFirst() == [0, 0])
    for index in [2, 4] {
      let total = slice.plots[index].points.reduce(0) { $0 + $1[2] }
      let weight = slice.metric("weighted_example_count")?.value.number ?? .nan
      #expect(abs(total - weight) < 1e-9 * weight)
    }
    #expect(slice.plots[5].points.map { $0[0] } == [-1e-6] + (0...10).map { Double($0) / 10 })
  }

  @Test func `the full curve has TFMA's counts at each of its thresholds`() throws {
    let spec = EvaluationSpec(
      label: .column("label"), models: [ModelOutput(prediction: .column("score"))],
      weight: .column("weight"), metrics: [MetricRequest("auc")], compatibility: .tfma)
    let stage = try EvaluationStage.lower(spec, name: "test")
    let content = try TFMAFixture.rows.get().content(for: stage.description)
    let curve = try ScoreCurve(
      CellReader(content.groupings[0], EvaluationPlan(spec, multivalent: [])).bins(1, model: 0))
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
