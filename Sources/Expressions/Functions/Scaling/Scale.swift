import Columns

extension RowFunction {
  /// `scale_to_z_score` with its constants known; a constant column (variance 0) gives
  /// `x − mean`, as in TFT.
  static let applyZScore = RowFunction(
    "apply_z_score", [.required("x"), .required("mean"), .required("variance")],
    "(x − mean) / √variance; x − mean if the variance is 0"
  ) { site in
    for index in 0..<3 { _ = try site.number(index) }
    guard let mean = site["mean"].constant?.double,
      let variance = site["variance"].constant?.double
    else {
      return CompiledCall(type: .float64, inputs: [0, 1, 2], kernel: RowZScoreKernel())
    }
    let kernel = ZScoreKernel(mean: mean, deviation: variance.squareRoot())
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
    for index in 0..<3 { _ = try site.number(index) }
    let scaling = MinMaxScaling(
      low: try site.double("output_min"), high: try site.double("output_max"))
    guard scaling.low < scaling.high else {
      throw site.fail("'output_min' must be less than 'output_max'")
    }
    guard let minimum = site["minimum"].constant?.double,
      let maximum = site["maximum"].constant?.double
    else {
      return CompiledCall(
        type: .float64, inputs: [0, 1, 2], kernel: RowMinMaxKernel(scaling: scaling))
    }
    let kernel = MinMaxKernel(minimum: minimum, maximum: maximum, scaling: scaling)
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

/// Mean and variance differ from row to row.
struct RowZScoreKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let (x, means, variances) = (inputs[0].doubles(), inputs[1].doubles(), inputs[2].doubles())
    var values = [Double](repeating: 0, count: rowCount)
    for row in 0..<rowCount {
      let deviation = variances[row].squareRoot()
      values[row] = (x[row] - means[row]) / (deviation == 0 ? 1 : deviation)
    }
    return .float64(Float64Column(values, validity: inputs.commonValidity(rowCount)))
  }
}

/// The range that min–max scaling maps to.
struct MinMaxScaling: Sendable {
  let low: Double
  let high: Double

  @inline(__always)
  func scale(_ x: Double, _ minimum: Double, _ maximum: Double) -> Double {
    let share =
      minimum < maximum
      ? (x - minimum) / (maximum - minimum) : ElementaryKernel.sigmoid(x)
    return share * (high - low) + low
  }
}

struct MinMaxKernel: RowKernel {
  let minimum: Double
  let maximum: Double
  let scaling: MinMaxScaling

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let x = inputs[0].doubles()
    var values = [Double](repeating: 0, count: x.count)
    for row in 0..<x.count { values[row] = scaling.scale(x[row], minimum, maximum) }
    return .float64(Float64Column(values, validity: inputs[0].validity))
  }
}

/// The extremes differ from row to row.
struct RowMinMaxKernel: RowKernel {
  let scaling: MinMaxScaling

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let (x, minima, maxima) = (inputs[0].doubles(), inputs[1].doubles(), inputs[2].doubles())
    var values = [Double](repeating: 0, count: rowCount)
    for row in 0..<rowCount { values[row] = scaling.scale(x[row], minima[row], maxima[row]) }
    return .float64(Float64Column(values, validity: inputs.commonValidity(rowCount)))
  }
}
