import Columns
import Expressions

/// Functions of strings and of the lists they are cut into.
enum TensorStrings {
  static let functions: [TensorFunction] =
    [("lower", .lower), ("upper", .upper), ("strip", .strip)].map { name, operation in
      TensorFunction(name) { builder, call in
        let x = call.value(0)
        return x.with(.string, builder.unary(operation, x.values))
      }
    } + [
      TensorFunction("substr") { builder, call in
        let x = call.value(0)
        let size = builder.unary(.byteCount, x.values)
        let zero = builder.integer(0)
        let position = call.integer("pos")
        var start = builder.integer(position)
        if position < 0 { start = builder.binary(.add, size, start) }
        start = builder.select(builder.binary(.less, start, zero), zero, start)
        start = builder.select(builder.binary(.less, size, start), size, start)
        let rest = builder.binary(.subtract, size, start)
        let length = builder.integer(call.integer("len"))
        let count = builder.select(builder.binary(.less, rest, length), rest, length)
        return x.with(.string, builder.append(.substring, [x.values, start, count], .string))
      },
      TensorFunction("concat") { builder, call in
        let parts = call.arguments.filter { $0.name == "parts" }.compactMap(\.value)
        var isPresent: Int?
        for part in parts { isPresent = builder.both(isPresent, part.isPresent) }
        let value = builder.append(.join(call.bytes("separator")), parts.map(\.values), .string)
        return TensorValue(.string, value, isPresent: isPresent)
      },
      TensorFunction("split") { builder, call in
        let x = call.value(0)
        let separator = call.isNone("sep") ? [] : call.bytes("sep")
        let text = builder.filled(x.values)
        var result = TensorValue(
          .string, builder.append(.splitParts(separator), [text], .string))
        let rows = builder.append(.splitRows(separator), [text], .int64)
        result.list = .init(elements: .rows(rows), isPresent: x.isPresent)
        return result
      },
      TensorFunction("length") { builder, call in
        let x = call.value(0)
        guard let list = x.list else {
          return x.with(.int64, builder.unary(.byteCount, x.values))
        }
        let counts: Int
        switch list.elements {
        case .fixed(let count): counts = builder.integer(Int64(count))
        case .rows(let rows):
          counts = builder.append(.countByRow, [rows, builder.rowCount()], .int64, rank: 1)
        }
        return TensorValue(.int64, counts, isPresent: list.isPresent)
      },
      TensorFunction("join") { builder, call in
        let x = builder.present(call.value(0))
        let rows = builder.rows(x)
        let value = builder.append(
          .joinByRow(call.bytes("sep")), [x.values, rows, builder.rowCount()], .string, rank: 1)
        return TensorValue(.string, value, isPresent: x.list?.isPresent)
      },
      TensorFunction("distinct") { builder, call in try distinct(&builder, call) },
      TensorFunction("hash_strings") { builder, call in
        let x = call.value(0)
        let text = builder.text(of: x)
        let buckets = call.integer("hash_buckets")
        var operation = TensorOperation.hashFast(buckets)
        if case .list(let words) = call.constant("key"), case .int64(let first) = words[0],
          case .int64(let second) = words[1]
        {
          operation = .hashStrong(
            buckets, UInt64(bitPattern: first), UInt64(bitPattern: second))
        }
        var result = x.with(.int64, builder.append(operation, [text], .int64))
        result.domain = 0...(buckets - 1)
        return result
      },
    ]

  /// Elements of one row that are equal but for the first: pairs of row and value as one number.
  private static func distinct(
    _ builder: inout TensorProgramBuilder, _ call: TensorCall
  ) throws -> TensorValue {
    let x = call.value(0)
    guard x.type == .string || x.type.isWhole || x.type == .timestamp else {
      throw UnsupportedExport("distinct of floats: a NaN differs from itself")
    }
    guard x.isPresent == nil else {
      throw UnsupportedExport("distinct of a list with missing elements")
    }
    let rows = builder.rows(x)
    let source = x.type == .bool ? builder.cast(x.values, to: .int64) : x.values
    let values = builder.append(.distinct, [source], builder.type(source), rank: 1)
    let index = builder.append(.distinctIndex, [source], .int64, rank: 1)
    // A row has fewer than 2^31 elements, and there are fewer than 2^31 rows.
    let scale = builder.integer(1 << 31)
    let pairs = builder.binary(.add, builder.binary(.multiply, rows, scale), index)
    let kept = builder.append(.distinct, [pairs], .int64, rank: 1)
    var result = x
    result.values = builder.cast(
      builder.gather(values, at: builder.binary(.floorModulo, kept, scale)),
      to: x.type.tensorType)
    result.list?.elements = .rows(builder.binary(.floorDivide, kept, scale))
    return result
  }
}

extension TensorProgramBuilder {
  /// Strings as they are, integers as their decimal text.
  mutating func text(of x: TensorValue) -> Int {
    x.type == .string ? x.values : unary(.decimalText, x.values)
  }

  /// The row of each element of the list `x`.
  mutating func rows(_ x: TensorValue) -> Int {
    switch x.list?.elements {
    case .rows(let rows): return rows
    case .fixed(let length):
      let count = integer(Int64(length))
      let total = binary(.multiply, rowCount(), count)
      let positions = append(.range, [total], .int64, rank: 1)
      return length == 1 ? positions : binary(.floorDivide, positions, count)
    case nil: preconditionFailure("no list")
    }
  }

  /// The list `x` without missing elements and without those of rows that have no list.
  mutating func present(_ x: TensorValue) -> TensorValue {
    var mask = x.isPresent
    if let isPresent = x.list?.isPresent {
      let ofElement = gather(filled(isPresent), at: rows(x))
      mask = both(mask, ofElement)
    }
    guard let mask else { return x }
    var result = x
    result.isPresent = nil
    result.list?.elements = .rows(keep(rows(x), where: mask))
    result.values = keep(x.values, where: mask)
    return result
  }
}
