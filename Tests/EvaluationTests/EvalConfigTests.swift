import Expressions
import Testing

@testable import Evaluation

@Suite struct EvalConfigTests {
  @Test(arguments: [
    ("SELECT STRUCT(kind) FROM example.kind", ["kind"], nil),
    ("select struct(a, b) from example.a, example.b", ["a", "b"], nil),
    (
      "SELECT STRUCT(kind)\n FROM example.kind, example.fare WHERE fare > 10 AND kind = 'card'",
      ["kind"], "fare > 10 and kind == 'card'"
    ),
  ])
  func `a simple statement of SQL makes slices`(
    statement: String, features: [String], condition: String?
  ) throws {
    let slice = try #require(SlicingSpec(sql: statement))
    #expect(slice.featureKeys == features)
    #expect(slice.featureValues == (condition.map { [.init($0, "true")] } ?? []))
  }

  @Test(arguments: [
    "SELECT * FROM example.kind", "SELECT STRUCT(kind) FROM (SELECT 1)", "DROP TABLE example",
    "SELECT STRUCT(a) FROM example.b", "SELECT STRUCT(kind)",
  ])
  func `other statements are refused`(statement: String) {
    #expect(SlicingSpec(sql: statement) == nil)
  }

  private static let text = """
    # A comment; fields may be parted by commas or semicolons.
    model_specs { label_key: 'lab' "el", prediction_key: "score"; example_weight_key: "w" }
    slicing_specs {}
    slicing_specs < feature_keys: ["a", "b"] feature_values { key: "c" value: "3" } >
    metrics_specs {
      metrics { class_name: "AUC" config: "\\"num_thresholds\\": 100" }
      metrics {
        class_name: "Precision" config: '{"name": "p", "thresholds": [0.3]}'
        threshold { value_threshold { lower_bound { value: 0.5 } upper_bound {} } }
      }
      example_weights { unweighted: true }
    }
    options { min_slice_size { value: 7 } compute_confidence_intervals { value: true } }
    """

  private static let json = """
    {"evalConfig": {
      "modelSpecs": [{"labelKey": "label", "predictionKey": "score", "exampleWeightKey": "w"}],
      "slicingSpecs": [{}, {"featureKeys": ["a", "b"], "featureValues": {"c": "3"}}],
      "metricsSpecs": [{
        "metrics": [
          {"className": "AUC", "config": "\\"num_thresholds\\": 100"},
          {"className": "Precision", "config": "{\\"name\\": \\"p\\", \\"thresholds\\": [0.3]}",
           "threshold": {"valueThreshold": {"lowerBound": 0.5, "upperBound": 0}}}],
        "exampleWeights": {"unweighted": true}}],
      "options": {"minSliceSize": 7, "computeConfidenceIntervals": true}}}
    """

  @Test(arguments: [text, json]) func `text and JSON say the same`(_ text: String) throws {
    let spec = try EvalConfig(text).spec()
    #expect(spec.label == .column("label"))
    #expect(spec.weight == .column("w"))
    #expect(spec.models.map(\.prediction) == [.column("score")])
    #expect(
      spec.slices == [.overall, SlicingSpec(["a", "b"], values: [.init("c", "3")])])
    #expect(spec.metrics.map(\.name) == ["auc", "precision"])
    #expect(spec.metrics.map(\.isWeighted) == [false, false])
    #expect(spec.metrics[0].parameters == ["num_thresholds": .number(100)])
    #expect(spec.metrics[1].parameters == ["name": .text("p"), "thresholds": .number(0.3)])
    #expect(spec.thresholds == [MetricThreshold("p", lowerBound: 0.5, upperBound: 0)])
    #expect(spec.minSliceSize == 7)
    #expect(spec.intervals == .jackknife)
    #expect(spec.compatibility == .tfma)
  }

  private struct Fault: CustomTestStringConvertible, Sendable {
    let text: String
    let message: String
    var testDescription: String { message }

    init(_ text: String, _ message: String) {
      self.text = text
      self.message = message
    }
  }

  private static let model = "model_specs { label_key: \"y\" prediction_key: \"p\" }\n"
  private static let faults = [
    Fault("model_specs {", "eval_config, line 1: a message is not closed"),
    Fault("\n\nmodel_specs", "eval_config, line 3: expected ':' or '{'"),
    Fault("slicing_specs {}", "eval_config: no model_specs say what label and prediction are"),
    Fault(
      model + "metric_specs {}",
      "eval_config: the field 'metric_specs' is not known here, or not supported; "
        + "did you mean 'metrics_specs'?"),
    Fault(
      model + "slicing_specs { slice_keys_sql: \"x\" }",
      "eval_config.slicing_specs[0]: slice_keys_sql is understood as SELECT STRUCT(a, b) FROM "
        + "example.a, example.b WHERE condition; for more, derive a column in the job and slice "
        + "by it"),
    Fault(
      model + "metrics_specs { output_weights { key: \"a\" value: 1 } }",
      "eval_config.metrics_specs[0]: output_weights is not supported: outputs are evaluated one "
        + "by one; average them in a column of the rows"),
    Fault(
      model + "metrics_specs { aggregate { macro_average: true top_k_list { values: 2 } } }",
      "eval_config.metrics_specs[0].aggregate[0]: top_k_list is not supported here: put it in "
        + "'binarize', or aggregate over class_ids"),
    Fault(
      model + "metrics_specs { metrics { class_name: \"AUCC\" } }",
      "eval_config.metrics_specs[0].metrics[0]: no metric is named 'aucc'; did you mean 'auc'?"),
    Fault(
      model + "metrics_specs { metrics { class_name: \"NDCG\" config: \"'x'\" } }",
      "eval_config.metrics_specs[0].metrics[0]: config: "),
    Fault(
      model + "metrics_specs { metrics { class_name: \"COCOAverageRecall\" } }",
      "eval_config.metrics_specs[0].metrics[0]: 'coco_average_recall' needs the parameter 'class_id'"
    ),
    Fault(
      model + "metrics_specs { metrics { class_name: \"SemanticSegmentationTruePositive\" config: "
        + "'\"class_ids\": [1], \"ground_truth_key\": \"a\", \"decode_ground_truth\": true' } }",
      "eval_config.metrics_specs[0].metrics[0]: images are not decoded: give masks as lists"),
  ]

  @Test(arguments: faults) private func `a fault says where it is`(fault: Fault) {
    #expect {
      _ = try EvaluationStage.lower(try EvalConfig(fault.text).spec(), name: "e")
    } throws: {
      ($0 as? EvaluationError)?.description.hasPrefix(fault.message) == true
    }
  }

  @Test func `names of classes become names of metrics`() {
    let names = [
      "AUC": "auc", "AUCPrecisionRecall": "auc_precision_recall", "F1Score": "f1_score",
      "NDCG": "ndcg", "SparseTopKCategoricalAccuracy": "sparse_top_k_categorical_accuracy",
      "label_key": "label_key", "labelKey": "label_key",
    ]
    for (given, expected) in names { #expect(given.snakeCased == expected) }
  }
}
