import Columns
import Expressions

/// What mappers expand to: scaling, buckets and vocabularies with their constants known.
enum TensorScaling {
  static let functions: [TensorFunction] = [
    TensorFunction("apply_z_score") { builder, call in
      let (x, mean, variance) = (call.value(0), call.value(1), call.value(2))
      let value = builder.numbers(x, as: .float64)
      let center = builder.numbers(mean, as: .float64)
      let centered = builder.binary(.subtract, value, center)
      if let variance = call.arguments[2].constant?.double {
        let deviation = variance.squareRoot()
        guard deviation != 0 else { return present(&builder, call, centered) }
        let divisor = builder.double(deviation)
        return present(&builder, call, builder.binary(.divide, centered, divisor))
      }
      let deviation = builder.unary(.sqrt, builder.numbers(variance, as: .float64))
      let isZero = builder.binary(.equal, deviation, builder.double(0))
      let divisor = builder.select(isZero, builder.double(1), deviation)
      return present(&builder, call, builder.binary(.divide, centered, divisor))
    },
    TensorFunction("apply_min_max") { builder, call in
      let value = builder.numbers(call.value(0), as: .float64)
      let from = call.double("output_min")
      let share = share(&builder, value, call)
      let width = builder.double(call.double("output_max") - from)
      let scaled = builder.binary(.multiply, share, width)
      return present(&builder, call, builder.binary(.add, scaled, builder.double(from)))
    },
    TensorFunction("apply_gaussian") { builder, call in
      let parameters = call.doubles("h_params")
      let (left, right) = (parameters.first ?? 0, parameters.last ?? 0)
      let variance = call.double("variance")
      let scale =
        left > 0 || right > 0 ? call.double("scale") : variance == 0 ? 1 : variance.squareRoot()
      let x = call.value(0)
      let value = builder.numbers(x, as: .float64)
      let centered = builder.binary(.subtract, value, builder.double(call.double("location")))
      let u = builder.binary(.divide, centered, builder.double(scale))
      return x.with(.float64, builder.gaussian(u, left: left, right: right))
    },
    TensorFunction("apply_buckets") { builder, call in
      let x = call.value(0)
      let value = builder.numbers(x, as: .float64)
      guard let boundaries = call.constant("bucket_boundaries").doubles else {
        preconditionFailure("boundaries are numbers")
      }
      let operation = TensorOperation.upperBound(boundaries.map(\.bitPattern))
      var result = x.with(.int64, builder.append(operation, [value], .int64))
      result.domain = 0...Int64(boundaries.count)
      return result
    },
    TensorFunction("apply_vocabulary") { builder, call in
      let x = call.value(0)
      let text = builder.text(of: x)
      let vocabulary = vocabulary(call)
      let size = Int64(max(1, vocabulary.tokens.count))
      let buckets = call.integer("num_oov_buckets")
      let otherwise = buckets == 0 ? call.integer("default_value") : -1
      let index = builder.vocabulary(vocabulary)
      let found = builder.append(
        .lookUp(vocabulary: index, otherwise: otherwise), [text], .int64)
      var result = x.with(.int64, found)
      result.domain = min(otherwise, 0)...max(otherwise, size - 1)
      guard buckets > 0 else { return result }
      let hash = builder.append(.hashFast(buckets), [text], .int64)
      let bucket = builder.binary(.add, hash, builder.integer(size))
      let isFound = builder.binary(.notEqual, found, builder.integer(-1))
      result.values = builder.select(isFound, found, bucket)
      result.domain = 0...(size + buckets - 1)
      return result
    },
    TensorFunction("one_hot") { builder, call in
      let x = call.value(0)
      let depth = Int(call.integer("depth"))
      let positions = builder.filled(x.values)
      var result = TensorValue(
        .float64, builder.append(.oneHot(depth: depth), [positions], .float64))
      result.list = .init(elements: .fixed(depth), isPresent: x.isPresent)
      return result
    },
  ]

  /// `value` where x and what it is scaled by are there.
  private static func present(
    _ builder: inout TensorProgramBuilder, _ call: TensorCall, _ value: Int
  ) -> TensorValue {
    var isPresent = call.value(0).isPresent
    for index in 1...2 { isPresent = builder.both(isPresent, call.value(index).isPresent) }
    return TensorValue(.float64, value, isPresent: isPresent)
  }

  /// Where `x` lies between the extremes; its sigmoid unless one is less than the other.
  private static func share(
    _ builder: inout TensorProgramBuilder, _ x: Int, _ call: TensorCall
  ) -> Int {
    if let low = call.arguments[1].constant?.double, let high = call.arguments[2].constant?.double {
      guard low < high else { return builder.sigmoid(x) }
      let passed = builder.binary(.subtract, x, builder.double(low))
      return builder.binary(.divide, passed, builder.double(high - low))
    }
    let low = builder.numbers(call.value(1), as: .float64)
    let high = builder.numbers(call.value(2), as: .float64)
    let passed = builder.binary(.subtract, x, low)
    let fraction = builder.binary(.divide, passed, builder.binary(.subtract, high, low))
    let isWide = builder.binary(.less, low, high)
    return builder.select(isWide, fraction, builder.sigmoid(x))
  }

  /// The tokens; of equal ones in a formula the first counts, but each has its position.
  private static func vocabulary(_ call: TensorCall) -> TensorProgram.Vocabulary {
    guard let argument = call.arguments.first(where: { $0.name == "vocabulary" }) else {
      preconditionFailure("apply_vocabulary has a vocabulary")
    }
    switch argument.constant {
    case .tokens(let tokens):
      return .init(asset: argument.asset, tokens: (0..<tokens.count).map { Array(tokens[$0]) })
    case .list(let elements):
      let tokens = elements.compactMap { element -> [UInt8]? in
        if case .string(let text) = element { Array(text.utf8) } else { nil }
      }
      return .init(asset: nil, tokens: tokens)
    default: preconditionFailure("a vocabulary is a list of tokens")
    }
  }
}

extension TensorProgramBuilder {
  /// The inverse of Tukey's HH transform, as the engine computes it: eight steps of Newton's method.
  fileprivate mutating func gaussian(_ u: Int, left: Double, right: Double) -> Int {
    let (zero, one) = (double(0), double(1))
    let isNegative = binary(.less, u, zero)
    let h = select(isNegative, double(left), double(right))
    let argument = binary(.multiply, binary(.multiply, h, u), u)
    let isLarge = binary(.lessEqual, double(1e-7), argument)
    let isFinite = binary(.less, argument, double(.infinity))
    let isBent = binary(.and, isLarge, isFinite)
    // Where it is not bent, any number that stays finite.
    let x = select(isBent, argument, one)
    var w = unary(.log1p, x)
    for _ in 0..<8 {
      let falling = binary(.multiply, x, unary(.exp, unary(.negate, w)))
      let step = binary(.divide, binary(.subtract, w, falling), binary(.add, one, w))
      w = binary(.subtract, w, step)
    }
    let z = unary(.sqrt, binary(.divide, w, select(isBent, h, one)))
    return select(isBent, select(isNegative, unary(.negate, z), z), u)
  }
}
