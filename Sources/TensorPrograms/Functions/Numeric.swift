import Columns

/// Functions of one number, extremes, powers and casts.
enum TensorNumeric {
  static let functions: [TensorFunction] =
    [
      ("log", .log), ("log1p", .log1p), ("exp", .exp), ("sqrt", .sqrt), ("tanh", .tanh),
    ].map { name, operation in
      TensorFunction(name) { builder, call in
        let x = call.value(0)
        let value = builder.numbers(x, as: .float64)
        return x.with(.float64, builder.unary(operation, value))
      }
    }
    + [("floor", .floor), ("ceil", .ceil), ("round", .round)].map { name, operation in
      TensorFunction(name) { builder, call in
        let x = call.value(0)
        if x.type.isWhole { return x.with(.int64, builder.numbers(x, as: .int64)) }
        return x.with(.float64, builder.unary(operation, x.values))
      }
    } + rest

  private static let rest: [TensorFunction] = [
    TensorFunction("abs") { builder, call in
      let x = call.value(0)
      guard x.type.isWhole else { return x.with(.float64, builder.unary(.abs, x.values)) }
      let value = builder.numbers(x, as: .int64)
      let isLeast = builder.binary(.equal, value, builder.integer(.min))
      let fits = builder.not(isLeast)
      var result = x.with(.int64, builder.unary(.abs, value))
      result.isPresent = builder.both(x.isPresent, fits)
      return result
    },
    TensorFunction("sigmoid") { builder, call in
      let x = call.value(0)
      let value = builder.numbers(x, as: .float64)
      return x.with(.float64, builder.sigmoid(value))
    },
    TensorFunction("minimum") { extreme(&$0, $1.value(0), $1.value(1), isMaximum: false) },
    TensorFunction("maximum") { extreme(&$0, $1.value(0), $1.value(1), isMaximum: true) },
    TensorFunction("clip") { builder, call in
      let types = (0..<3).map { call.value($0).type }
      let isWhole = types.allSatisfy(\.isWhole)
      let values = (0..<3).map { index in
        var value = call.value(index)
        value.values = builder.numbers(value, as: isWhole ? .int64 : .float64)
        value.type = isWhole ? .int64 : .float64
        return value
      }
      let raised = extreme(&builder, values[0], values[1], isMaximum: true)
      return extreme(&builder, raised, values[2], isMaximum: false)
    },
    TensorFunction("pow") { builder, call in
      builder.doubles(.power, call.value(0), call.value(1))
    },
    TensorFunction("int") { builder, call in
      let x = call.value(0)
      switch x.type {
      case .string: throw UnsupportedExport("int of text: text is read differently elsewhere")
      case .float32, .float64: return builder.truncated(x)
      default: return x.with(.int64, builder.cast(x.values, to: .int64))
      }
    },
    TensorFunction("float") { builder, call in
      let x = call.value(0)
      guard x.type != .string else {
        throw UnsupportedExport("float of text: text is read differently elsewhere")
      }
      return x.with(.float64, builder.numbers(x, as: .float64))
    },
    TensorFunction("float32") { builder, call in
      let x = call.value(0)
      let value = builder.numbers(x, as: .float64)
      return x.with(.float32, builder.unary(.roundToFloat32, value))
    },
    TensorFunction("bool") { builder, call in
      let x = call.value(0)
      if x.type == .bool { return x }
      guard x.type != .string else {
        throw UnsupportedExport("bool of text: text is read differently elsewhere")
      }
      let value = builder.numbers(x, as: .float64)
      return x.with(.bool, builder.binary(.notEqual, value, builder.double(0)))
    },
    TensorFunction("string") { builder, call in
      let x = call.value(0)
      switch x.type {
      case .string: return x
      case .bool:
        let (yes, no) = (builder.text("true"), builder.text("false"))
        return x.with(.string, builder.select(x.values, yes, no))
      case .int64: return x.with(.string, builder.unary(.decimalText, x.values))
      default: throw UnsupportedExport("the text of a float is written differently elsewhere")
      }
    },
  ]

  /// NaN if either is: `a` if it is NaN or further out, else `b`.
  private static func extreme(
    _ builder: inout TensorProgramBuilder, _ a: TensorValue, _ b: TensorValue, isMaximum: Bool
  ) -> TensorValue {
    let isWhole = a.type.isWhole && b.type.isWhole
    let x = builder.numbers(a, as: isWhole ? .int64 : .float64)
    let y = builder.numbers(b, as: isWhole ? .int64 : .float64)
    var takesFirst = isMaximum ? builder.binary(.less, y, x) : builder.binary(.less, x, y)
    if !isWhole { takesFirst = builder.binary(.or, builder.unary(.isNaN, x), takesFirst) }
    let value = builder.select(takesFirst, x, y)
    return TensorValue(
      isWhole ? .int64 : .float64, value, isPresent: builder.both(a.isPresent, b.isPresent))
  }
}

extension TensorProgramBuilder {
  /// Does not overflow for large negative `x`; as the engine, term by term.
  mutating func sigmoid(_ x: Int) -> Int {
    let zero = double(0)
    let one = double(1)
    let isPositive = binary(.lessEqual, zero, x)
    let falling = unary(.exp, unary(.negate, x))
    let upper = binary(.divide, one, binary(.add, one, falling))
    let rising = unary(.exp, x)
    let lower = binary(.divide, rising, binary(.add, one, rising))
    return select(isPositive, upper, lower)
  }

  /// Cut toward 0; missing where that is no 64-bit integer.
  mutating func truncated(_ x: TensorValue) -> TensorValue {
    let isAbove = binary(.lessEqual, double(-0x1p63), x.values)
    let isBelow = binary(.less, x.values, double(0x1p63))
    let fits = binary(.and, isAbove, isBelow)
    let safe = select(fits, x.values, double(0))
    return TensorValue(.int64, cast(safe, to: .int64), isPresent: both(x.isPresent, fits))
  }
}
