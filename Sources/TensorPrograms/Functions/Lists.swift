import Columns
import Expressions

/// Lists of tokens, of their ids, and lists that are the rows of a matrix.
enum TensorLists {
  static let functions: [TensorFunction] = [
    TensorFunction("ngrams") { builder, call in
      let x = builder.present(call.value(0))
      guard case .list(let bounds) = call.constant("ngram_range"),
        case .int64(let least) = bounds[0],
        case .int64(let most) = bounds[1]
      else { preconditionFailure("ngram_range is two integers") }
      return builder.grams(x, least...most, call.bytes("separator"))
    },
    TensorFunction("sort") { builder, call in
      builder.sorted(builder.present(call.value(0)))
    },
    TensorFunction("term_frequencies") { builder, call in
      builder.shares(builder.sorted(builder.present(call.value(0))))
    },
    TensorFunction("places") { builder, call in
      let x = call.value(0)
      var result = TensorValue(.int64, builder.places(x), isPresent: x.isPresent)
      result.list = x.list
      return result
    },
    TensorFunction("stack") { builder, call in
      var isPresent: Int?
      var parts: [Int] = []
      for argument in call.arguments {
        guard let part = argument.value else { preconditionFailure("stack takes values") }
        isPresent = builder.both(isPresent, part.isPresent)
        let number = builder.numbers(part, as: .float64)
        parts.append(builder.filled(number))
      }
      return builder.matrix(parts, .float64, isPresent)
    },
    TensorFunction("to_dense") { builder, call in
      let x = call.value(0)
      let fill = builder.filling(call.constant("default_value"), x.type)
      let length = Int(call.integer("length"))
      var places: [Int] = []
      if x.list == nil {
        let always = builder.constant(.bool(true))
        let first = builder.select(x.isPresent ?? always, x.values, fill)
        places = [builder.filled(first)]
        places += [Int](repeating: builder.filled(fill), count: length - 1)
      } else {
        let elements = ElementAccess(builder.present(x), fill: fill, &builder)
        for index in 0..<length { places.append(elements.at(index, &builder)) }
      }
      return builder.matrix(places, x.type, nil)
    },
    TensorFunction("matmul") { builder, call in
      let matrix = call.doubles("matrix")
      let columns = Int(call.integer("columns"))
      guard matrix.count <= 4096 else {
        throw UnsupportedExport("matmul by a matrix of more than 4,096 numbers")
      }
      return product(&builder, call.value(0), matrix, columns)
    },
  ]

  /// Sums term by term, in the engine's order.
  private static func product(
    _ builder: inout TensorProgramBuilder, _ given: TensorValue, _ matrix: [Double], _ columns: Int
  ) -> TensorValue {
    var x = builder.ofPresentRows(given)
    let nan = builder.double(.nan)
    x.values = builder.numbers(x, as: .float64)
    if let isPresent = x.isPresent { x.values = builder.select(isPresent, x.values, nan) }
    x.isPresent = nil
    let elements = ElementAccess(x, fill: nan, &builder)
    let length = matrix.count / columns
    var sums = [Int](repeating: builder.double(0), count: columns)
    for index in 0..<length {
      let element = elements.at(index, &builder)
      for column in 0..<columns {
        let factor = builder.double(matrix[index * columns + column])
        let term = builder.binary(.multiply, element, factor)
        sums[column] = builder.binary(.add, sums[column], term)
      }
    }
    let hasLength = builder.binary(.equal, elements.counts, builder.integer(Int64(length)))
    let sumsByRow = sums.map { builder.filled($0) }
    return builder.matrix(
      sumsByRow, .float64, builder.both(x.list?.isPresent, builder.filled(hasLength)))
  }
}

/// The elements of a list by their place, one tensor of rows each.
private struct ElementAccess {
  /// How many each row has.
  let counts: Int
  private let starts: Int
  private let total: Int
  /// The elements, and last what stands for one that is not there.
  private let values: Int

  /// - Precondition: rows without a list have no elements, and none is missing.
  init(_ x: TensorValue, fill: Int, _ builder: inout TensorProgramBuilder) {
    values = builder.append(
      .append, [builder.filled(x.values), fill], builder.type(x.values), rank: 1)
    total = builder.count(x.values)
    (counts, starts) = builder.bounds(x)
  }

  func at(_ index: Int, _ builder: inout TensorProgramBuilder) -> Int {
    let place = builder.integer(Int64(index))
    let isThere = builder.binary(.less, place, counts)
    let position = builder.select(isThere, builder.binary(.add, starts, place), total)
    return builder.gather(values, at: position)
  }
}

extension TensorProgramBuilder {
  /// How many elements a tensor has.
  fileprivate mutating func count(_ x: Int) -> Int { append(.count, [x], .int64, rank: 0) }

