import Accumulators
import Columns
import Dataflow
import Expressions
import Formats
import Foundation
import Testing

@testable import Evaluation

/// Boxes, masks and samples against TFMA; see `Tests/Fixtures/images/PROVENANCE`.
@Suite struct ImageMetricTests {
  private static let golden = Result {
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/images/golden.json")
    return try JSONValue(parsing: Array(try Data(contentsOf: url)))
  }

  private static let box = ["xmin", "ymin", "xmax", "ymax", "class"]

  static func lists(_ rows: [[Double]]) -> Column {
    var offsets: [UInt32] = [0]
    for row in rows { offsets.append((offsets.last ?? 0) + UInt32(row.count)) }
    return .list(
      ListColumn(
        elements: .float64(Float64Column(rows.flatMap { $0 })), offsets: offsets,
        validity: Validity(allPresent: rows.count)))
  }

  private static func harness() throws -> EvaluationHarness {
    let rows = try #require(try golden.get()["rows"]?.array)
    func numbers(_ name: String) -> [Double] { rows.map { $0[name]?.number ?? .nan } }
    func texts(_ name: String) -> Column { .string(StringColumn(rows.map { $0[name]?.string })) }
    func nested(_ name: String) -> [[[Double]]] {
      rows.map { row in
        (row[name]?.array ?? []).map { ($0.array ?? [$0]).map { $0.number ?? .nan } }
      }
    }
    let (boxes, found) = (nested("boxes"), nested("found"))
    var columns: [String: Column] = [
      "id": texts("id"), "place": texts("place"),
      "weight": .float64(Float64Column(numbers("weight"))),
      "p_count": .int64(Int64Column(numbers("count").map { Int64($0) })),
      "label": .float64(Float64Column(numbers("label"))),
      "score": .float64(Float64Column(numbers("score"))),
      "boxes": lists(boxes.map { $0.flatMap { $0 } }),
      "found": lists(found.map { $0.flatMap { $0 } }),
      "mask": lists(nested("mask").map { $0.flatMap { $0 } }),
      "found_mask": lists(nested("found_mask").map { $0.flatMap { $0 } }),
      RowIdentity.columnName: .int64(Int64Column(rows.indices.map { Int64($0) })),
    ]
    for (place, name) in box.enumerated() {
      columns[name] = lists(boxes.map { $0.map { $0[place] } })
    }
    for (place, name) in (box + ["score"]).enumerated() {
      columns["p_" + name] = lists(found.map { $0.map { $0[place] } })
    }
    return EvaluationHarness(columns: columns, rowCount: rows.count)
  }

  private static func run(_ job: JSONValue) throws -> EvaluationSnapshot {
    let config = try EvalConfig(
      try #require(job["config"]?.string), listColumns: ["boxes", "found", "class", "p_class"])
    return try harness().run(try config.spec())
  }

  private static func name(_ key: SliceKey) -> String {
    key.features.map { "\($0.name)=\($0.value.text)" }.joined()
  }

  /// The numbers of a value of either side.
  private static func numbers(_ value: JSONValue?) -> [Double] {
    switch value {
    case .array(let items): items.flatMap(numbers)
    case .string(let text): [text == "NaN" ? .nan : .infinity]
    default: [value?.number ?? -.infinity]
    }
  }

  private static func numbers(_ value: MetricValue) -> [Double] {
    switch value {
    case .number(let number): [number]
    case .numbers(let numbers): numbers
    case .confusionMatrices(let matrices):
      // As TFMA's named tuple: tp, tn, fp, fn.
      matrices.flatMap {
        [$0.truePositives, $0.trueNegatives, $0.falsePositives, $0.falseNegatives]
      }
    default: []
    }
  }

  private static func isClose(_ found: [Double], _ wanted: [Double]) -> Bool {
    found.count == wanted.count
      && zip(found, wanted).allSatisfy { one, two in
        one == two || (one.isNaN && two.isNaN) || abs(one - two) <= 1e-12 * max(1, abs(two))
      }
  }

  @Test(arguments: [("boxes", 16), ("columns", 12), ("masks", 12)])
  func `metrics of boxes and masks are TFMA's`(job: String, count: Int) throws {
    let job = try #require(try Self.golden.get()["jobs"]?[job])
    let snapshot = try Self.run(job)
    #expect(snapshot.slices.count == 4)
    for slice in snapshot.slices {
      let answers = try #require(job["answers"]?[Self.name(slice.key)]?.array)
      #expect(answers.count == count)
      for answer in answers {
        let name = try #require(answer["name"]?.string)
        let classID = answer["class_id"]?.number.map { SubKey.classID(Int($0)) }
        let wanted = Self.numbers(answer["value"])
        let found: [Double]
        if name == "object_detection_confusion_matrix_plot" || name == "confusion_matrix_plot" {
          let plot = try #require(slice.plots.first)
          #expect(plot.subKey == classID)
          found = plot.points.flatMap { $0 }
        } else {
          let metric = try #require(
            slice.metrics.first { $0.key.name == name && $0.key.subKey == classID },
            "\(name) \(String(describing: classID))")
          #expect(.some(.bool(metric.key.isWeighted)) == answer["weighted"], "\(name)")
          found = Self.numbers(metric.value)
        }
        #expect(Self.isClose(found, wanted), "\(slice.key) \(name): \(found), not \(wanted)")
      }
    }
  }

