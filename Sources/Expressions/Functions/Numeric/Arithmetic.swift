import Columns

/// `+ − * / %` and unary minus.
///
/// int with int gives int, missing where the result does not fit 64 bits; any float makes it
/// float; bool counts as 0 and 1; `/` is always float. `%` has the sign of the divisor, as in
/// Python and TensorFlow; an integer `% 0` is missing, a float one NaN. The difference of two
/// timestamps is int (microseconds); a timestamp plus or minus an int is a timestamp.
enum ArithmeticOperator: String, Sendable {
  case add, subtract, multiply, divide, modulo
}

extension RowFunction {
  static let add = arithmetic(.add, "a + b")
  static let subtract = arithmetic(.subtract, "a - b")
  static let multiply = arithmetic(.multiply, "a * b")
  static let divide = arithmetic(.divide, "a / b, always float")
  static let modulo = arithmetic(.modulo, "a % b with the sign of b; int % 0 is missing")

  static let negate = RowFunction("negate", [.required("x")], "-x") { site in
    let isInteger = try site.number(0).isIntegral
    return CompiledCall(
      type: isInteger ? .int64 : .float64, inputs: [0],
      kernel: isInteger ? NegateIntegers() as any RowKernel : NegateDoubles())
  }

  private static func arithmetic(_ op: ArithmeticOperator, _ summary: String) -> RowFunction {
    RowFunction(op.rawValue, [.required("a"), .required("b")], summary) { site in
      if let type = timestampResult(op, site.arguments.map(\.type)) {
        return CompiledCall(type: type, inputs: [0, 1], kernel: IntegerArithmetic(op: op))
      }
      let one = try site.number(0)
      let two = try site.number(1)
      if op != .divide, one.isIntegral, two.isIntegral {
        return CompiledCall(type: .int64, inputs: [0, 1], kernel: IntegerArithmetic(op: op))
      }
      return CompiledCall(type: .float64, inputs: [0, 1], kernel: DoubleArithmetic(op: op))
    }
  }

  private static func timestampResult(
    _ op: ArithmeticOperator, _ types: [DataType?]
  ) -> DataType? {
    switch (op, types[0], types[1]) {
    case (.subtract, .timestamp, .timestamp): .int64
    case (.add, .timestamp, .int64), (.subtract, .timestamp, .int64): .timestamp
    case (.add, .int64, .timestamp): .timestamp
    default: nil
    }
  }
}

extension DataType {
  /// Whether arithmetic on it is that of integers: `bool` or `int64`.
  var isIntegral: Bool { self == .bool || self == .int64 }
}

struct DoubleArithmetic: RowKernel {
  let op: ArithmeticOperator

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let a = inputs[0].doubles()
    let b = inputs[1].doubles()
    let values =
      switch op {
      case .add: combined(a, b) { $0 + $1 }
      case .subtract: combined(a, b) { $0 - $1 }
      case .multiply: combined(a, b) { $0 * $1 }
      case .divide: combined(a, b) { $0 / $1 }
      case .modulo: combined(a, b, Self.floorModulo)
      }
    return .float64(Float64Column(values, validity: inputs.commonValidity(rowCount)))
  }

  private static func floorModulo(_ a: Double, _ b: Double) -> Double {
    let rest = a.truncatingRemainder(dividingBy: b)
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }
}

struct IntegerArithmetic: RowKernel {
  let op: ArithmeticOperator

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let a = inputs[0].integers()
    let b = inputs[1].integers()
    var overflowed: [Int] = []
    let values =
      switch op {
      case .add: checked(a, b, &overflowed) { $0.addingReportingOverflow($1) }
      case .subtract: checked(a, b, &overflowed) { $0.subtractingReportingOverflow($1) }
      case .multiply: checked(a, b, &overflowed) { $0.multipliedReportingOverflow(by: $1) }
      case .modulo: checked(a, b, &overflowed, Self.floorModulo)
      case .divide: preconditionFailure("the division of integers is one of doubles")
      }
    let validity = inputs.commonValidity(rowCount).excluding(overflowed)
    return .int64(Int64Column(values, validity: validity))
  }

  private static func floorModulo(_ a: Int64, _ b: Int64) -> (Int64, Bool) {
    if b == 0 { return (0, true) }
    if b == -1 { return (0, false) }
    let rest = a % b
    return (rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest, false)
  }
}

struct NegateDoubles: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    .float64(Float64Column(inputs[0].doubles().map { -$0 }, validity: inputs[0].validity))
  }
}

struct NegateIntegers: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let a = inputs[0].integers()
    var overflowed: [Int] = []
    let zeros = [Int64](repeating: 0, count: a.count)
    let values = checked(zeros, a, &overflowed) { $0.subtractingReportingOverflow($1) }
    return .int64(Int64Column(values, validity: inputs[0].validity.excluding(overflowed)))
  }
}
