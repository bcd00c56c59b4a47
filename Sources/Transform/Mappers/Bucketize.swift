import Expressions

/// As TFT: epsilon is by default min(1 / num_buckets, 0.01). NaN goes to the last bucket.
extension Mapper {
  static let bucketize = Mapper(
    "bucketize",
    [
      .required("x"), .required("num_buckets"), .optional("epsilon", .none),
      .optional("weights", .none), .elementwise,
    ],
    "the bucket of x among num_buckets of equal weight"
  ) { arguments in
    let x = arguments["x"]
    guard try arguments.flag("elementwise") else {
      return BoundArguments.call("apply_buckets", [x, try boundaries(arguments, "quantiles", [x])])
    }
    let table = try boundaries(
      arguments, "quantiles", [x], [("reduce_instance_dims", .bool(false))])
    return BoundArguments.call(
      "apply_buckets_per_key", [x, BoundArguments.call("places", [x]), table])
  }

  static let bucketizePerKey = Mapper(
    "bucketize_per_key",
    [
      .required("x"), .required("key"), .required("num_buckets"), .optional("epsilon", .none),
      .optional("weights", .none),
    ],
    "the bucket of x among num_buckets of equal weight of its key; -1 for an unknown key"
  ) { arguments in
    let row = [arguments["x"], arguments["key"]]
    return BoundArguments.call(
      "apply_buckets_per_key", row + [try boundaries(arguments, "quantiles_per_key", row)])
  }

  private static func boundaries(
    _ arguments: BoundArguments, _ analyzer: String, _ inputs: [Expression],
    _ more: [(String, Expression)] = []
  ) throws(ExpressionError) -> Expression {
    let count = try arguments.integer("num_buckets")
    let epsilon =
      arguments.isNone("epsilon")
      ? .number(min(1 / Double(count), 0.01)) : arguments["epsilon"]
    return BoundArguments.call(
      analyzer, inputs + [.integer(count)],
      [("epsilon", epsilon), ("weights", arguments["weights"])] + more)
  }
}
