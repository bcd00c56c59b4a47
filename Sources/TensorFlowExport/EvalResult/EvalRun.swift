import Evaluation
import Expressions
import Formats

/// `eval_config.json`: the evaluation as TFMA's `EvalRun`, in protobuf JSON.
///
/// An expression that is no column stands as its formula; a metric that TFMA does not know keeps
/// our name.
struct EvalRun {
  private let spec: EvaluationSpec

  init(_ spec: EvaluationSpec) { self.spec = spec }

  var json: [UInt8] {
    var writer = JSONWriter(style: .indented)
    writer.object { run in
      run.key("evalConfig")
      run.object { config in
        config.list("modelSpecs", spec.models.indices) { write(model: $1, &$0) }
        config.list("slicingSpecs", spec.slices) { $0.write($1) }
        config.list("metricsSpecs", spec.metrics) { write($1, &$0) }
        if !spec.crossSlices.isEmpty {
          config.list("crossSlicingSpecs", spec.crossSlices) { $0.write($1) }
        }
        writeOptions(&config)
      }
      run.member("version", "0.52.0")
      run.member("dataLocation", "<unknown>")
      run.member("fileFormat", "<unknown>")
      run.key("modelLocations")
      run.object { locations in
        var names: [String] = []
        for model in spec.models where !names.contains(model.name) {
          names.append(model.name)
          locations.member(model.name, "<unknown>")
        }
      }
    }
    writer.newline()
    return writer.bytes
  }

  private func write(model index: Int, _ writer: inout JSONWriter) {
    let model = spec.models[index]
    writer.object { message in
      if !model.name.isEmpty { message.member("name", model.name) }
      message.member("labelKey", (model.label ?? spec.label).keyText)
      if model.output.isEmpty {
        message.member("predictionKey", model.prediction.keyText)
      } else {
        message.key("predictionKeys")
        message.object { $0.member(model.output, model.prediction.keyText) }
      }
      if let weight = model.weight ?? spec.weight {
        message.member("exampleWeightKey", weight.keyText)
      }
      if spec.baseline == model.name {
        message.key("isBaseline")
        message.value(true)
      }
    }
  }

  private func write(_ request: MetricRequest, _ writer: inout JSONWriter) {
    writer.object { message in
      message.list("metrics", [request]) { writer, request in
        writer.object { metric in
          metric.member("className", request.name.camelCased)
          let config = request.configJSON
          if !config.isEmpty { metric.member("config", config) }
          writeThresholds(of: request, &metric)
        }
      }
      if let models = request.models { message.list("modelNames", models) { $0.value($1) } }
      if let query = request.query { message.member("queryKey", query.keyText) }
      write(binarization: request.subKeys, &message)
      if let aggregation = request.aggregation {
        message.key("aggregate")
        message.object { aggregate in
          let name =
            switch aggregation.type {
            case .micro: "microAverage"
            case .macro: "macroAverage"
            case .weightedMacro: "weightedMacroAverage"
            }
          aggregate.key(name)
          aggregate.value(true)
        }
      }
      if !request.isWeighted {
        message.key("exampleWeights")
        message.object { weights in
          weights.key("unweighted")
          weights.value(true)
        }
      }
    }
  }

  private func write(binarization subKeys: [SubKey], _ writer: inout JSONWriter) {
    if subKeys.isEmpty { return }
    writer.key("binarize")
    writer.object { binarize in
      for (name, numbers) in [
        ("classIds", subKeys.compactMap { if case .classID(let id) = $0 { id } else { nil } }),
        ("kList", subKeys.compactMap { if case .k(let k) = $0 { k } else { nil } }),
        ("topKList", subKeys.compactMap { if case .topK(let k) = $0 { k } else { nil } }),
      ] where !numbers.isEmpty {
        binarize.key(name)
        binarize.object { $0.list("values", numbers) { $0.value($1) } }
      }
    }
  }

  private func writeThresholds(of request: MetricRequest, _ writer: inout JSONWriter) {
    let name: String
    if case .text(let text)? = request.parameters["name"] {
      name = text
    } else {
      name = request.name
    }
    let thresholds = spec.thresholds.filter { $0.metric == name && $0.crossSlices == nil }
    let everywhere = thresholds.filter { $0.slices == nil }
    if !everywhere.isEmpty {
      writer.key("threshold")
      writer.write(everywhere)
    }
    let bySlice = thresholds.filter { $0.slices != nil }
    guard !bySlice.isEmpty else { return }
    writer.list("perSliceThresholds", bySlice) { writer, threshold in
      writer.object { message in
        message.list("slicingSpecs", threshold.slices ?? []) { $0.write($1) }
        message.key("threshold")
        message.write([threshold])
      }
    }
  }

