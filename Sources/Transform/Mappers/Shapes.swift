import Expressions

extension Mapper {
  /// A list is cut where it is longer; TensorFlow would fail.
  static let sparseTensorToDense = Mapper(
    "sparse_tensor_to_dense_with_shape",
    [.required("x"), .required("shape"), .optional("default_value", .integer(0))],
    "the list of a row, filled up to shape[1]"
  ) { arguments in
    guard case .list(let shape) = arguments["shape"], shape.count == 2, shape[0] == .none,
      case .integer = shape[1]
    else {
      throw ExpressionError("'shape' must be [None, n], not \(arguments["shape"].formula)")
    }
    return BoundArguments.call(
      "to_dense", [arguments["x"], shape[1], arguments["default_value"]])
  }
}
