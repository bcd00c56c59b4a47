import Expressions

extension Mapper {
  /// As TFT: epsilon is by default min(1 / num_buckets, 0.01). NaN goes to the last bucket.
  static let bucketize = Mapper(
    "bucketize",
    [
      .required("x"), .required("num_buckets"), .optional("epsilon", .none),
      .optional("weights", .none), .optional("elementwise", .bool(false)),
    ],
    "the bucket of x among num_buckets of equal weight"
  ) { arguments in
    try arguments.requireWhole()
    guard case .integer(let count) = arguments["num_buckets"], count >= 1 else {
      throw ExpressionError(
        "'num_buckets' must be an integer ≥ 1, not \(arguments["num_buckets"].formula)")
    }
    let epsilon =
      arguments.isNone("epsilon")
      ? .number(min(1 / Double(count), 0.01)) : arguments["epsilon"]
    let x = arguments["x"]
    let boundaries = BoundArguments.call(
      "quantiles", [x, .integer(count)],
      [("epsilon", epsilon), ("weights", arguments["weights"])])
    return BoundArguments.call("apply_buckets", [x, boundaries])
  }
}
