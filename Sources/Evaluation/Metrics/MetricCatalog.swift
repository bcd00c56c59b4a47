/// Every metric, in the order of `limno catalog metrics`.
public enum MetricCatalog {
  public static let all: [MetricDefinition] =
    [
      .exampleCount, .weightedExampleCount, .meanLabel, .meanPrediction, .calibration,
      .binaryAccuracy, .auc, .aucPrecisionRecall, .binaryCrossEntropy, .meanSquaredError,
      .rootMeanSquaredError, .confusionMatrixAtThresholds, .fairnessIndicators, .maxRecall,
      .multiLabelMatrix, .mean,
    ] + MetricDefinition.confusionMetrics + MetricDefinition.operatingPoints
    + MetricDefinition.losses + MetricDefinition.correlations + MetricDefinition.classMetrics
    + MetricDefinition.multiClassMatrices + MetricDefinition.comparisons
    + MetricDefinition.rankings + MetricDefinition.textMetrics
    + MetricDefinition.attributions + MetricDefinition.sampleMetrics
    + MetricDefinition.boxMetrics + MetricDefinition.maskMetrics

  /// Other names of the same metrics; a metric asked for by one keeps it in the snapshot.
  public static let aliases: [String: String] = [
    "binary_crossentropy": "binary_cross_entropy", "mse": "mean_squared_error",
    "tp": "true_positives", "tn": "true_negatives", "fp": "false_positives",
    "fn": "false_negatives", "ppv": "precision", "tpr": "recall", "tnr": "specificity",
    "fpr": "fall_out", "fnr": "miss_rate", "npv": "negative_predictive_value",
    "mcc": "matthews_correlation_coefficient", "f1": "f1_score",
    "rmse": "root_mean_squared_error", "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error",
    "r2_score": "r_squared", "log_cosh_error": "log_cosh", "logcosh": "log_cosh",
    "sparse_categorical_accuracy": "categorical_accuracy",
    "sparse_top_k_categorical_accuracy": "top_k_categorical_accuracy",
    "categorical_crossentropy": "categorical_cross_entropy",
    "sparse_categorical_crossentropy": "categorical_cross_entropy",
    "fairness_indicators_metrics": "fairness_indicators",
    "semantic_segmentation_true_positive": "semantic_segmentation_true_positives",
    "semantic_segmentation_false_positive": "semantic_segmentation_false_positives",
    "average_precision": "coco_average_precision", "average_recall": "coco_average_recall",
    "mean_average_precision": "coco_mean_average_precision",
    "mean_average_recall": "coco_mean_average_recall",
  ]

  /// The row of a metric in the catalogue.
  public struct Row: Hashable, Sendable {
    public let name: String
    public let summary: String
    public let parameters: [MetricParameter]
    public let isSupported: Bool
  }

  /// The supported metrics, then the names of TFMA that are something else here.
  public static let rows: [Row] =
    all.map {
      Row(name: $0.name, summary: $0.summary, parameters: $0.parameters, isSupported: true)
    }
    + refused.map { Row(name: $0.name, summary: $0.reason, parameters: [], isSupported: false) }

  private static let byName = Dictionary(
    all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// The metric called `name`, by its own name or an alias.
  public static func metric(named name: String) -> MetricDefinition? {
    byName[aliases[name] ?? name]
  }

  /// The metric asked for, the request with its sub-keys, and what is computed for each of these.
  static func resolve(
    _ given: MetricRequest, compatibility: EvaluationCompatibility, classCount: Int = 0,
    attributed: [String] = [], at location: String
  ) throws(EvaluationError) -> (MetricDefinition, MetricRequest, [MetricComputation]) {
    let definition = try definition(given, at: location)
    let request = given.withSubKeys(of: definition)
    guard request.subKeys.count <= given.subKeys.count + 1 else {
      throw EvaluationError(.manySubKeys(definition.name), at: location)
    }
    for (name, value) in request.parameters.sorted(by: { $0.key < $1.key }) {
      try check(name, value, of: definition, compatibility, at: location)
    }
    for parameter in definition.parameters
    where parameter.isRequired && request.parameters[parameter.name] == nil {
      throw EvaluationError(
        .missingParameter(metric: definition.name, parameter.name), at: location)
    }
    let arguments = MetricArguments(
      values: request.parameters, compatibility: compatibility, classCount: classCount,
      attributed: attributed)
    return (definition, request, definition.compute(arguments))
  }

  private static func definition(
    _ request: MetricRequest, at location: String
  ) throws(EvaluationError) -> MetricDefinition {
    guard let definition = metric(named: request.name) else {
      if let refused = refused.first(where: { $0.name == request.name }) {
        throw EvaluationError(.refusedMetric(request.name, refused.reason), at: location)
      }
      throw EvaluationError(
        .unknownMetric(request.name), at: location,
        suggestion: nearestName(to: request.name, among: all.map(\.name) + aliases.keys.sorted()))
    }
    return definition
  }

  private static func check(
    _ name: String, _ value: ParameterValue, of metric: MetricDefinition,
    _ compatibility: EvaluationCompatibility, at location: String
  ) throws(EvaluationError) {
    if name == "name" {
      guard case .text(let text) = value, !text.isEmpty else {
        throw EvaluationError(
          .badParameter(metric: metric.name, parameter: name, expected: "a text"), at: location)
      }
      return
    }
    guard let parameter = metric.parameters.first(where: { $0.name == name }) else {
      throw EvaluationError(
        .unknownParameter(metric: metric.name, name), at: location,
        suggestion: nearestName(to: name, among: metric.parameters.map(\.name) + ["name"]))
    }
    guard parameter.accepts(value) else {
      throw EvaluationError(
        .badParameter(metric: metric.name, parameter: name, expected: parameter.expectation),
        at: location)
    }
    if parameter.needsCompatibility, compatibility != .tfma {
      throw EvaluationError(
        .needsCompatibility(metric: metric.name, parameter: name), at: location)
    }
  }
}
