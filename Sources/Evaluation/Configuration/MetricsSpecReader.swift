import Expressions

/// Reads one `MetricsSpec`: metrics that share models, sub-keys and aggregation.
struct MetricsSpecReader {
  let reader: ConfigReader

  func read(into spec: inout EvaluationSpec) throws(EvaluationError) {
    try reader.allow([
      "metrics", "model_names", "output_names", "binarize", "query_key", "aggregate",
      "thresholds", "per_slice_thresholds", "cross_slice_thresholds", "example_weights",
    ])
    var shared = MetricRequest("")
    let models = try reader.texts("model_names")
    let outputs = try reader.texts("output_names")
    shared.models = models.isEmpty || spec.models.count == 1 ? nil : models
    shared.outputs = outputs.isEmpty ? nil : outputs
    shared.query = try reader.text("query_key").map(Expression.column)
    shared.subKeys = try subKeys()
    shared.aggregation = try aggregation()
    for metric in try reader.messages("metrics") {
      try read(metric, shared, into: &spec)
    }
    try ThresholdReader(reader: reader).readByName(into: &spec)
  }

  private func read(
    _ metric: ConfigReader, _ shared: MetricRequest, into spec: inout EvaluationSpec
  ) throws(EvaluationError) {
    try metric.allow([
      "class_name", "module", "config", "threshold", "per_slice_thresholds",
      "cross_slice_thresholds",
    ])
    guard let className = try metric.text("class_name") else {
      throw metric.fault("class_name is missing")
    }
    var request = shared
    request.name = Self.names[className] ?? className.snakeCased
    request.parameters = try parameters(metric)
    try ImageKeys(taking: &request.parameters).bind(&spec, metric)
    request.location = metric.place
    if let plot = Self.plots[className] {
      let plot = try self.plot(plot, request.parameters, metric)
      if !spec.plots.contains(plot) { spec.plots.append(plot) }
      return
    }
    let weights = try reader.message("example_weights")
    let isUnweighted = try weights?.isTrue("unweighted") ?? false
    let isWeighted = try weights?.isTrue("weighted") ?? !isUnweighted
    for weighs in [true, false] where weighs ? isWeighted : isUnweighted {
      request.isWeighted = weighs
      spec.metrics.append(request)
    }
    try ThresholdReader(reader: metric).read(of: request.outputName, into: &spec)
  }

  /// TFMA's own names, where they are not those of the classes.
  private static let names = [
    "BinaryCrossEntropy": "binary_crossentropy",
    "CategoricalCrossEntropy": "categorical_crossentropy",
    "SparseCategoricalCrossEntropy": "sparse_categorical_crossentropy",
    "COCOAveragePrecision": "average_precision", "COCOAverageRecall": "average_recall",
    "COCOMeanAveragePrecision": "mean_average_precision",
    "COCOMeanAverageRecall": "mean_average_recall",
    "SemanticSegmentationTruePositive": "semantic_segmentation_true_positives",
    "SemanticSegmentationFalsePositive": "semantic_segmentation_false_positives",
  ]

  private static let plots: [String: PlotKind] = [
    "ConfusionMatrixPlot": .confusionMatrix, "CalibrationPlot": .calibration,
    "AUCPlot": .confusionMatrix, "ObjectDetectionConfusionMatrixPlot": .confusionMatrix,
    "ScoreDistributionPlot": .scoreDistribution,
  ]

  private func plot(
    _ kind: PlotKind, _ parameters: [String: ParameterValue], _ metric: ConfigReader
  ) throws(EvaluationError) -> PlotRequest {
    let arguments = MetricArguments(values: parameters, compatibility: .tfma)
    let known = ["name", "left", "right", "num_buckets", "num_thresholds"]
    let boxes = parameters.filter { PlotRequest.boxParameters.contains($0.key) }
    if let name = parameters.keys.sorted().first(where: {
      !known.contains($0) && boxes[$0] == nil
    }) {
      throw metric.fault("plots have no parameter '\(name)'; they have \(known)")
    }
    let (left, right) = (
      arguments.number("left", default: 0), arguments.number("right", default: 1)
    )
    let counts = ["num_buckets", "num_thresholds"].map { arguments.number($0, default: 1000) }
    guard left < right, let count = counts.first(where: { $0 != 1000 }) ?? counts.first,
      (1...10_000).contains(count)
    else { throw metric.fault("a plot needs left < right and 1 to 10,000 points") }
    var request = PlotRequest(
      kind, name: arguments.text("name", default: ""),
      range: left == 0 && right == 1 ? nil : left...right, count: Int(count))
    try request.setBoxes(boxes)
    return request
  }

  /// The JSON of `config`, whose braces may be left out.
  private func parameters(
    _ metric: ConfigReader
  ) throws(EvaluationError) -> [String: ParameterValue] {
    guard let text = try metric.text("config") else { return [:] }
    let isObject = text.utf8.first { !$0.isBlank } == UInt8(ascii: "{")
    let config: ConfigMessage
    do {
      config = try ConfigMessage.json(isObject ? text : "{\(text)}")
    } catch {
      throw metric.fault("config: \(error.reason)")
    }
    var parameters: [String: ParameterValue] = [:]
    for name in Set(config.fields.map(\.name)) {
      parameters[name] = try ParameterValue(config.all(name), name, metric)
    }
    return parameters
  }

  private func subKeys() throws(EvaluationError) -> [SubKey] {
    guard let binarize = try reader.message("binarize") else { return [] }
    try binarize.allow(["class_ids", "k_list", "top_k_list"])
    return try binarize.integers("class_ids").map(SubKey.classID)
      + binarize.integers("k_list").map(SubKey.k)
      + binarize.integers("top_k_list").map(SubKey.topK)
  }

  private func aggregation() throws(EvaluationError) -> MetricRequest.Aggregation? {
    guard let aggregate = try reader.message("aggregate") else { return nil }
    if aggregate.has("top_k_list") {
      throw aggregate.fault(
        "top_k_list is not supported here: put it in 'binarize', or aggregate over class_ids")
    }
    try aggregate.allow([
      "micro_average", "macro_average", "weighted_macro_average", "class_weights",
    ])
    var weights: [Int: Double] = [:]
    for (key, value) in try aggregate.map("class_weights") {
      guard let id = Int(key), case .text(let text) = value, let weight = Double(text) else {
        throw aggregate.fault("class_weights must be weights by class id")
      }
      weights[id] = weight
    }
    for type in AggregationType.allCases where try aggregate.isTrue(type.rawValue) {
      return MetricRequest.Aggregation(type, classWeights: weights)
    }
    return nil
  }
}

extension ParameterValue {
  /// `nil` for `false`, which every option is by default.
  fileprivate init?(
    _ values: [ConfigMessage.Value], _ name: String, _ reader: ConfigReader
  ) throws(EvaluationError) {
    var texts: [String] = []
    for value in values {
      guard case .text(let text) = value else {
        throw reader.fault("config: '\(name)' is an object")
      }
      texts.append(text)
    }
    if texts == ["false"] { return nil }
    let numbers = texts.compactMap { Double($0) }
    if name != "name", numbers.count == texts.count {
      // One number in a list is a list of one; metrics that take lists take both.
      self = numbers.count == 1 ? .number(numbers[0]) : .numbers(numbers)
    } else {
      self = texts.count == 1 ? .text(texts[0]) : .texts(texts)
    }
  }
}
