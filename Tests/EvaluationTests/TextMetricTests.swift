import Columns
import Dataflow
import Formats
import Foundation
import Testing

@testable import Evaluation
@testable import Expressions

/// Texts against sacrebleu and rouge-score; see `Tests/Fixtures/text/PROVENANCE`.
@Suite struct TextMetricTests {
  private static let golden = Result {
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/text/golden.json")
    return try JSONValue(parsing: Array(try Data(contentsOf: url)))
  }

  private static func lists(_ rows: [[String]]) -> Column {
    var offsets: [UInt32] = [0]
    for row in rows { offsets.append((offsets.last ?? 0) + UInt32(row.count)) }
    return .list(
      ListColumn(
        elements: .string(StringColumn(rows.flatMap { $0 })), offsets: offsets,
        validity: Validity(allPresent: rows.count)))
  }

  private static func harness(_ rows: [JSONValue]) -> EvaluationHarness {
    EvaluationHarness(
      columns: [
        "id": .int64(Int64Column(rows.indices.map { Int64($0) })),
        "reference": lists(
          rows.map { $0["references"]?.array?.compactMap(\.string) ?? [] }),
        "text": .string(StringColumn(rows.map { $0["prediction"]?.string })),
        "w": .float64(Float64Column(rows.indices.map { Double($0 % 4) })),
      ], rowCount: rows.count)
  }

  private static func spec(_ metrics: [MetricRequest]) -> EvaluationSpec {
    EvaluationSpec(
      label: .column("reference"),
      models: [ModelOutput(prediction: .column("text"), shape: .text)],
      slices: [.overall, SlicingSpec(["id"])], metrics: metrics)
  }

  @Test func `BLEU is sacrebleu's, of each row and of all`() throws {
    let golden = try Self.golden.get()
    let rows = try #require(golden["rows"]?.array)
    let cases = try #require(golden["bleu"]?.array)
    var requests: [MetricRequest] = []
    for (index, item) in cases.enumerated() {
      var parameters: [String: ParameterValue] = ["name": .text("bleu\(index)")]
      for member in item["options"]?.object?.members ?? [] {
        switch member.value {
        case .bool(let value): parameters[member.key] = .text("\(value)")
        case .string(let value): parameters[member.key] = .text(value)
        default: parameters[member.key] = .number(member.value.number ?? .nan)
        }
      }
      requests.append(MetricRequest("bleu", parameters))
    }
    let slices = try Self.harness(rows).run(Self.spec(requests)).slices
    #expect(slices.count == rows.count + 1)
    for (index, item) in cases.enumerated() {
      let each = try #require(item["each"]?.array)
      for (slice, wanted) in zip(slices, [try #require(item["all"])] + each) {
        let found = try #require(slice.metric("bleu\(index)")?.value.number)
        let wanted = try #require(wanted.number)
        #expect(
          abs(found - wanted) <= 1e-9 * max(1, wanted), "\(slice.key) \(item["options"] ?? .null)")
      }
    }
  }

  @Test(arguments: [false, true])
  func `ROUGE is rouge-score's, the best of several references`(isStemmed: Bool) throws {
    let golden = try Self.golden.get()
    let rows = try #require(golden[isStemmed ? "stemmed" : "rows"]?.array)
    let kinds = ["rouge1", "rouge2", "rouge3", "rougeL", "rougeLsum"]
    var spec = Self.spec(
      kinds.map {
        MetricRequest("rouge", ["rouge_type": .text($0), "use_stemmer": .text("\(isStemmed)")])
      })
    spec.weight = .column("w")
    let slices = try Self.harness(rows).run(spec).slices
    for kind in kinds {
      for (place, part) in ["precision", "recall", "fmeasure"].enumerated() {
        let values = rows.map { $0["rouge"]?[kind]?[place]?.number ?? .nan }
        for (index, value) in values.enumerated() where index % 4 > 0 {
          let found = try #require(slices[index + 1].metric("\(kind)/\(part)")?.value.number)
          #expect(abs(found - value) < 1e-12, "\(kind) \(part) of row \(index)")
        }
        let total = values.indices.reduce(0) { $0 + Double($1 % 4) }
        let mean = values.indices.reduce(0) { $0 + Double($1 % 4) * values[$1] } / total
        let found = try #require(slices[0].metric("\(kind)/\(part)")?.value.number)
        #expect(abs(found - mean) < 1e-12, "\(kind) \(part)")
      }
    }
  }

