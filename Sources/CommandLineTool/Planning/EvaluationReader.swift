import Columns
import Evaluation
import Expressions
import FileIO

/// Reads the block `evaluate` into an evaluation spec, with its formulas bound to columns.
struct EvaluationReader {
  let scope: FormulaScope

  func spec(_ block: ConfigurationMapping) throws(ConfigurationError) -> EvaluationSpec {
    if let path = block["eval_config"] { return try evalConfig(path, block) }
    let models = try models(block)
    let shapes = Set(models.filter { $0.label == nil }.map(\.shape))
    var spec = EvaluationSpec(
      label: try label(try block.required("label"), of: shapes), models: models, metrics: [])
    spec.weight = try block["weight"].mapOrThrow(number)
    if let slices = block["slices"] { spec.slices = try slices.list().mapOrThrow(slice) }
    spec.metrics = try block["metrics"]?.list().mapOrThrow(metric) ?? []
    if let thresholds = block["thresholds"] {
      for (key, value) in try thresholds.entries().pairs {
        spec.thresholds += try self.thresholds(key.text, value)
      }
    }
    if let plots = block["plots"] { spec.plots = try self.plots(plots) }
    spec.adoptImages()
    spec.baseline = try block["baseline"]?.string()
    spec.crossSlices = try block["cross_slices"]?.list().mapOrThrow(crossSlice) ?? []
    if let size = block["min_slice_size"] { spec.minSliceSize = try size.integer(0...Int.max) }
    try readOptions(block, into: &spec)
    return spec
  }

  private func readOptions(
    _ block: ConfigurationMapping, into spec: inout EvaluationSpec
  ) throws(ConfigurationError) {
    if let compat = block["compat"] {
      spec.compatibility = try compat.choice([("tfma", .tfma), ("native", .native)])
    }
    if let intervals = block["intervals"] {
      spec.intervals = try intervals.choice(IntervalMethod.allCases.map { ($0.rawValue, $0) })
    }
    if let budget = block["slice_budget"] { spec.sliceBudget = try budget.integer(1...100_000_000) }
    if let attributions = block["attributions"] {
      spec.attributions = try attributions.entries().pairs.mapOrThrow({
        pair throws(ConfigurationError) in .init(pair.key.text, try number(pair.value))
      })
    }
    if let rows = block["exact_rows"] {
      spec.exactRows = try rows.integer(0...10_000_000)
      if spec.compatibility == .tfma, spec.exactRows > 0 {
        throw rows.error(
          "'compat: tfma' takes areas from TFMA's thresholds; leave out 'exact_rows'")
      }
    }
    if let classes = block["classes"] { spec.classCount = try classes.integer(2...100_000) }
  }

  /// A TFMA `EvalConfig` in a file of its own, or as `{ text: … }`; TFMA's definitions hold unless `compat: native`.
  private func evalConfig(
    _ path: ConfigurationNode, _ block: ConfigurationMapping
  ) throws(ConfigurationError) -> EvaluationSpec {
    let own = [
      "name", "windows", "eval_config", "compat", "classes", "intervals", "slice_budget",
      "exact_rows", "attributions",
    ]
    for (key, value) in block.pairs where !own.contains(key.text) {
      throw value.error("'\(key.text)' and 'eval_config' contradict each other; give one")
    }
    let text: String
    do {
      text =
        path.isMapping
        ? try path.mapping(["text"]).required("text").string()
        : String(decoding: try FileSystem.contents(of: try path.string()), as: UTF8.self)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw path.error("\(error)")
    }
    let lists = scope.schema.fields.filter { if case .list = $0.type { true } else { false } }
    do {
      let texts = scope.schema.fields.filter { $0.type == .string || $0.type == .list(.string) }
      let config = try EvalConfig(
        text, listColumns: Set(lists.map(\.name)), textColumns: Set(texts.map(\.name)))
      for name in try config.columns() { _ = try checkFeature(name, path) }
      var spec = try config.spec()
      try readOptions(block, into: &spec)
      for index in spec.models.indices { bind(&spec.models[index]) }
      spec.label = spec.label.substituting(scope.definitions)
      spec.weight = spec.weight?.substituting(scope.definitions)
      for index in spec.metrics.indices {
        spec.metrics[index].query = spec.metrics[index].query?.substituting(scope.definitions)
      }
      return spec
    } catch let error as EvaluationError {
      throw path.error(error.description)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw path.error("\(error)")
    }
  }

