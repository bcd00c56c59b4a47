import Columns

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension RowFunction {
  static let minimum = extreme(
    "minimum", "the smaller of a and b; NaN if either is", isMaximum: false)
  static let maximum = extreme(
    "maximum", "the larger of a and b; NaN if either is", isMaximum: true)

  /// NaN stays NaN; `min > max` gives `max`, as `minimum(maximum(x, min), max)` would.
  static let clip = RowFunction(
    "clip", [.required("x"), .required("min"), .required("max")],
    "x, but not below min nor above max"
  ) { site in
    let types = [try site.number(0), try site.number(1), try site.number(2)]
    let isIntegral = types.allSatisfy(\.isIntegral)
    return CompiledCall(
      type: isIntegral ? .int64 : .float64, inputs: [0, 1, 2],
      kernel: ClipKernel(isIntegral: isIntegral))
  }

  static let pow = RowFunction(
    "pow", [.required("x"), .required("y")], "x to the power y, always float"
  ) { site in
    _ = try site.number(0)
    _ = try site.number(1)
    return CompiledCall(type: .float64, inputs: [0, 1], kernel: PowerKernel())
  }

  private static func extreme(
    _ name: String, _ summary: String, isMaximum: Bool
  ) -> RowFunction {
    RowFunction(name, [.required("a"), .required("b")], summary) { site in
      let one = try site.number(0)
      let two = try site.number(1)
      if one.isIntegral && two.isIntegral {
        return CompiledCall(
          type: .int64, inputs: [0, 1], kernel: IntegerExtreme(isMaximum: isMaximum))
      }
      return CompiledCall(
        type: .float64, inputs: [0, 1], kernel: DoubleExtreme(isMaximum: isMaximum))
    }
  }
}

struct DoubleExtreme: RowKernel {
  let isMaximum: Bool

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let values = Self.of(inputs[0].doubles(), inputs[1].doubles(), isMaximum: isMaximum)
    return .float64(Float64Column(values, validity: inputs.commonValidity(rowCount)))
  }

  /// NaN if either is, unlike `Swift.min`.
  static func of(_ a: [Double], _ b: [Double], isMaximum: Bool) -> [Double] {
    isMaximum
      ? combined(a, b) { $0.isNaN || $0 > $1 ? $0 : $1 }
      : combined(a, b) { $0.isNaN || $0 < $1 ? $0 : $1 }
  }
}

struct IntegerExtreme: RowKernel {
  let isMaximum: Bool

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let values = Self.of(inputs[0].integers(), inputs[1].integers(), isMaximum: isMaximum)
    return .int64(Int64Column(values, validity: inputs.commonValidity(rowCount)))
  }

  static func of(_ a: [Int64], _ b: [Int64], isMaximum: Bool) -> [Int64] {
    isMaximum ? combined(a, b) { $0 > $1 ? $0 : $1 } : combined(a, b) { $0 < $1 ? $0 : $1 }
  }
}

struct ClipKernel: RowKernel {
  let isIntegral: Bool

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let validity = inputs.commonValidity(rowCount)
    if isIntegral {
      let raised = IntegerExtreme.of(inputs[0].integers(), inputs[1].integers(), isMaximum: true)
      let values = IntegerExtreme.of(raised, inputs[2].integers(), isMaximum: false)
      return .int64(Int64Column(values, validity: validity))
    }
    let raised = DoubleExtreme.of(inputs[0].doubles(), inputs[1].doubles(), isMaximum: true)
    let values = DoubleExtreme.of(raised, inputs[2].doubles(), isMaximum: false)
    return .float64(Float64Column(values, validity: validity))
  }
}

struct PowerKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let values = combined(inputs[0].doubles(), inputs[1].doubles(), Self.power)
    return .float64(Float64Column(values, validity: inputs.commonValidity(rowCount)))
  }

  #if canImport(Glibc)
  private static func power(_ x: Double, _ y: Double) -> Double { Glibc.pow(x, y) }
  #elseif canImport(Darwin)
  private static func power(_ x: Double, _ y: Double) -> Double { Darwin.pow(x, y) }
  #endif
}
