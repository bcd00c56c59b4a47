import Expressions

/// The scaling mappers. NaN and missing rows stay so; they and ±inf are kept out of the constants
/// (TFT lets one NaN turn min–max scaling into a sigmoid). A constant column gives
/// `x − mean = 0`, and `sigmoid(x)` under min–max, as in TFT.
extension Mapper {
  static let scaleToZScore = Mapper(
    "scale_to_z_score", [.required("x"), .optional("elementwise", .bool(false))],
    "(x − mean) / standard deviation"
  ) { arguments in
    try arguments.requireWhole()
    let x = arguments["x"]
    return BoundArguments.call(
      "apply_z_score",
      [x, BoundArguments.call("mean", [x]), BoundArguments.call("var", [x])])
  }

  static let scaleByMinMax = Mapper(
    "scale_by_min_max",
    [
      .required("x"), .optional("output_min", .number(0)), .optional("output_max", .number(1)),
      .optional("elementwise", .bool(false)),
    ],
    "x scaled from its extremes to [output_min, output_max]"
  ) { arguments in
    try arguments.requireWhole()
    return minMax(arguments["x"], arguments["output_min"], arguments["output_max"])
  }

  static let scaleTo01 = Mapper(
    "scale_to_0_1", [.required("x"), .optional("elementwise", .bool(false))],
    "x scaled from its extremes to [0, 1]"
  ) { arguments in
    try arguments.requireWhole()
    return minMax(arguments["x"], .number(0), .number(1))
  }

  private static func minMax(
    _ x: Expression, _ low: Expression, _ high: Expression
  ) -> Expression {
    BoundArguments.call(
      "apply_min_max",
      [x, BoundArguments.call("min", [x]), BoundArguments.call("max", [x]), low, high])
  }
}
