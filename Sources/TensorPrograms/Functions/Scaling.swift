import Columns
import Expressions

/// What mappers expand to: scaling, buckets and vocabularies with their constants known.
enum TensorScaling {
  static let functions: [TensorFunction] = [
    TensorFunction("apply_z_score") { builder, call in
      let x = call.value(0)
      let value = builder.numbers(x, as: .float64)
      let mean = builder.double(call.double("mean"))
      let deviation = call.double("variance").squareRoot()
      let centered = builder.binary(.subtract, value, mean)
      if deviation == 0 { return x.with(.float64, centered) }
      return x.with(.float64, builder.binary(.divide, centered, builder.double(deviation)))
    },
    TensorFunction("apply_min_max") { builder, call in
      let x = call.value(0)
      let value = builder.numbers(x, as: .float64)
      let (low, high) = (call.double("minimum"), call.double("maximum"))
      let from = call.double("output_min")
      var fraction: Int
      if low < high {
        let shifted = builder.binary(.subtract, value, builder.double(low))
        fraction = builder.binary(.divide, shifted, builder.double(high - low))
      } else {
        fraction = builder.sigmoid(value)
      }
      let width = builder.double(call.double("output_max") - from)
      fraction = builder.binary(.multiply, fraction, width)
      return x.with(.float64, builder.binary(.add, fraction, builder.double(from)))
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
