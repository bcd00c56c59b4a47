import Expressions

/// What the configuration of a metric says about where boxes or masks stand: TFMA looks for these
/// apart from the label and the prediction.
struct ImageKeys {
  private var label: Expression?
  private var prediction: Expression?
  private var isDecoded = false

  /// Takes the parameters out that say it.
  init(taking parameters: inout [String: ParameterValue]) {
    label = Self.stack(parameters.removeValue(forKey: "labels_to_stack"))
    prediction = Self.stack(parameters.removeValue(forKey: "predictions_to_stack"))
    // That is how a metric of masks names its columns.
    guard parameters["ground_truth_key"] != nil else { return }
    if case .text(let name)? = parameters.removeValue(forKey: "ground_truth_key") {
      label = .column(name)
    }
    if case .text(let name)? = parameters.removeValue(forKey: "prediction_key") {
      prediction = .column(name)
    }
    for name in ["decode_ground_truth", "decode_prediction"] {
      isDecoded = parameters.removeValue(forKey: name) == .text("true") || isDecoded
    }
  }

  /// Columns with a number of each box, as the numbers of one box after the other.
  private static func stack(_ value: ParameterValue?) -> Expression? {
    switch value {
    case .texts(let names): .call("interleave", names.map { .init(.column($0)) })
    case .text(let name): .column(name)
    default: nil
    }
  }

  /// Makes them the label and prediction of the evaluation.
  func bind(_ spec: inout EvaluationSpec, _ metric: ConfigReader) throws(EvaluationError) {
    if isDecoded {
      throw metric.fault(
        "images are not decoded: give masks as lists with the class of each pixel, row by row")
    }
    guard label != nil || prediction != nil else { return }
    for index in spec.models.indices {
      let model = spec.models[index]
      if spec.isOfBoxes || spec.isOfMasks,
        label ?? model.label != model.label
          || prediction ?? model.prediction != model.prediction
      {
        throw metric.fault("the metrics of a configuration must be about the same columns")
      }
      spec.models[index].label = label ?? model.label
      spec.models[index].prediction = prediction ?? model.prediction
      spec.models[index].shape = .classes
    }
    spec.label = spec.models[0].label ?? spec.label
  }
}