  private func writeOptions(_ writer: inout JSONWriter) {
    guard spec.minSliceSize > 0 || spec.intervals != nil else { return }
    writer.key("options")
    writer.object { options in
      if spec.minSliceSize > 0 {
        options.key("minSliceSize")
        options.value(spec.minSliceSize)
      }
      guard let intervals = spec.intervals else { return }
      options.key("computeConfidenceIntervals")
      options.value(true)
      options.key("confidenceIntervals")
      options.object {
        $0.member("method", intervals == .bootstrap ? "POISSON_BOOTSTRAP" : "JACKKNIFE")
      }
    }
  }
}

extension JSONWriter {
  fileprivate mutating func object(_ build: (inout JSONWriter) -> Void) {
    beginObject()
    build(&self)
    endObject()
  }

  fileprivate mutating func list<Item>(
    _ name: String, _ items: some Sequence<Item>, _ write: (inout JSONWriter, Item) -> Void
  ) {
    key(name)
    beginArray()
    for item in items { write(&self, item) }
    endArray()
  }

  fileprivate mutating func write(_ spec: SlicingSpec) {
    object { message in
      if !spec.featureKeys.isEmpty {
        message.list("featureKeys", spec.featureKeys) { $0.value($1) }
      }
      guard !spec.featureValues.isEmpty else { return }
      message.key("featureValues")
      message.object { values in
        for feature in spec.featureValues { values.member(feature.feature, feature.value) }
      }
    }
  }

  fileprivate mutating func write(_ spec: CrossSlicingSpec) {
    object { message in
      message.key("baselineSpec")
      message.write(spec.baseline)
      message.list("slicingSpecs", spec.comparisons) { $0.write($1) }
    }
  }

  /// One `MetricThreshold` message: bounds of a value and of a change.
  fileprivate mutating func write(_ thresholds: [MetricThreshold]) {
    object { message in
      for threshold in thresholds {
        message.key(threshold.change == nil ? "valueThreshold" : "changeThreshold")
        message.object { bounds in
          bounds.write("lowerBound", threshold.lowerBound)
          bounds.write("upperBound", threshold.upperBound)
          guard let change = threshold.change else { return }
          bounds.write("absolute", change.absolute)
          bounds.write("relative", change.relative)
          bounds.member(
            "direction", change.direction == .higher ? "HIGHER_IS_BETTER" : "LOWER_IS_BETTER")
        }
      }
    }
  }

  private mutating func write(_ name: String, _ number: Double?) {
    guard let number else { return }
    key(name)
    value(number)
  }
}

extension MetricRequest {
  /// The parameters as the JSON that TFMA takes as `config`; empty without any.
  fileprivate var configJSON: String {
    if parameters.isEmpty { return "" }
    var writer = JSONWriter()
    writer.object { config in
      for (name, parameter) in parameters.sorted(by: { $0.key < $1.key }) {
        config.key(name)
        switch parameter {
        case .number(let number): config.value(number)
        case .numbers(let numbers): config.value(numbers)
        case .text(let text): config.value(text)
        case .texts(let texts): config.value(texts)
        }
      }
    }
    return writer.text
  }
}

extension Expression {
  fileprivate var keyText: String { if case .column(let name) = self { name } else { formula } }
}

extension String {
  /// `binary_accuracy` as `BinaryAccuracy`; what is known under another name in TFMA by that.
  fileprivate var camelCased: String {
    let special = [
      "auc": "AUC", "auc_precision_recall": "AUCPrecisionRecall", "ndcg": "NDCG",
      "binary_cross_entropy": "BinaryCrossEntropy", "binary_crossentropy": "BinaryCrossEntropy",
      "average_precision": "COCOAveragePrecision", "average_recall": "COCOAverageRecall",
      "mean_average_precision": "COCOMeanAveragePrecision",
      "mean_average_recall": "COCOMeanAverageRecall",
      "semantic_segmentation_true_positives": "SemanticSegmentationTruePositive",
      "semantic_segmentation_false_positives": "SemanticSegmentationFalsePositive",
      "mse": "MeanSquaredError", "tp": "TP", "fp": "FP", "tn": "TN", "fn": "FN",
    ]
    if let name = special[self] { return name }
    return split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}