  @Test(arguments: ["samples", "negatives"])
  func `a sample of all there are is TFMA's, and a smaller one a part of it`(job: String) throws {
    let job = try #require(try Self.golden.get()["jobs"]?[job])
    let whole = try Self.run(job)
    for slice in whole.slices {
      for answer in try #require(job["answers"]?[Self.name(slice.key)]?.array) {
        let name = try #require(answer["name"]?.string)
        let values = (answer["value"]?.array ?? []).flatMap { $0.array ?? [$0] }
        let wanted = values.compactMap(\.string).sorted()
        let sample = try #require(slice.metric(name)?.value.texts)
        #expect(sample.sorted() == wanted, "\(slice.key) \(name)")
        #expect(!wanted.isEmpty)
      }
    }
    let text = try #require(job["config"]?.string).replacing("1000", with: "3")
    let small = try Self.harness().run(try EvalConfig(text).spec())
    for (one, all) in zip(small.slices, whole.slices) {
      for metric in all.metrics {
        let values = try #require(metric.value.texts)
        #expect(one.metric(metric.key)?.value.texts == Array(values.prefix(3)))
      }
    }
  }

  /// A row of weight 2 is drawn first twice as often as one of weight 1: 2 of 3 of 3,000 pairs, give
  /// or take four standard deviations.
  @Test func `the heavier row is drawn more often`() throws {
    let count = 3000
    let harness = EvaluationHarness(
      columns: [
        "pair": .int64(Int64Column((0..<2 * count).map { Int64($0 / 2) })),
        "w": .float64(Float64Column((0..<2 * count).map { Double($0 % 2 + 1) })),
        "y": .float64(Float64Column([Double](repeating: 1, count: 2 * count))),
        RowIdentity.columnName: .int64(Int64Column((0..<2 * count).map { Int64($0 * 7919) })),
      ], rowCount: 2 * count)
    var spec = EvaluationSpec(
      label: .column("y"), models: [ModelOutput(prediction: .column("y"))], weight: .column("w"),
      slices: [SlicingSpec(["pair"])],
      metrics: [
        MetricRequest("fixed_size_sample", ["sampled_key": .text("w"), "size": .number(1)])
      ])
    let heavy = try harness.run(spec).slices.count { slice in
      slice.metrics[0].value == .sample([.number(2)])
    }
    #expect(abs(Double(heavy) - 2000) < 4 * (3000.0 * 2 / 9).squareRoot())
    spec.weight = nil
    let even = try harness.run(spec).slices.count { $0.metrics[0].value == .sample([.number(2)]) }
    #expect(abs(Double(even) - 1500) < 4 * (3000.0 / 4).squareRoot())
  }

  /// By hand, in two images: scores 0.9 (hit), 0.8 (none there), 0.3 (hit), and a box not found.
  ///
  /// Precision is 1 up to recall 1/3, 2/3 up to 2/3, and 0 beyond.
  @Test func `natively every score is a threshold, and what has no boxes is left out`() throws {
    let harness = EvaluationHarness(
      columns: [
        "y": Self.lists([[0, 0, 10, 10, 1, 20, 20, 30, 30, 1], [0, 0, 5, 5, 1]]),
        "p": Self.lists([
          [0, 0, 10, 10, 1, 0.9, 40, 40, 50, 50, 1, 0.8], [0, 0, 5, 6, 1, 0.3],
        ]),
      ], rowCount: 2)
    var spec = EvaluationSpec(
      label: .column("y"), models: [ModelOutput(prediction: .column("p"), shape: .classes)],
      metrics: [
        MetricRequest(
          "coco_mean_average_precision",
          ["class_ids": .numbers([1, 7]), "iou_thresholds": .numbers([0.5])]),
        MetricRequest("object_detection_max_recall", ["class_id": .number(1)]),
        MetricRequest("example_count"),
      ])
    spec.adoptImages()
    let slice = try harness.run(spec).slices[0]
    // Recalls 0 … 0.33 are 34 of 101, 0.34 … 0.66 are 33.
    let mean = (34 + 33 * 2.0 / 3) / 101
    let found = try #require(slice.metric("coco_mean_average_precision")?.value.number)
    #expect(abs(found - mean) < 1e-12)
    #expect(slice.metric("object_detection_max_recall")?.value == .number(2.0 / 3))
    #expect(slice.metric("example_count")?.value == .number(2))
  }

  @Test func `what is no box makes its row unusable`() throws {
    let harness = EvaluationHarness(
      columns: [
        "y": Self.lists([[0, 0, 10, 10, 1], [0, 0, 10, 10], [10, 0, 0, 10, 1]]),
        "p": Self.lists([[0, 0, 10, 10, 1, 0.9], [], []]),
      ], rowCount: 3)
    var spec = EvaluationSpec(
      label: .column("y"), models: [ModelOutput(prediction: .column("p"), shape: .classes)],
      metrics: [MetricRequest("object_detection_recall", ["class_id": .number(1)])])
    spec.adoptImages()
    let snapshot = try harness.run(spec)
    #expect(snapshot.slices[0].metrics[0].value == .number(1))
    #expect(snapshot.unusableCount == 2)
  }
}

extension MetricValue {
  /// The texts of a sample.
  fileprivate var texts: [String]? {
    guard case .sample(let values) = self else { return nil }
    return values.map { if case .text(let text) = $0 { text } else { "" } }
  }
}