  /// How many elements each row of the list has, and where they begin.
  fileprivate mutating func bounds(_ x: TensorValue) -> (counts: Int, starts: Int) {
    let count = rowCount()
    if case .fixed(let length)? = x.list?.elements {
      let length = integer(Int64(length))
      let rows = append(.range, [count], .int64, rank: 1)
      return (length, binary(.multiply, rows, length))
    }
    let rows = rows(x)
    let counts = append(.countByRow, [rows, count], .int64, rank: 1)
    return (counts, append(.exclusiveSum, [counts], .int64, rank: 1))
  }

  /// Where each element stands in its list.
  fileprivate mutating func places(_ x: TensorValue) -> Int {
    let starts = bounds(x).starts
    let total = count(x.values)
    let positions = append(.range, [total], .int64, rank: 1)
    return binary(.subtract, positions, gather(starts, at: rows(x)))
  }

  /// Row `i` is element `i` of every column.
  fileprivate mutating func matrix(
    _ columns: [Int], _ type: DataType, _ isPresent: Int?
  ) -> TensorValue {
    var result = TensorValue(
      type, append(.interleave, columns, nodes[columns[0]].type, rank: 1))
    result.list = .init(elements: .fixed(columns.count), isPresent: isPresent)
    return result
  }

  /// The constant as a value of `type`.
  fileprivate mutating func filling(_ value: ConstantValue, _ type: DataType) -> Int {
    switch value {
    case .string(let text): return self.text(text)
    case .bool(let value): return constant(.bool(value))
    case .int64(let value) where type.isWhole: return integer(value)
    default: return double(value.double ?? 0)
    }
  }

  /// By row, then by value: two stable orders, the less important first.
  fileprivate mutating func sorted(_ x: TensorValue) -> TensorValue {
    let rows = rows(x)
    let byValue = append(.stableOrder, [x.values], .int64, rank: 1)
    let byRow = append(.stableOrder, [gather(rows, at: byValue)], .int64, rank: 1)
    let order = gather(byValue, at: byRow)
    var result = x
    result.values = gather(x.values, at: order)
    result.list?.elements = .rows(gather(rows, at: order))
    return result
  }

  /// Of each run of equal elements of a sorted list, its share of the list.
  fileprivate mutating func shares(_ x: TensorValue) -> TensorValue {
    let rows = rows(x)
    let total = count(x.values)
    let positions = append(.range, [total], .int64, rank: 1)
    let isFirst = binary(.equal, positions, integer(0))
    let before = select(isFirst, positions, binary(.subtract, positions, integer(1)))
    let changesRow = binary(.notEqual, rows, gather(rows, at: before))
    let changesValue = binary(.notEqual, x.values, gather(x.values, at: before))
    let begins = binary(.or, isFirst, binary(.or, changesRow, changesValue))
    let starts = keep(positions, where: begins)
    // Where the next run begins: the starts without the first, and last the end.
    let runs = append(.range, [count(starts)], .int64, rank: 1)
    let ended = append(.append, [starts, total], .int64, rank: 1)
    let ends = gather(ended, at: binary(.add, runs, integer(1)))
    let lengths = cast(binary(.subtract, ends, starts), to: .float64)
    let kept = keep(rows, where: begins)
    let counts = append(.countByRow, [rows, rowCount()], .int64, rank: 1)
    let whole = cast(gather(counts, at: kept), to: .float64)
    var result = TensorValue(.float64, binary(.divide, lengths, whole))
    result.list = .init(elements: .rows(kept), isPresent: x.list?.isPresent)
    return result
  }

  /// For each place the runs that begin there, the shortest first.
  fileprivate mutating func grams(
    _ x: TensorValue, _ sizes: ClosedRange<Int64>, _ separator: [UInt8]
  ) -> TensorValue {
    let rows = rows(x)
    let total = count(x.values)
    let positions = append(.range, [total], .int64, rank: 1)
    let last = binary(.subtract, total, integer(1))
    var texts: [Int] = []
    var areWhole: [Int] = []
    var parts: [Int] = []
    for size in 1...sizes.upperBound {
      let end = binary(.add, positions, integer(size - 1))
      let isInside = binary(.less, end, total)
      let place = select(isInside, end, last)
      parts.append(size == 1 ? x.values : gather(x.values, at: place))
      guard sizes.contains(size) else { continue }
      let isSameRow = binary(.equal, rows, gather(rows, at: place))
      areWhole.append(binary(.and, isInside, isSameRow))
      texts.append(size == 1 ? x.values : append(.join(separator), parts, .string))
    }
    let mask = append(.interleave, areWhole, .bool, rank: 1)
    let gramRows = append(
      .interleave, [Int](repeating: rows, count: texts.count), .int64, rank: 1)
    var result = TensorValue(
      .string, keep(append(.interleave, texts, .string, rank: 1), where: mask))
    result.list = .init(
      elements: .rows(keep(gramRows, where: mask)), isPresent: x.list?.isPresent)
    return result
  }
}
