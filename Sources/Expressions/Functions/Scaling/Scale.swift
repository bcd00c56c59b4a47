import Columns

extension RowFunction {
  /// `scale_to_z_score` with its constants known; a constant column (variance 0) gives
  /// `x − mean`, as in TFT.
  static let applyZScore = RowFunction(
    "apply_z_score", [.required("x"), .required("mean"), .required("variance")],
    "(x − mean) / √variance; x − mean if the variance is 0"
  ) { site in
    _ = try site.number(0)
    let kernel = ZScoreKernel(
      mean: try site.double("mean"), deviation: try site.double("variance").squareRoot())
    return CompiledCall(type: .float64, inputs: [0], kernel: kernel)
  }

  /// `scale_by_min_max` with its constants known; unless minimum < maximum, `sigmoid(x)` takes
  /// the place of the fraction, as in TFT.
  static let applyMinMax = RowFunction(
    "apply_min_max",
    [
      .required("x"), .required("minimum"), .required("maximum"),
      .optional("output_min", .number(0)), .optional("output_max", .number(1)),
    ],
    "x scaled from [minimum, maximum] to [output_min, output_max]"
  ) { site in
    _ = try site.number(0)
    let kernel = MinMaxKernel(
      minimum: try site.double("minimum"), maximum: try site.double("maximum"),
      outputMinimum: try site.double("output_min"), outputMaximum: try site.double("output_max"))
    guard kernel.outputMinimum < kernel.outputMaximum else {
      throw site.fail("'output_min' must be less than 'output_max'")
    }
    return CompiledCall(type: .float64, inputs: [0], kernel: kernel)
  }
}

struct ZScoreKernel: RowKernel {
  let mean: Double
  let deviation: Double

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let x = inputs[0].doubles()
    let divisor = deviation == 0 ? 1 : deviation
    var values = [Double](repeating: 0, count: x.count)
    for row in 0..<x.count { values[row] = (x[row] - mean) / divisor }
    return .float64(Float64Column(values, validity: inputs[0].validity))
  }
}

struct MinMaxKernel: RowKernel {
  let minimum: Double
  let maximum: Double
  let outputMinimum: Double
  let outputMaximum: Double

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let x = inputs[0].doubles()
    let width = outputMaximum - outputMinimum
    var values = [Double](repeating: 0, count: x.count)
    if minimum < maximum {
      let range = maximum - minimum
      for row in 0..<x.count { values[row] = (x[row] - minimum) / range * width + outputMinimum }
    } else {
      for row in 0..<x.count {
        values[row] = ElementaryKernel.sigmoid(x[row]) * width + outputMinimum
      }
    }
    return .float64(Float64Column(values, validity: inputs[0].validity))
  }
}
