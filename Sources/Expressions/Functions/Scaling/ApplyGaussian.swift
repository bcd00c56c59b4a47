import Columns

extension RowFunction {
  /// `scale_to_gaussian` with its constants known; `h_params` are the left and the right parameter
  /// of a Tukey HH distribution.
  ///
  /// With u = (x − location) / scale, or / √variance when both parameters are 0 (and undivided
  /// when that is 0), the result solves z·exp(h·z²/2) = u for the h of u's side:
  /// z = sign(u)·√(W(h·u²) / h), with W found by 8 steps of Newton's method from log(1 + h·u²);
  /// where h·u² < 1e-7, it is u.
  static let applyGaussian = RowFunction(
    "apply_gaussian",
    [
      .required("x"), .required("location"), .required("scale"), .required("h_params"),
      .required("variance"),
    ],
    "x mapped to a normal distribution by the inverse of Tukey's HH transform"
  ) { site in
    _ = try site.number(0)
    let parameters = try site.constant("h_params", "a list of two numbers as a") { value in
      value.doubles.flatMap { $0.count == 2 || $0.isEmpty ? $0 : nil }
    }
    let (left, right) = (parameters.first ?? 0, parameters.last ?? 0)
    let variance = try site.double("variance")
    let scale =
      left > 0 || right > 0
      ? try site.double("scale") : variance == 0 ? 1 : variance.squareRoot()
    return CompiledCall(
      type: .float64, inputs: [0],
      kernel: GaussianKernel(
        location: try site.double("location"), scale: scale, left: left, right: right))
  }
}

struct GaussianKernel: RowKernel {
  let location: Double
  let scale: Double
  let left: Double
  let right: Double

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let values = inputs[0].doubles().map { x in
      let u = (x - location) / scale
      return Self.inverse(u, u < 0 ? left : right)
    }
    return .float64(Float64Column(values, validity: inputs[0].validity))
  }

  static func inverse(_ u: Double, _ h: Double) -> Double {
    let argument = h * u * u
    // Also where it is NaN.
    guard argument >= 1e-7 else { return u }
    guard argument.isFinite else { return u }
    let z = (lambertW(argument) / h).squareRoot()
    return u < 0 ? -z : z
  }

  /// The solution w ≥ 0 of w·exp(w) = `x`, for `x` ≥ 0.
  private static func lambertW(_ x: Double) -> Double {
    var w = ElementaryKernel.log1p(x)
    for _ in 0..<8 {
      // The step of Newton's method, divided by exp(w) so that it cannot overflow.
      w -= (w - x * ElementaryKernel.exp(-w)) / (1 + w)
    }
    return w
  }
}
