import Columns
import Expressions

/// Numbers by key, by bucket and by place: constants that rows choose from.
enum TensorKeys {
  static let functions: [TensorFunction] = [
    TensorFunction("value_of_key") { builder, call in
      let key = call.value(0)
      let table = call.table("table")
      let fallback = call.double("default")
      guard table.keys.count > 0 else {
        return key.with(.float64, builder.double(fallback))
      }
      let index = Int(call.integer("index"))
      let values = (0..<table.keys.count).map { table.values[$0 * table.width + index] }
      let place = builder.place(of: key, in: table)
      return key.with(.float64, builder.gather(values + [fallback], at: place))
    },
    TensorFunction("apply_buckets_per_key") { builder, call in
      let (x, key) = (call.value(0), call.value(1))
      let table = call.table("table")
      let isPresent = builder.both(x.isPresent, key.isPresent)
      guard table.keys.count > 0 else {
        return TensorValue(.int64, builder.integer(-1), isPresent: isPresent)
      }
      let value = builder.numbers(x, as: .float64)
      let place = builder.place(of: key, in: table)
      var bucket = builder.integer(0)
      for index in 0..<table.width {
        let column = (0..<table.keys.count).map { table.values[$0 * table.width + index] }
        let boundary = builder.gather(column + [0], at: place)
        let isReached = builder.not(builder.binary(.less, value, boundary))
        bucket = builder.binary(.add, bucket, builder.cast(isReached, to: .int64))
      }
      let isKnown = builder.binary(
        .less, place, builder.integer(Int64(table.keys.count)))
      var result = TensorValue(
        .int64, builder.select(isKnown, bucket, builder.integer(-1)), isPresent: isPresent)
      result.domain = -1...Int64(table.width)
      return result
    },
    TensorFunction("gather") { builder, call in
      let x = call.value(1)
      let values = call.doubles("values")
      let count = builder.integer(Int64(values.count))
      let isAbove = builder.binary(.lessEqual, builder.integer(0), x.values)
      let isBelow = builder.binary(.less, x.values, count)
      let place = builder.select(builder.binary(.and, isAbove, isBelow), x.values, count)
      return x.with(.float64, builder.gather(values + [call.double("default")], at: place))
    },
    TensorFunction("apply_buckets_with_interpolation") { builder, call in
      let x = call.value(0)
      let value = builder.numbers(x, as: .float64)
      let boundaries = call.doubles("bucket_boundaries").filter(\.isFinite)
      return x.with(.float64, interpolated(&builder, value, boundaries))
    },
  ]

  private static func interpolated(
    _ builder: inout TensorProgramBuilder, _ x: Int, _ boundaries: [Double]
  ) -> Int {
    let (zero, one, half) = (builder.double(0), builder.double(1), builder.double(0.5))
    guard let last = boundaries.indices.last else { return builder.double(.nan) }
    let bucket = builder.append(.upperBound(boundaries.map(\.bitPattern)), [x], .int64)
    let isBelow = builder.binary(.equal, bucket, builder.integer(0))
    if last == 0 { return builder.select(isBelow, zero, one) }
    let before = builder.binary(.subtract, bucket, builder.integer(1))
    let lowPlace = builder.select(isBelow, builder.integer(0), before)
    let end = builder.integer(Int64(last))
    let isAbove = builder.binary(.less, end, bucket)
    let highPlace = builder.select(isAbove, end, bucket)
    let low = builder.gather(boundaries, at: lowPlace)
    let high = builder.gather(boundaries, at: highPlace)
    let passed = builder.binary(.subtract, x, low)
    let width = builder.binary(.subtract, high, low)
    let isEmpty = builder.binary(.equal, high, low)
    let share = builder.select(isEmpty, half, builder.binary(.divide, passed, width))
    let sum = builder.binary(.add, builder.cast(before, to: .float64), share)
    let inside = builder.binary(.divide, sum, builder.double(Double(last)))
    let outside = builder.select(isBelow, zero, one)
    let isOutside = builder.binary(.or, isBelow, isAbove)
    let result = builder.select(isOutside, outside, inside)
    return builder.select(builder.unary(.isNaN, x), half, result)
  }
}

extension TensorProgramBuilder {
  /// The place of a key in `table`, or how many keys there are.
  mutating func place(of key: TensorValue, in table: KeyedTable) -> Int {
    let tokens = (0..<table.keys.count).map { Array(table.keys[$0]) }
    let vocabulary = vocabulary(TensorProgram.Vocabulary(asset: nil, tokens: tokens))
    let text = text(of: key)
    return append(
      .lookUp(vocabulary: vocabulary, otherwise: Int64(tokens.count)), [text], .int64)
  }

  /// The number at each place of a constant list.
  mutating func gather(_ values: [Double], at places: Int) -> Int {
    let list = append(.numbers(values.map(\.bitPattern)), [], .float64, rank: 0)
    return gather(list, at: places)
  }
}

extension TensorCall {
  func table(_ name: String) -> KeyedTable {
    guard case .table(let table) = constant(name) else {
      preconditionFailure("'\(name)' is no table")
    }
    return table
  }

  func doubles(_ name: String) -> [Double] {
    guard let values = constant(name).doubles else {
      preconditionFailure("'\(name)' is no list of numbers")
    }
    return values
  }
}
