import Expressions

/// The scaling mappers. NaN and missing rows stay so; unless the transform says otherwise, they and
/// ±inf are kept out of the constants (TFT lets one NaN turn min–max scaling into a sigmoid). A
/// constant column gives `x − mean = 0`, and `sigmoid(x)` under min–max, as in TFT.
extension Mapper {
  static let scaleToZScore = Mapper(
    "scale_to_z_score", [.required("x"), .elementwise, .outputType],
    "(x − mean) / standard deviation"
  ) { arguments in
    let constants = try statistics(arguments, "mean", "var")
    return try arguments.cast(
      BoundArguments.call("apply_z_score", [arguments["x"]] + constants))
  }

  static let scaleByMinMax = Mapper(
    "scale_by_min_max", [.required("x")] + outputRange + [.elementwise],
    "x scaled from its extremes to [output_min, output_max]"
  ) { arguments in
    let constants = try statistics(arguments, "min", "max")
    return BoundArguments.call(
      "apply_min_max",
      [arguments["x"]] + constants + [arguments["output_min"], arguments["output_max"]])
  }

  static let scaleTo01 = Mapper(
    "scale_to_0_1", [.required("x"), .elementwise], "x scaled from its extremes to [0, 1]"
  ) { arguments in
    BoundArguments.call(
      "apply_min_max", [arguments["x"]] + (try statistics(arguments, "min", "max")))
  }

  static let scaleToZScorePerKey = Mapper(
    "scale_to_z_score_per_key",
    [.required("x"), .required("key"), .elementwise, .keyFile, .outputType],
    "(x − mean) / standard deviation of the row's key; x for an unknown key"
  ) { arguments in
    try arguments.cast(
      BoundArguments.call(
        "apply_z_score", [arguments["x"]] + (try keyed(arguments, "mean_and_var_per_key"))))
  }

  static let scaleByMinMaxPerKey = Mapper(
    "scale_by_min_max_per_key",
    [.required("x"), .required("key")] + outputRange + [.elementwise, .keyFile],
    "x scaled from the extremes of its key; sigmoid(x) for an unknown key"
  ) { arguments in
    BoundArguments.call(
      "apply_min_max",
      [arguments["x"]] + (try keyed(arguments, "min_and_max_per_key"))
        + [arguments["output_min"], arguments["output_max"]])
  }

  static let scaleTo01PerKey = Mapper(
    "scale_to_0_1_per_key", [.required("x"), .required("key"), .elementwise, .keyFile],
    "x scaled from the extremes of its key to [0, 1]; sigmoid(x) for an unknown key"
  ) { arguments in
    BoundArguments.call(
      "apply_min_max", [arguments["x"]] + (try keyed(arguments, "min_and_max_per_key")))
  }

  static let scaleToGaussian = Mapper(
    "scale_to_gaussian", [.required("x"), .elementwise, .outputType],
    "x mapped to a normal distribution by Tukey's HH transform"
  ) { arguments in
    guard try !arguments.flag("elementwise") else {
      throw ExpressionError("'elementwise' is not supported; use element(x, i)")
    }
    let x = arguments["x"]
    let constants = ["tukey_location", "tukey_scale", "tukey_h_params", "var"].map {
      BoundArguments.call($0, [x])
    }
    return try arguments.cast(BoundArguments.call("apply_gaussian", [x] + constants))
  }

  private static let outputRange: [FunctionSignature.Parameter] = [
    .optional("output_min", .number(0)), .optional("output_max", .number(1)),
  ]

  /// Two statistics of `x`; elementwise, those of each element's place.
  private static func statistics(
    _ arguments: BoundArguments, _ one: String, _ two: String
  ) throws(ExpressionError) -> [Expression] {
    let x = arguments["x"]
    guard try arguments.flag("elementwise") else {
      return [BoundArguments.call(one, [x]), BoundArguments.call(two, [x])]
    }
    return [one, two].map { name in
      let vector = BoundArguments.call(name, [x], [("reduce_instance_dims", .bool(false))])
      return BoundArguments.call("gather", [vector, BoundArguments.call("places", [x])])
    }
  }

  /// The two numbers that the table of analyzer `name` holds for the row's key.
  private static func keyed(
    _ arguments: BoundArguments, _ name: String
  ) throws(ExpressionError) -> [Expression] {
    guard try !arguments.flag("elementwise") else {
      throw ExpressionError("'elementwise' is not supported by key")
    }
    let key = arguments["key"]
    let table = BoundArguments.call(name, [arguments["x"], key])
    return [0, 1].map { BoundArguments.call("value_of_key", [key, table, .integer($0)]) }
  }
}
