import Columns

/// `+ − * / %`, unary minus and magnitudes: integers that overflow become missing.
enum TensorArithmetic {
  static let functions: [TensorFunction] = [
    TensorFunction("add") { try arithmetic(&$0, $1, .add) },
    TensorFunction("subtract") { try arithmetic(&$0, $1, .subtract) },
    TensorFunction("multiply") { try arithmetic(&$0, $1, .multiply) },
    TensorFunction("divide") { builder, call in
      let (a, b) = (call.value(0), call.value(1))
      return builder.doubles(.divide, a, b)
    },
    TensorFunction("modulo") { try arithmetic(&$0, $1, .floorModulo) },
    TensorFunction("negate") { builder, call in
      let x = call.value(0)
      guard x.type.isWhole else {
        return x.with(.float64, builder.unary(.negate, x.values))
      }
      let zero = TensorValue(.int64, builder.integer(0))
      return integers(&builder, .subtract, zero, x)
    },
  ]

  /// As the engine types it: timestamps and whole numbers by integers, else by doubles.
  private static func arithmetic(
    _ builder: inout TensorProgramBuilder, _ call: TensorCall, _ operation: TensorOperation.Binary
  ) throws -> TensorValue {
    let (a, b) = (call.value(0), call.value(1))
    let isTime = (a.type == .timestamp, b.type == .timestamp)
    if a.type.isNumeric, b.type.isNumeric, !(a.type.isWhole && b.type.isWhole) {
      return builder.doubles(operation, a, b)
    }
    var result = integers(&builder, operation, a, b)
    if isTime.0 != isTime.1 { result.type = .timestamp }
    return result
  }

  static func integers(
    _ builder: inout TensorProgramBuilder, _ operation: TensorOperation.Binary,
    _ a: TensorValue, _ b: TensorValue
  ) -> TensorValue {
    let x = builder.cast(a.values, to: .int64)
    let y = builder.cast(b.values, to: .int64)
    let (value, fits): (Int, Int?) =
      switch operation {
      case .add: sum(&builder, x, y)
      case .subtract: difference(&builder, x, y)
      case .multiply: product(&builder, x, y)
      default: remainder(&builder, x, y)
      }
    let given = builder.both(a.isPresent, b.isPresent)
    return TensorValue(.int64, value, isPresent: builder.both(given, fits))
  }

  /// The sum is on the right side of `x` if it did not wrap.
  private static func sum(_ builder: inout TensorProgramBuilder, _ x: Int, _ y: Int) -> (Int, Int) {
    let value = builder.binary(.add, x, y)
    let zero = builder.integer(0)
    let rises = builder.binary(.lessEqual, zero, y)
    let rose = builder.binary(.lessEqual, x, value)
    return (value, builder.binary(.equal, rises, rose))
  }

  private static func difference(
    _ builder: inout TensorProgramBuilder, _ x: Int, _ y: Int
  ) -> (Int, Int) {
    let value = builder.binary(.subtract, x, y)
    let zero = builder.integer(0)
    let rises = builder.binary(.lessEqual, y, zero)
    let rose = builder.binary(.lessEqual, x, value)
    return (value, builder.binary(.equal, rises, rose))
  }

  /// The product divides back, but for factors 0 and −1, by which one does not divide.
  private static func product(
    _ builder: inout TensorProgramBuilder, _ x: Int, _ y: Int
  ) -> (Int, Int) {
    let value = builder.binary(.multiply, x, y)
    let zero = builder.integer(0)
    let minusOne = builder.integer(-1)
    let isZero = builder.binary(.equal, x, zero)
    let isMinusOne = builder.binary(.equal, x, minusOne)
    let isEasy = builder.binary(.or, isZero, isMinusOne)
    let divisor = builder.select(isEasy, builder.integer(1), x)
    let quotient = builder.binary(.floorDivide, value, divisor)
    let dividesBack = builder.binary(.equal, quotient, y)
    let isLeast = builder.binary(.equal, y, builder.integer(.min))
    let isNegatedLeast = builder.binary(.and, isMinusOne, isLeast)
    let easyFits = builder.not(isNegatedLeast)
    return (value, builder.select(isEasy, easyFits, dividesBack))
  }

  /// Missing for a divisor of 0.
  private static func remainder(
    _ builder: inout TensorProgramBuilder, _ x: Int, _ y: Int
  ) -> (Int, Int?) {
    if case .constant(.int64(let divisor)) = builder.nodes[y].operation, divisor > 0 {
      return (builder.binary(.floorModulo, x, y), nil)
    }
    let isZero = builder.binary(.equal, y, builder.integer(0))
    let isMinusOne = builder.binary(.equal, y, builder.integer(-1))
    let isEasy = builder.binary(.or, isZero, isMinusOne)
    let divisor = builder.select(isEasy, builder.integer(1), y)
    return (builder.binary(.floorModulo, x, divisor), builder.not(isZero))
  }
}

extension TensorProgramBuilder {
  mutating func doubles(
    _ operation: TensorOperation.Binary, _ a: TensorValue, _ b: TensorValue
  ) -> TensorValue {
    let x = numbers(a, as: .float64)
    let y = numbers(b, as: .float64)
    let value = binary(operation, x, y)
    return TensorValue(.float64, value, isPresent: both(a.isPresent, b.isPresent))
  }
}

extension TensorValue {
  /// Other values that are present where these are.
  func with(_ type: DataType, _ values: Int) -> TensorValue {
    TensorValue(type, values, isPresent: isPresent)
  }
}
