import Expressions

/// A TFMA `EvalConfig`, in protobuf text format or JSON, as an evaluation of ours.
///
/// Source: TFMA 0.52 `proto/config.proto`; the names of metrics are those that TFMA gives them.
public struct EvalConfig: Sendable {
  private let root: ConfigReader
  /// The columns whose predictions are lists of class scores.
  private let listColumns: Set<String>
  /// The columns of texts.
  private let textColumns: Set<String>

  /// Reads `text`; fields that mean nothing here, such as where a model is, are skipped.
  ///
  /// - Parameters:
  ///   - text: The `EvalConfig`, or the `EvalRun` that TFMA writes as `eval_config.json`.
  ///   - listColumns: Columns that are lists.
  ///   - textColumns: Columns of texts or lists of these.
  /// - Throws: `EvaluationError` with the place in the configuration.
  public init(
    _ text: String, listColumns: Set<String> = [], textColumns: Set<String> = []
  ) throws(EvaluationError) {
    let message = try ConfigMessage(parsing: text)
    if case .message(let inner)? = message["eval_config"] {
      root = ConfigReader(inner)
    } else {
      root = ConfigReader(message)
    }
    self.listColumns = listColumns
    self.textColumns = textColumns
  }

  /// The evaluation, under TFMA's definitions.
  public func spec() throws(EvaluationError) -> EvaluationSpec {
    try root.allow([
      "model_specs", "slicing_specs", "metrics_specs", "options", "cross_slicing_specs",
    ])
    var spec = EvaluationSpec(
      label: .integer(0), models: [], metrics: [], compatibility: .tfma)
    try readModels(into: &spec)
    var slices: [SlicingSpec] = []
    for reader in try root.messages("slicing_specs") { slices.append(try slice(reader)) }
    spec.slices = slices.isEmpty ? [.overall] : slices
    for reader in try root.messages("cross_slicing_specs") {
      spec.crossSlices.append(try crossSlice(reader))
    }
    for reader in try root.messages("metrics_specs") {
      try MetricsSpecReader(reader: reader).read(into: &spec)
    }
    spec.adoptImages()
    if let options = try root.message("options") { try readOptions(options, into: &spec) }
    return spec
  }

  private func readModels(into spec: inout EvaluationSpec) throws(EvaluationError) {
    let models = try root.messages("model_specs")
    if models.isEmpty { throw root.fault("no model_specs say what label and prediction are") }
    for reader in models {
      try reader.allow([
        "name", "label_key", "label_keys", "prediction_key", "prediction_keys",
        "example_weight_key", "example_weight_keys", "is_baseline", "signature_name",
        "model_type", "padding_options", "inference_batch_size",
      ])
      let name = models.count > 1 ? try reader.text("name") ?? "" : ""
      if try reader.isTrue("is_baseline"), models.count > 1 { spec.baseline = name }
      spec.models += try outputs(reader, name: name)
    }
    spec.label = spec.models[0].label ?? .integer(0)
    spec.weight = spec.models[0].weight
  }

  private func outputs(
    _ reader: ConfigReader, name: String
  ) throws(EvaluationError) -> [ModelOutput] {
    var predictions = try reader.textMap("prediction_keys")
    if let key = try reader.text("prediction_key") { predictions.append(("", key)) }
    guard !predictions.isEmpty else {
      throw reader.fault("prediction_key is missing: predictions are columns of the rows")
    }
    let labels = try reader.textMap("label_keys")
    let weights = try reader.textMap("example_weight_keys")
    let label = try reader.text("label_key")
    let weight = try reader.text("example_weight_key")
    var outputs: [ModelOutput] = []
    for (output, column) in predictions.sorted(by: { $0.key < $1.key }) {
      var model = ModelOutput(
        name: name, output: output, prediction: .column(column),
        shape: textColumns.contains(column)
          ? .text : listColumns.contains(column) ? .classes : .scalar)
      guard let key = labels.first(where: { $0.key == output })?.value ?? label else {
        throw reader.fault("label_key is missing")
      }
      model.label = .column(key)
      model.weight = (weights.first { $0.key == output }?.value ?? weight).map(Expression.column)
      outputs.append(model)
    }
    return outputs
  }

  private func readOptions(
    _ reader: ConfigReader, into spec: inout EvaluationSpec
  ) throws(EvaluationError) {
    try reader.allow([
      "include_default_metrics", "compute_confidence_intervals", "min_slice_size",
      "disabled_outputs", "confidence_intervals",
    ])
    spec.minSliceSize = Int(try reader.number("min_slice_size") ?? 0)
    guard try reader.isTrue("compute_confidence_intervals") else { return }
    let method = try reader.message("confidence_intervals")?.text("method") ?? "JACKKNIFE"
    spec.intervals = method == "POISSON_BOOTSTRAP" || method == "1" ? .bootstrap : .jackknife
  }

  /// The columns that the slices, labels, predictions, weights and queries are.
  public func columns() throws(EvaluationError) -> [String] {
    let spec = try spec()
    var names = spec.allSlices.flatMap(\.features)
    for model in spec.models {
      for expression in [model.prediction, model.label, model.weight] {
        if case .column(let name)? = expression { names.append(name) }
      }
    }
    for request in spec.metrics {
      if case .column(let name)? = request.query { names.append(name) }
      if case .text(let name)? = request.parameters["gain_key"] { names.append(name) }
    }
    return names
  }
}

/// The slices of a `SlicingSpec`.
func slice(_ reader: ConfigReader) throws(EvaluationError) -> SlicingSpec {
  if let statement = try reader.text("slice_keys_sql") {
    try reader.allow(["slice_keys_sql"])
    guard let slice = SlicingSpec(sql: statement) else {
      throw reader.fault(
        "slice_keys_sql is understood as SELECT STRUCT(a, b) FROM example.a, example.b WHERE "
          + "condition; for more, derive a column in the job and slice by it")
    }
    return slice
  }
  try reader.allow(["feature_keys", "feature_values"])
  return SlicingSpec(
    try reader.texts("feature_keys"),
    values: try reader.textMap("feature_values").map { .init($0.key, $0.value) })
}

func crossSlice(_ reader: ConfigReader) throws(EvaluationError) -> CrossSlicingSpec {
  try reader.allow(["baseline_spec", "slicing_specs"])
  var comparisons: [SlicingSpec] = []
  for comparison in try reader.messages("slicing_specs") {
    comparisons.append(try slice(comparison))
  }
  return CrossSlicingSpec(
    baseline: try reader.message("baseline_spec").map {
      reader throws(EvaluationError) in try slice(reader)
    } ?? .overall,
    comparisons: comparisons)
}
