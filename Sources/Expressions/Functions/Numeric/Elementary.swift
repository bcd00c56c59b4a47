import Columns

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Functions of one number.
///
/// Out of their domain they give NaN or ±inf, as IEEE 754 says.
enum ElementaryFunction: String, Sendable {
  case log, log1p, exp, sqrt, abs, floor, ceil, round, sigmoid, tanh
}

extension RowFunction {
  static let log = elementary(.log, "the natural logarithm; log(0) is −inf")
  static let log1p = elementary(.log1p, "log(1 + x), exact for small x")
  static let exp = elementary(.exp, "e to the power x")
  static let sqrt = elementary(.sqrt, "the square root; NaN below 0")
  static let abs = elementary(.abs, "the magnitude; keeps int")
  static let floor = elementary(.floor, "the greatest whole number ≤ x; keeps int, else float")
  static let ceil = elementary(.ceil, "the least whole number ≥ x; keeps int, else float")
  static let round = elementary(.round, "the nearest whole number, halves to even; keeps int")
  static let sigmoid = elementary(.sigmoid, "1 / (1 + exp(−x))")
  static let tanh = elementary(.tanh, "the hyperbolic tangent")

  private static func elementary(_ function: ElementaryFunction, _ summary: String) -> RowFunction {
    RowFunction(function.rawValue, [.required("x")], summary) { site in
      let isIntegral = try site.number(0).isIntegral
      switch function {
      case .abs where isIntegral:
        return CompiledCall(type: .int64, inputs: [0], kernel: IntegerMagnitude())
      case .floor where isIntegral, .ceil where isIntegral, .round where isIntegral:
        return CompiledCall(type: .int64, inputs: [0], kernel: ToInteger(source: .int64))
      default:
        return CompiledCall(
          type: .float64, inputs: [0], kernel: ElementaryKernel(function: function))
      }
    }
  }
}

struct ElementaryKernel: RowKernel {
  let function: ElementaryFunction

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    .float64(Float64Column(apply(inputs[0].doubles()), validity: inputs[0].validity))
  }

  private func apply(_ x: [Double]) -> [Double] {
    switch function {
    case .log: x.map { NaturalLogarithm.of($0) }
    case .log1p: x.map { Self.log1p($0) }
    case .exp: x.map { Self.exp($0) }
    case .sqrt: x.map { $0.squareRoot() }
    case .abs: x.map(\.magnitude)
    case .floor: x.map { $0.rounded(.down) }
    case .ceil: x.map { $0.rounded(.up) }
    case .round: x.map { $0.rounded(.toNearestOrEven) }
    case .sigmoid: x.map(Self.sigmoid)
    case .tanh: x.map { Self.tanh($0) }
    }
  }

  #if canImport(Glibc)
  static func log1p(_ x: Double) -> Double { Glibc.log1p(x) }
  static func exp(_ x: Double) -> Double { Glibc.exp(x) }
  private static func tanh(_ x: Double) -> Double { Glibc.tanh(x) }
  #elseif canImport(Darwin)
  static func log1p(_ x: Double) -> Double { Darwin.log1p(x) }
  static func exp(_ x: Double) -> Double { Darwin.exp(x) }
  private static func tanh(_ x: Double) -> Double { Darwin.tanh(x) }
  #endif

  /// Does not overflow for large negative `x`.
  static func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let power = exp(x)
    return power / (1 + power)
  }
}

struct IntegerMagnitude: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let x = inputs[0].integers()
    var overflowed: [Int] = []
    let values = checked(x, x, &overflowed) { value, _ in
      value < 0 ? Int64(0).subtractingReportingOverflow(value) : (value, false)
    }
    return .int64(Int64Column(values, validity: inputs[0].validity.excluding(overflowed)))
  }
}
