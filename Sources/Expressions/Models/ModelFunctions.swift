import Columns

extension RowFunction {
  static let onnx = model(
    .onnx, [.keyword("output", .none)], "what an ONNX model says of each row, by ONNX Runtime")

  static let savedModel = model(
    .savedModel, [.keyword("signature", .none), .keyword("output", .none)],
    "what a SavedModel says of each row, by TensorFlow")

  /// Inputs are given in the model's order, or by name; a single vector number by number too.
  ///
  /// Missing where an input is, or a list is not of the length that the model wants.
  private static func model(
    _ function: ModelFunction, _ options: [FunctionSignature.Parameter], _ summary: String
  ) -> RowFunction {
    RowFunction(
      function.rawValue, [.required("model"), .variadic("inputs")] + options, summary,
      isElementwise: false, readsPlainStrings: true
    ) { site in
      // A bound call is compiled by ``ProgramBuilder``, which shares runs among outputs.
      guard case .string? = site["model"].constant else {
        throw site.fail("the first argument is the path of a model, in quotes")
      }
      throw site.fail("models cannot be used here; they can in job files and published versions")
    }
  }
}

extension ModelCall {
  /// Checks the types of the arguments.
  func check(
    _ types: [DataType?], _ arguments: [Expression], of call: Expression
  ) throws(ExpressionError) {
    for (index, (position, type)) in zip(inputs, types).enumerated() {
      let input = model.inputs[position]
      let element: DataType? = if case .list(let element)? = type { element } else { type }
      guard let type, let element, input.takes(element) else {
        throw ExpressionError(
          "\(model.reference.path): the input \(input.text) does not take "
            + "\(arguments[index].formula)\(type.map { ", which is of type \($0)" } ?? "")"
            + Self.remedy(input.element, element), subject: call)
      }
      if input.isOptional, let size = input.shape?.first ?? nil {
        throw ExpressionError(
          "\(model.reference.path): the input '\(input.name)' has \(size) value\(size == 1 ? "" : "s") "
            + "for all rows, not one a row; leave it out", subject: call)
      }
      let isList = type != element
      guard isList || input.shape == nil || input.isScalar || input.rowShape == [nil] else {
        throw ExpressionError(
          "\(model.reference.path): the input \(input.text) takes a list a row, and "
            + "\(arguments[index].formula) is one value; stack(…) makes a list of several",
          subject: call)
      }
      guard !isList || input.rowShape?.isEmpty != true else {
        throw ExpressionError(
          "\(model.reference.path): the input \(input.text) takes one value a row, and "
            + "\(arguments[index].formula) is a list", subject: call)
      }
    }
  }

  private static func remedy(_ wanted: ModelTensor.Element, _ type: DataType?) -> String {
    switch (wanted, type) {
    case (.other, _): "; such tensors are not supported"
    case (.int32, .float32?), (.int32, .float64?), (.int64, .float32?), (.int64, .float64?):
      "; int(…) cuts off the fraction"
    case (.string, .int64?), (.string, .bool?): "; string(…) makes text of it"
    default: ""
    }
  }
}