  /// Puts derived columns in.
  private func bind(_ model: inout ModelOutput) {
    model.prediction = model.prediction.substituting(scope.definitions)
    model.label = model.label?.substituting(scope.definitions)
    model.weight = model.weight?.substituting(scope.definitions)
  }

  private func number(_ node: ConfigurationNode) throws(ConfigurationError) -> Expression {
    let (expression, type) = try scope.rowExpression(node)
    guard type.isNumeric else { throw node.error("expected a number, found type \(type)") }
    return expression
  }

  private static func isAnswer(_ type: DataType) -> Bool {
    type.isNumeric || type.isListOfNumbers || type == .string || type == .list(.string)
  }

  /// A number, or a number for each class; of predictions that are texts, a text or several.
  private func label(
    _ node: ConfigurationNode, of shapes: Set<ModelOutput.Shape>
  ) throws(ConfigurationError) -> Expression {
    let (expression, type) = try scope.rowExpression(node)
    let isNumber = type.isNumeric || type.isListOfNumbers
    guard Self.isAnswer(type), isNumber || shapes.subtracting([.text]).isEmpty else {
      throw node.error("expected a number or a list of numbers, found type \(type)")
    }
    guard !isNumber || !shapes.contains(.text) else {
      throw node.error("a prediction is a text; expected a text or a list, found type \(type)")
    }
    return expression
  }

  /// A formula; or `{ prediction, label, weight }`, or `{ outputs: { NAME: … } }` of either.
  private func model(
    _ name: String, _ node: ConfigurationNode
  ) throws(ConfigurationError) -> [ModelOutput] {
    guard node.isMapping, let outputs = try node.entries()["outputs"] else {
      return [try output("", of: name, node)]
    }
    _ = try node.mapping(["outputs"])
    return try outputs.entries().pairs.mapOrThrow({ pair throws(ConfigurationError) in
      try output(pair.key.text, of: name, pair.value)
    })
  }

  private func output(
    _ name: String, of model: String, _ node: ConfigurationNode
  ) throws(ConfigurationError) -> ModelOutput {
    guard node.isMapping else { return try prediction(node, model, name) }
    let block = try node.mapping(["prediction", "label", "weight"])
    var output = try prediction(try block.required("prediction"), model, name)
    let shape = output.shape
    output.label = try block["label"].mapOrThrow({ node throws(ConfigurationError) in
      try label(node, of: [shape])
    })
    output.weight = try block["weight"].mapOrThrow(number)
    return output
  }

  private func prediction(
    _ node: ConfigurationNode, _ model: String, _ output: String
  ) throws(ConfigurationError) -> ModelOutput {
    let (expression, type) = try scope.rowExpression(node)
    guard Self.isAnswer(type) else {
      throw node.error(
        "expected a number, a list with a score for each class, or a text, found type \(type)")
    }
    return ModelOutput(
      name: model, output: output, prediction: expression,
      shape: type.isNumeric ? .scalar : type.isListOfNumbers ? .classes : .text)
  }

  private func models(_ block: ConfigurationMapping) throws(ConfigurationError) -> [ModelOutput] {
    if let models = block["models"] {
      if let prediction = block["prediction"] {
        throw prediction.error("'prediction' and 'models' contradict each other; give one")
      }
      return try models.entries().pairs.mapOrThrow({ pair throws(ConfigurationError) in
        try model(pair.key.text, pair.value)
      }).flatMap(\.self)
    }
    return [try prediction(try block.required("prediction"), "", "")]
  }