  @Test func `stems are those of NLTK's Porter stemmer`() throws {
    let stems = try #require(try Self.golden.get()["stems"]?.object?.members)
    #expect(stems.count > 1000)
    for stem in stems { #expect(PorterStemmer.stem(stem.key) == stem.value.string, "\(stem.key)") }
  }

  /// TFMA 0.52 on these rows: 0.5, and 0.6 with weights 1, 2, 3, 4.
  @Test(arguments: [(false, 0.5), (true, 0.6)])
  func `an exact match is that of TFMA`(isWeighted: Bool, share: Double) throws {
    let labels = ["the cat sat on the mat.", "Hello", "a", "x y"]
    let texts = ["the cat sat on a mat.", "Hello", "b", "x y"]
    let spec = EvaluationSpec(
      label: .column("y"), models: [ModelOutput(prediction: .column("p"), shape: .text)],
      weight: isWeighted ? .column("w") : nil,
      metrics: [MetricRequest("exact_match"), MetricRequest("example_count")],
      compatibility: .tfma)
    let harness = EvaluationHarness(
      columns: [
        "y": .string(StringColumn(labels)), "p": .string(StringColumn(texts)),
        "w": .float64(Float64Column([1, 2, 3, 4])),
      ], rowCount: 4)
    #expect(try harness.run(spec).slices[0].metric("exact_match")?.value == .number(share))
  }

  /// By hand: row 1 has a, b of labels a, c (scores 0.9, 0.6); row 2 has c of none at 0.4.
  @Test func `sets of classes against sets of labels`() throws {
    let harness = EvaluationHarness(
      columns: [
        "labels": Self.lists([["a", "c"], []]), "classes": Self.lists([["a", "b"], ["c"]]),
        "scores": .list(
          ListColumn(
            elements: .float64(Float64Column([0.9, 0.6, 0.4])), offsets: [0, 2, 3],
            validity: Validity(allPresent: 2))),
      ], rowCount: 2)
    let parameters: [String: ParameterValue] = ["scores": .text("scores")]
    let cases: [(String, [String: ParameterValue], Double)] = [
      ("set_match_precision", parameters, 1 / 2), ("set_match_recall", parameters, 1 / 2),
      ("set_match_precision", parameters.merging(["top_k": .number(1)]) { $1 }, 1 / 2),
      ("set_match_precision", parameters.merging(["threshold": .number(0.7)]) { $1 }, 1),
      ("set_match_precision", parameters.merging(["threshold": .number(0)]) { $1 }, 1 / 3),
    ]
    let spec = EvaluationSpec(
      label: .column("labels"), models: [ModelOutput(prediction: .column("classes"), shape: .text)],
      metrics: cases.enumerated().map { index, item in
        MetricRequest(item.0, item.1.merging(["name": .text("m\(index)")]) { $1 })
      })
    let slice = try harness.run(spec).slices[0]
    for (index, item) in cases.enumerated() {
      #expect(slice.metric("m\(index)")?.value == .number(item.2), "\(item)")
    }
  }

  @Test func `numbers and texts are not mixed`() {
    for (metric, shape) in [
      ("auc", ModelOutput.Shape.text), ("bleu", .scalar), ("mean_label", .text), ("bleu", .classes),
    ] {
      let spec = EvaluationSpec(
        label: .column("y"), models: [ModelOutput(prediction: .column("p"), shape: shape)],
        metrics: [MetricRequest(metric)])
      #expect(throws: EvaluationError.self) { try EvaluationStage.lower(spec, name: "") }
    }
  }

  /// By hand; rows of weights 1 and 3.
  @Test func `attributions are summed by feature`() throws {
    let harness = EvaluationHarness(
      columns: [
        "y": .float64(Float64Column([0, 1])), "p": .float64(Float64Column([0.2, 0.7])),
        "w": .float64(Float64Column([1, 3])), "a": .float64(Float64Column([0.5, -0.25])),
        "b": .float64(Float64Column([2, 4])), "fare": .float64(Float64Column([10, nil])),
      ], rowCount: 2)
    var spec = EvaluationSpec(
      label: .column("y"), models: [ModelOutput(prediction: .column("p"))], weight: .column("w"),
      metrics: [
        "mean_attributions", "mean_absolute_attributions", "total_attributions",
        "total_absolute_attributions",
      ].map { MetricRequest($0) } + [MetricRequest("mean", ["feature": .text("fare")])])
    #expect(throws: EvaluationError.self) { try EvaluationStage.lower(spec, name: "") }
    spec.attributions = [.init("age", .column("a")), .init("zip", .column("b"))]
    let slice = try harness.run(spec).slices[0]
    for (name, value) in [
      ("mean_attributions/age", -0.0625), ("mean_attributions/zip", 3.5),
      ("mean_absolute_attributions/age", 0.3125), ("total_attributions/age", -0.25),
      ("total_absolute_attributions/age", 1.25), ("total_attributions/zip", 14), ("mean", 10),
    ] {
      #expect(slice.metric(name)?.value == .number(value), "\(name)")
    }
  }
}
