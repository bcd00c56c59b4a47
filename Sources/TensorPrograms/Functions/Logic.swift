import Columns

/// Comparisons, three-valued logic, choices and tests for what is not there.
enum TensorLogic {
  static let functions: [TensorFunction] = [
    TensorFunction("equal") { try comparison(&$0, $1, .equal) },
    TensorFunction("not_equal") { try comparison(&$0, $1, .notEqual) },
    TensorFunction("less") { try comparison(&$0, $1, .less) },
    TensorFunction("less_equal") { try comparison(&$0, $1, .lessEqual) },
    TensorFunction("greater") { try comparison(&$0, $1, .less, isMirrored: true) },
    TensorFunction("greater_equal") { try comparison(&$0, $1, .lessEqual, isMirrored: true) },
    TensorFunction("between") { builder, call in
      let x = call.value(0)
      let value = builder.numbers(x, as: .float64)
      let low = builder.double(call.double("low"))
      let high = builder.double(call.double("high"))
      let isAbove = builder.binary(.lessEqual, low, value)
      let isBelow = builder.binary(.lessEqual, value, high)
      return x.with(.bool, builder.binary(.and, isAbove, isBelow))
    },
    TensorFunction("and") { logic(&$0, $1, isAnd: true) },
    TensorFunction("or") { logic(&$0, $1, isAnd: false) },
    TensorFunction("not") { builder, call in
      let x = call.value(0)
      return x.with(.bool, builder.not(x.values))
    },
    TensorFunction("where") { builder, call in
      let condition = call.value(0)
      return choose(&builder, condition.values, call.value(1), call.value(2), condition.isPresent)
    },
    TensorFunction("fill_missing") { builder, call in
      guard let isPresent = call.value(0).isPresent else {
        let always = builder.constant(.bool(true))
        return choose(&builder, always, call.value(0), call.value(1), nil)
      }
      var given = call.value(0)
      given.isPresent = nil
      return choose(&builder, isPresent, given, call.value(1), nil)
    },
    TensorFunction("is_missing") { builder, call in
      let x = call.value(0)
      guard x.list == nil else {
        throw UnsupportedExport("is_missing of a list: served, an empty list is a missing one")
      }
      guard let isPresent = x.isPresent else {
        return TensorValue(.bool, builder.constant(.bool(false)))
      }
      return TensorValue(.bool, builder.not(isPresent))
    },
    TensorFunction("is_nan") { builder, call in
      let x = call.value(0)
      let value = builder.numbers(x, as: .float64)
      return x.with(.bool, builder.unary(.isNaN, value))
    },
  ]

  private static func comparison(
    _ builder: inout TensorProgramBuilder, _ call: TensorCall,
    _ operation: TensorOperation.Binary, isMirrored: Bool = false
  ) throws -> TensorValue {
    let (a, b) = (call.value(0), call.value(1))
    if a.type == .string, operation == .less || operation == .lessEqual {
      throw UnsupportedExport("neither TensorFlow nor ONNX orders strings")
    }
    let type: TensorType
    if a.type == .string {
      type = .string
    } else {
      let isFloat = [a.type, b.type].contains { $0 == .float32 || $0 == .float64 }
      type = isFloat ? .float64 : .int64
    }
    let x = builder.cast(a.values, to: type)
    let y = builder.cast(b.values, to: type)
    let value = isMirrored ? builder.binary(operation, y, x) : builder.binary(operation, x, y)
    return TensorValue(.bool, value, isPresent: builder.both(a.isPresent, b.isPresent))
  }

  /// A side that is present and equal to `!isAnd` decides alone.
  private static func logic(
    _ builder: inout TensorProgramBuilder, _ call: TensorCall, isAnd: Bool
  ) -> TensorValue {
    let (a, b) = (call.value(0), call.value(1))
    let plain = builder.binary(isAnd ? .and : .or, a.values, b.values)
    if a.isPresent == nil, b.isPresent == nil { return TensorValue(.bool, plain) }
    func decides(_ x: TensorValue, _ builder: inout TensorProgramBuilder) -> Int {
      let isDecisive = isAnd ? builder.not(x.values) : x.values
      return builder.both(x.isPresent, isDecisive) ?? isDecisive
    }
    let first = decides(a, &builder)
    let second = decides(b, &builder)
    let isDecided = builder.binary(.or, first, second)
    let value = builder.select(isDecided, builder.constant(.bool(!isAnd)), plain)
    let areBoth = builder.both(a.isPresent, b.isPresent)
    let isPresent = areBoth.map { builder.binary(.or, isDecided, $0) }
    return TensorValue(.bool, value, isPresent: isPresent)
  }

  /// `a` where `condition`, else `b`, in the type that holds both.
  private static func choose(
    _ builder: inout TensorProgramBuilder, _ condition: Int, _ a: TensorValue, _ b: TensorValue,
    _ isDecided: Int?
  ) -> TensorValue {
    let type: DataType =
      a.type == b.type ? a.type : (a.type.isWhole && b.type.isWhole ? .int64 : .float64)
    let x = builder.cast(a.values, to: type.tensorType)
    let y = builder.cast(b.values, to: type.tensorType)
    let value = builder.select(condition, x, y)
    var isThere: Int?
    if a.isPresent != nil || b.isPresent != nil {
      let always = builder.constant(.bool(true))
      isThere = builder.select(condition, a.isPresent ?? always, b.isPresent ?? always)
    }
    return TensorValue(type, value, isPresent: builder.both(isDecided, isThere))
  }
}