  /// `{ baseline: [], slices: [[country]] }`.
  private func crossSlice(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> CrossSlicingSpec {
    let block = try node.mapping(["baseline", "slices"])
    return CrossSlicingSpec(
      baseline: try slice(try block.required("baseline")),
      comparisons: try block.required("slices").list().mapOrThrow(slice))
  }

  /// `[country, device]`, or `{ features: [device], values: { country: de }, where: fare > 10 }`.
  ///
  /// A condition is a feature of its own, called as it is written, that is true.
  private func slice(_ node: ConfigurationNode) throws(ConfigurationError) -> SlicingSpec {
    guard node.isMapping else {
      return SlicingSpec(try node.list().mapOrThrow(feature))
    }
    let block = try node.mapping(["features", "values", "where"])
    let features = try block["features"]?.list().mapOrThrow(feature) ?? []
    let values = try block["values"]?.entries().pairs ?? []
    var fixed = try values.mapOrThrow({ pair throws(ConfigurationError) in
      _ = try checkFeature(pair.key.text, pair.value)
      return SlicingSpec.FeatureValue(pair.key.text, try pair.value.string())
    })
    if let condition = block["where"] {
      guard try scope.rowExpression(condition).type == .bool else {
        throw condition.error("expected a condition, such as fare > 10")
      }
      fixed.append(.init(try condition.formula().text, "true"))
    }
    return SlicingSpec(features, values: fixed)
  }

  private func feature(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
    try checkFeature(try node.string(), node)
  }

  private func checkFeature(
    _ name: String, _ node: ConfigurationNode
  ) throws(ConfigurationError) -> String {
    let names = scope.schema.fields.map(\.name) + scope.definitions.keys.sorted()
    if names.contains(name) { return name }
    guard let formula = try? Formula(name), case .call = formula.expression else {
      throw node.error("unknown column '\(name)'\(suggestion(for: name, among: names))")
    }
    // What a condition of `slice_keys_sql` is called.
    let expression = formula.expression.substituting(scope.definitions)
    do {
      _ = try RowProgram([expression], schema: scope.schema)
      return name
    } catch {
      throw node.error("\(name): \(error)")
    }
  }

  private func metric(_ node: ConfigurationNode) throws(ConfigurationError) -> MetricRequest {
    guard node.isMapping else { return MetricRequest(try node.string()) }
    let pairs = try node.entries().pairs
    guard pairs.count == 1 else {
      throw node.error("expected one metric with its parameters, found \(pairs.count) keys")
    }
    var request = MetricRequest(pairs[0].key.text)
    // Metrics of boxes take classes as parameters, and rankings their k.
    let own = MetricCatalog.metric(named: request.name)?.parameters.map(\.name) ?? []
    var aggregation: AggregationType?
    var weights: [Int: Double] = [:]
    for (key, value) in try pairs[0].value.entries().pairs {
      switch key.text {
      case let name where own.contains(name): request.parameters[name] = try parameter(value)
      case "class_ids": request.subKeys += try integers(value).map(SubKey.classID)
      case "k_list": request.subKeys += try integers(value).map(SubKey.k)
      case "top_k_list":
        request.subKeys += try integers(value).map(SubKey.topK)
      case "aggregate":
        aggregation = try value.choice(AggregationType.allCases.map { ($0.rawValue, $0) })
      case "class_weights": weights = try classWeights(value)
      case "weighted": request.isWeighted = try value.boolean()
      case "query": request.query = try scope.rowExpression(value).expression
      case "models": request.models = try value.strings()
      case "outputs": request.outputs = try value.strings()
      default: request.parameters[key.text] = try parameter(value)
      }
    }
    request.aggregation = aggregation.map { .init($0, classWeights: weights) }
    return request
  }

  private func integers(_ node: ConfigurationNode) throws(ConfigurationError) -> [Int] {
    try node.list().mapOrThrow({ item throws(ConfigurationError) in
      try item.integer(0...Int(Int32.max))
    })
  }

  private func classWeights(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> [Int: Double] {
    var weights: [Int: Double] = [:]
    for (key, value) in try node.entries().pairs {
      guard let id = Int(key.text) else { throw value.error("'\(key.text)' is no class id") }
      weights[id] = try value.number()
    }
    return weights
  }

  private func parameter(_ node: ConfigurationNode) throws(ConfigurationError) -> ParameterValue {
    if node.isSequence {
      return .numbers(
        try node.list().mapOrThrow({ item throws(ConfigurationError) in
          try item.number()
        }))
    }
    let text = try node.string()
    return Double(text).map(ParameterValue.number) ?? .text(text)
  }

  /// One threshold, or a list of thresholds for different slices.
  private func thresholds(
    _ metric: String, _ node: ConfigurationNode
  ) throws(ConfigurationError) -> [MetricThreshold] {
    let items = node.isSequence ? try node.list() : [node]
    return try items.mapOrThrow({ item throws(ConfigurationError) in
      let block = try item.mapping(["lower_bound", "upper_bound", "slices", "model", "change"])
      var threshold = MetricThreshold(metric)
      threshold.lowerBound = try block["lower_bound"]?.number()
      threshold.upperBound = try block["upper_bound"]?.number()
      threshold.model = try block["model"]?.string()
      threshold.slices = try block["slices"]?.list().mapOrThrow(slice)
      threshold.change = try block["change"].mapOrThrow(change)
      return threshold
    })
  }

  /// `{ direction: higher, absolute: 0, relative: 0.01 }`.
  private func change(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> MetricThreshold.Change {
    let block = try node.mapping(["direction", "absolute", "relative"])
    return MetricThreshold.Change(
      direction: try block.required("direction").choice(
        MetricThreshold.Direction.allCases.map { ($0.rawValue, $0) }),
      absolute: try block["absolute"]?.number(), relative: try block["relative"]?.number())
  }

  /// `true`, or a list of names, each alone or with `{ name, left, right, count }`, and of boxes with
  /// `{ class_id, iou_threshold, area_range, max_num_detections }`.
  private func plots(_ node: ConfigurationNode) throws(ConfigurationError) -> [PlotRequest] {
    if !node.isSequence { return try node.boolean() ? PlotKind.allCases.map { .init($0) } : [] }
    let kinds = PlotKind.allCases.map { ($0.rawValue, $0) }
    return try node.list().mapOrThrow({ item throws(ConfigurationError) in
      guard item.isMapping else { return PlotRequest(try item.choice(kinds)) }
      let pairs = try item.entries().pairs
      guard pairs.count == 1, let kind = kinds.first(where: { $0.0 == pairs[0].key.text })?.1
      else { throw item.error("expected one plot with its parameters") }
      let block = try pairs[0].value.mapping(
        ["name", "left", "right", "count"] + PlotRequest.boxParameters)
      let left = try block["left"]?.number() ?? 0
      let right = try block["right"]?.number() ?? 1
      guard left < right else { throw item.error("left must be less than right") }
      var request = PlotRequest(
        kind, name: try block["name"]?.string() ?? "",
        range: left == 0 && right == 1 ? nil : left...right,
        count: try block["count"]?.integer(1...10_000))
      var boxes: [String: ParameterValue] = [:]
      for name in PlotRequest.boxParameters {
        boxes[name] = try block[name].mapOrThrow(parameter)
      }
      do throws(EvaluationError) {
        try request.setBoxes(boxes)
      } catch {
        throw item.error(error.reason)
      }
      return request
    })
  }
}

extension Array {
  /// `map` with a typed throw.
  func mapOrThrow<Result>(
    _ transform: (Element) throws(ConfigurationError) -> Result
  ) throws(ConfigurationError) -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try transform(element)) }
    return results
  }
}

extension Optional {
  /// `map` with a typed throw.
  func mapOrThrow<Result>(
    _ transform: (Wrapped) throws(ConfigurationError) -> Result
  ) throws(ConfigurationError) -> Result? {
    guard let self else { return nil }
    return try transform(self)
  }
}
