import Columns
import Evaluation
import Expressions

/// Reads the block `evaluate` into an evaluation spec, with its formulas bound to columns.
struct EvaluationReader {
  let scope: FormulaScope

  func spec(_ block: ConfigurationMapping) throws(ConfigurationError) -> EvaluationSpec {
    var spec = EvaluationSpec(
      label: try number(try block.required("label")), models: try models(block), metrics: [])
    spec.weight = try block["weight"].mapOrThrow(number)
    if let slices = block["slices"] { spec.slices = try slices.list().mapOrThrow(slice) }
    spec.metrics = try block["metrics"]?.list().mapOrThrow(metric) ?? []
    if let thresholds = block["thresholds"] {
      for (key, value) in try thresholds.entries().pairs {
        spec.thresholds += try self.thresholds(key.text, value)
      }
    }
    if let plots = block["plots"] { spec.plots = try self.plots(plots) }
    if let compat = block["compat"] { spec.compatibility = try compat.choice([("tfma", .tfma)]) }
    return spec
  }

  private func number(_ node: ConfigurationNode) throws(ConfigurationError) -> Expression {
    let (expression, type) = try scope.rowExpression(node)
    guard type.isNumeric else { throw node.error("expected a number, found type \(type)") }
    return expression
  }

  private func models(_ block: ConfigurationMapping) throws(ConfigurationError) -> [ModelOutput] {
    if let models = block["models"] {
      if let prediction = block["prediction"] {
        throw prediction.error("'prediction' and 'models' contradict each other; give one")
      }
      return try models.entries().pairs.mapOrThrow({ pair throws(ConfigurationError) in
        ModelOutput(name: pair.key.text, prediction: try number(pair.value))
      })
    }
    return [ModelOutput(prediction: try number(try block.required("prediction")))]
  }

  /// `[country, device]`, or `{ features: [device], values: { country: de } }`.
  private func slice(_ node: ConfigurationNode) throws(ConfigurationError) -> SlicingSpec {
    guard node.isMapping else {
      return SlicingSpec(try node.list().mapOrThrow(feature))
    }
    let block = try node.mapping(["features", "values"])
    let features = try block["features"]?.list().mapOrThrow(feature) ?? []
    let values = try block["values"]?.entries().pairs ?? []
    return SlicingSpec(
      features,
      values: try values.mapOrThrow({ pair throws(ConfigurationError) in
        _ = try checkFeature(pair.key.text, pair.value)
        return SlicingSpec.FeatureValue(pair.key.text, try pair.value.string())
      }))
  }

  private func feature(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
    try checkFeature(try node.string(), node)
  }

  private func checkFeature(
    _ name: String, _ node: ConfigurationNode
  ) throws(ConfigurationError) -> String {
    let names = scope.schema.fields.map(\.name) + scope.definitions.keys.sorted()
    guard names.contains(name) else {
      throw node.error("unknown column '\(name)'\(suggestion(for: name, among: names))")
    }
    if case .list? = scope.schema.field(named: name)?.type {
      throw node.error("'\(name)' is a list; list-valued slice features are not supported yet")
    }
    return name
  }

  private func metric(_ node: ConfigurationNode) throws(ConfigurationError) -> MetricRequest {
    guard node.isMapping else { return MetricRequest(try node.string()) }
    let pairs = try node.entries().pairs
    guard pairs.count == 1 else {
      throw node.error("expected one metric with its parameters, found \(pairs.count) keys")
    }
    var parameters: [String: ParameterValue] = [:]
    for (key, value) in try pairs[0].value.entries().pairs {
      parameters[key.text] = try parameter(value)
    }
    return MetricRequest(pairs[0].key.text, parameters)
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
      let block = try item.mapping(["lower_bound", "upper_bound", "slices", "model"])
      var threshold = MetricThreshold(metric)
      threshold.lowerBound = try block["lower_bound"]?.number()
      threshold.upperBound = try block["upper_bound"]?.number()
      threshold.model = try block["model"]?.string()
      threshold.slices = try block["slices"]?.list().mapOrThrow(slice)
      return threshold
    })
  }

  private func plots(_ node: ConfigurationNode) throws(ConfigurationError) -> [PlotKind] {
    if !node.isSequence { return try node.boolean() ? PlotKind.allCases : [] }
    return try node.list().mapOrThrow({ item throws(ConfigurationError) in
      try item.choice(PlotKind.allCases.map { ($0.rawValue, $0) })
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
