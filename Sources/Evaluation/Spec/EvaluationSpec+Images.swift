extension EvaluationSpec {
  /// Takes predictions that are lists of numbers for boxes, or for masks, where a metric or plot is
  /// about these.
  public mutating func adoptImages() {
    guard isOfBoxes || isOfMasks else { return }
    for index in models.indices where models[index].shape == .classes {
      models[index].shape = isOfBoxes ? .boxes : .masks
    }
  }

  var isOfBoxes: Bool { has(.boxes) || plots.contains { $0.boxes != nil } }
  var isOfMasks: Bool { has(.masks) }

  private func has(_ task: MetricTask) -> Bool {
    metrics.contains { MetricCatalog.metric(named: $0.name)?.task == task }
  }
}

extension PlotRequest {
  /// The parameters that say which boxes a plot is about.
  public static let boxParameters = BoxMatching.parameters.map(\.name)

  /// Makes it a plot of boxes, if there are such parameters.
  public mutating func setBoxes(_ values: [String: ParameterValue]) throws(EvaluationError) {
    if values.isEmpty { return }
    for parameter in BoxMatching.parameters {
      if let value = values[parameter.name], !parameter.accepts(value) {
        throw EvaluationError(
          .badParameter(
            metric: kind.rawValue, parameter: parameter.name, expected: parameter.expectation),
          at: "evaluate.plots")
      }
      if parameter.isRequired, values[parameter.name] == nil {
        throw EvaluationError(
          .missingParameter(metric: kind.rawValue, parameter.name), at: "evaluate.plots")
      }
    }
    boxes = BoxMatching(MetricArguments(values: values, compatibility: .native))
  }
}
