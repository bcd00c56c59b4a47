import Columns
import Dataflow
import Expressions
import Testing

@testable import Evaluation

@Suite struct EvaluationStageTests {
  /// Rows of country, device, label, score, weight; `nil` is missing.
  private typealias Row = (String?, Int64?, Double?, Double?, Double?)

  private func harness(_ rows: [Row]) -> EvaluationHarness {
    EvaluationHarness(
      columns: [
        "country": .string(StringColumn(rows.map(\.0))),
        "device": .int64(Int64Column(rows.map(\.1))),
        "label": .float64(Float64Column(rows.map(\.2))),
        "score": .float64(Float64Column(rows.map(\.3))),
        "weight": .float64(Float64Column(rows.map(\.4))),
      ], rowCount: rows.count)
  }

  private func spec(
    _ metrics: [MetricRequest], slices: [SlicingSpec] = [.overall], weighted: Bool = true,
    thresholds: [MetricThreshold] = [], plots: [PlotRequest] = []
  ) -> EvaluationSpec {
    EvaluationSpec(
      label: .column("label"), models: [ModelOutput(prediction: .column("score"))],
      weight: weighted ? .column("weight") : nil, slices: slices, metrics: metrics,
      thresholds: thresholds, plots: plots)
  }

  private func randomRows(seed: UInt64, count: Int) -> [Row] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      (
        ["de", "fr", "us", nil].randomElement(using: &random) ?? nil,
        [1, 2, 3, nil].randomElement(using: &random) ?? nil,
        [0, 1, 1, 0.25, nil].randomElement(using: &random) ?? nil,
        Double.random(in: 0...1, using: &random),
        [0, 0.5, 1, 3].randomElement(using: &random)
      )
    }
  }

  @Test func `sums, shares and areas are those of the rows of each slice`() throws {
    let rows = randomRows(seed: 11, count: 400)
    let names = [
      "example_count", "weighted_example_count", "mean_label", "mean_prediction", "calibration",
      "binary_accuracy", "precision", "recall", "auc", "mean_squared_error",
      "binary_cross_entropy",
    ]
    let slices = [
      SlicingSpec.overall, SlicingSpec(["country"]), SlicingSpec(["device", "country"]),
      SlicingSpec(["country"], values: [.init("device", "3")]),
    ]
    let snapshot = try harness(rows).run(
      spec(names.map { MetricRequest($0) }, slices: slices), batchRows: 64)
    // 1 + 3 countries + 3 × 3; device 3 by country repeats the crosses.
    #expect(snapshot.slices.count == 13)
    for slice in snapshot.slices {
      let kept = rows.filter { row in
        slice.key.features.allSatisfy {
          $0.value
            == ($0.name == "country"
              ? row.0.map { .string($0) } ?? .missing : row.1.map { .int64($0) } ?? .missing)
        }
      }
      try check(slice, kept)
    }
    #expect(snapshot.unusableCount == Int64(rows.count { $0.2 == nil }))
  }

  private func check(_ slice: SliceResult, _ rows: [Row]) throws {
    let used = rows.compactMap { row in
      row.2.map { (y: $0, p: row.3 ?? .nan, w: row.4 ?? .nan) }
    }
    func sum(_ value: ((y: Double, p: Double, w: Double)) -> Double) -> Double {
      used.reduce(0) { $0 + $1.w * value($1) }
    }
    let weight = sum { _ in 1 }
    let tp = sum { $0.p > 0.5 ? $0.y : 0 }
    let fp = sum { $0.p > 0.5 ? 1 - $0.y : 0 }
    let fn = sum { $0.p > 0.5 ? 0 : $0.y }
    let expected: [String: Double] = [
      "example_count": Double(used.count), "weighted_example_count": weight,
      "mean_label": sum { $0.y } / weight, "mean_prediction": sum { $0.p } / weight,
      "calibration": sum { $0.p } / sum { $0.y },
      "binary_accuracy": sum { $0.p > 0.5 ? $0.y : 1 - $0.y } / weight,
      "precision": tp / (tp + fp), "recall": tp / (tp + fn),
      "mean_squared_error": sum { ($0.y - $0.p) * ($0.y - $0.p) } / weight,
    ]
    for (name, value) in expected {
      let found = try #require(slice.metric(name)?.value.number)
      #expect(abs(found - value) <= 1e-12 * max(1, abs(value)), "\(slice.key) \(name)")
    }
    var won = 0.0
    for one in used {
      for two in used where one.p >= two.p {
        won += (one.p == two.p ? 0.5 : 1) * one.w * one.y * two.w * (1 - two.y)
      }
    }
    let auc = try #require(slice.metric("auc"))
    let exact = won / (sum { $0.y } * sum { 1 - $0.y })
    #expect(abs(try #require(auc.value.number) - exact) <= (try #require(auc.bound)))
    #expect(slice.examples == Int64(used.count))
    let unusable = slice.metric("unusable_example_count")?.value.number ?? 0
    #expect(unusable == Double(rows.count - used.count))
  }

  @Test func `a row that cannot be used is counted and in no metric`() throws {
    let good: [Row] = [("a", 1, 1, 0.75, 2), ("a", 1, 0, 0.25, 1)]
    let bad: [Row] = [
      ("a", 1, nil, 0.5, 1), ("a", 1, 1, nil, 1), ("a", 1, 1, 0.5, nil), ("a", 1, .nan, 0.5, 1),
      ("a", 1, 1, .nan, 1), ("a", 1, 1, 0.5, .nan), ("a", 1, 1.5, 0.5, 1),
      ("a", 1, -1, 0.5, 1), ("a", 1, 1, 0.5, -1), ("a", 1, 1, 0.5, .infinity),
    ]
    let metrics = MetricDefinition.plain.map { MetricRequest($0.name) }
    let pure = try harness(good).run(spec(metrics)).slices[0]
    let mixed = try harness(good + bad).run(spec(metrics))
    #expect(mixed.unusableCount == Int64(bad.count))
    #expect(mixed.slices[0].metrics.last?.key.name == "unusable_example_count")
    #expect(mixed.slices[0].metrics.last?.value == .number(Double(bad.count)))
    let lines = EvaluationSnapshot(slices: [pure], validation: ValidationResult([])).metricLines()
    var rest = mixed.slices[0]
    rest.metrics.removeLast()
    // By text, since NaN differs from itself.
    #expect(
      EvaluationSnapshot(slices: [rest], validation: ValidationResult([])).metricLines() == lines)
  }

  @Test func `a regression may have any label`() throws {
    let snapshot = try harness([("a", 1, -3, 5, 1), ("a", 1, 10, 9, 3)]).run(
      spec([MetricRequest("mean_squared_error"), MetricRequest("mean_label")]))
    #expect(snapshot.slices[0].metric("mean_squared_error")?.value == .number((64 + 3.0) / 4))
    #expect(snapshot.slices[0].metric("mean_label")?.value == .number((-3 + 30.0) / 4))
    #expect(snapshot.unusableCount == 0)
  }

  @Test func `an empty pane has an overall slice that knows nothing`() throws {
    let snapshot = try harness([]).run(
      spec(
        MetricDefinition.plain.map { MetricRequest($0.name) },
        slices: [.overall, SlicingSpec(["country"])],
        thresholds: [MetricThreshold("auc", lowerBound: 0)],
        plots: PlotKind.allCases.map { PlotRequest($0) }))
    #expect(snapshot.slices.map(\.key) == [.overall])
    #expect(snapshot.slices[0].metric("example_count")?.value == .number(0))
    for name in ["auc", "precision", "calibration", "mean_label", "binary_cross_entropy"] {
      #expect(snapshot.slices[0].metric(name)?.value.number?.isNaN == true, "\(name)")
    }
    #expect(snapshot.validation.verdict.name == "undecided")
  }

  @Test func `weights of zero leave rates undefined`() throws {
    let snapshot = try harness([("a", 1, 1, 0.9, 0), ("a", 1, 0, 0.1, 0)]).run(
      spec(["example_count", "auc", "precision", "mean_label"].map { MetricRequest($0) }))
    let slice = snapshot.slices[0]
    #expect(slice.metric("example_count")?.value == .number(2))
    for name in ["auc", "precision", "mean_label"] {
      #expect(slice.metric(name)?.value.number?.isNaN == true, "\(name)")
    }
  }

  @Test func `certain predictions lose nothing when right, all when wrong`() throws {
    func loss(_ label: Double, _ score: Double) throws -> Double {
      let rows: [Row] = [("a", 1, label, score, 1), ("a", 1, 1, 0.5, 1)]
      let snapshot = try harness(rows).run(spec([MetricRequest("binary_cross_entropy")]))
      return try #require(snapshot.slices[0].metric("binary_cross_entropy")?.value.number)
    }
    let half = try loss(1, 1)
    #expect(abs(half - 0.6931471805599453 / 2) < 1e-15)
    #expect(try loss(0, 0) == half)
    #expect(try loss(1, 0) == .infinity)
    #expect(try loss(0, 1) == .infinity)
    #expect(try loss(0.5, 1) == .infinity)
    #expect(try loss(1, 1.5).isNaN)
  }

  @Test func `rows of a list feature are in one slice an element`() throws {
    let tags = ListColumn(
      elements: .string(StringColumn(["x", "y", "y", "z"])), offsets: [0, 2, 3, 3, 4])
    var harness = harness([
      ("a", 1, 1, 0.9, 1), ("a", 2, 0, 0.8, 1), ("b", 1, 1, 0.7, 1), ("b", 2, 0, 0.6, 1),
    ])
    harness.columns["tags"] = .list(tags)
    let snapshot = try harness.run(
      spec(
        [MetricRequest("example_count")],
        slices: [
          .overall, SlicingSpec(["tags"]), SlicingSpec(["tags", "country"]),
          SlicingSpec(["country"]),
        ]), multivalent: ["tags"])
    let counts = snapshot.slices.map { "\($0.key) \($0.examples)" }
    #expect(
      counts == [
        "overall 4", "tags=x 1", "tags=y 2", "tags=z 1", "country=a, tags=x 1",
        "country=a, tags=y 2", "country=b, tags=z 1", "country=a 2", "country=b 2",
      ])
    #expect(snapshot.unusableCount == 0)
  }

  @Test func `models are evaluated side by side`() throws {
    let rows: [Row] = [("a", 0, 1, 0.9, 1), ("a", 1, 0, 0.2, 1), ("a", nil, 1, 0.4, 1)]
    var spec = spec([MetricRequest("example_count"), MetricRequest("binary_accuracy")])
    spec.models = [
      ModelOutput(name: "new", prediction: .column("score")),
      ModelOutput(name: "old", prediction: .column("device")),
    ]
    let slice = try harness(rows).run(spec).slices[0]
    #expect(
      slice.metrics.map { "\($0.key.model) \($0.key.name)" } == [
        "new example_count", "new binary_accuracy", "old example_count", "old binary_accuracy",
        "old unusable_example_count",
      ])
    #expect(slice.metric("binary_accuracy", model: "new")?.value == .number(2.0 / 3))
    #expect(slice.metric("binary_accuracy", model: "old")?.value == .number(0))
    #expect(slice.metric("binary_accuracy", model: "old")?.examples == 2)
  }

  @Test func `only maximal slicing specs cost a row update`() throws {
    let slices = [[], ["a"], ["b", "a"], ["c"], ["a", "b"]].map { SlicingSpec($0) }
    let description = try EvaluationStage.lower(
      spec([MetricRequest("auc"), MetricRequest("precision")], slices: slices), name: "e"
    ).description
    #expect(
      description.groupings == [[.column("a"), .column("b")], [.column("c")]])
    // Counts, one group of sums, one histogram.
    #expect(description.accumulators.count == 3)
    // Examples, weight, tp, fp.
    #expect(description.accumulators[1].inputs.count == 4)
  }
}
