import TensorPrograms

/// Writes the nodes of a tensor program as TensorFlow ops into a body.
struct ProgramPrinter {
  /// What a caller gives for one feature, as tensors.
  struct Binding {
    var values: TensorReference
    var isPresent: TensorReference?
    var rows: TensorReference?
  }

  let program: TensorProgram
  let bindings: [Binding]
  let rowCount: TensorReference
  /// The handle of each vocabulary's table.
  let tables: [TensorReference]

  /// The values of all nodes; those that only ``gather`` reads too.
  func print(into body: inout GraphBody) -> [TensorReference] {
    var values: [TensorReference] = []
    values.reserveCapacity(program.nodes.count)
    for node in program.nodes {
      values.append(print(node, node.inputs.map { values[$0] }, &body))
    }
    return values
  }

  private func print(
    _ node: TensorProgram.Node, _ inputs: [TensorReference], _ body: inout GraphBody
  ) -> TensorReference {
    let type = node.type.tfType
    switch node.operation {
    case .input(let feature, let part):
      let binding = bindings[feature]
      switch part {
      case .values: return binding.values
      case .isPresent: return required(binding.isPresent, part)
      case .rows: return required(binding.rows, part)
      }
    case .rowCount: return rowCount
    case .constant(let constant): return body.guarded(constant)
    case .numbers(let bits):
      return body.constant(.doubles(bits, shape: [Int64(bits.count)]))
    case .unary(let operation): return unary(operation, inputs[0], &body)
    case .binary(let operation): return binary(operation, inputs[0], inputs[1], &body)
    case .select:
      return body.value("SelectV2", inputs, "output", type, ["T": .type(type)])
    case .cast: return body.cast(inputs[0], to: type)
    case .fill: return body.fill(inputs[1], count: inputs[0])
    case .upperBound(let bits):
      let isScalar = node.rank == 0
      return upperBound(bits, inputs[0], isScalar: isScalar, &body)
    case .join, .hashFast, .hashStrong, .lookUp, .splitParts, .splitRows, .joinByRow:
      return strings(node.operation, inputs, &body)
    case .oneHot(let depth): return oneHot(inputs[0], depth, &body)
    case .keep: return body.gather(inputs[0], body.positions(where: inputs[1]))
    case .gather: return body.gather(inputs[0], inputs[1])
    case .range: return body.range(inputs[0])
    case .countByRow: return body.counts(inputs[0], count: inputs[1])
    case .exclusiveSum: return body.exclusiveSum(inputs[0])
    case .count: return body.slice(body.shape(inputs[0]), column: 0, isMatrix: false)
    case .append:
      let one = body.reshape(inputs[1], [1])
      return body.value(
        "ConcatV2", [inputs[0], one, body.constant(.int64(0))], "output", type,
        ["N": .int(2), "T": .type(type), "Tidx": .type(.int64)])
    case .interleave: return body.reshape(body.pack(inputs, axis: 1), [-1])
    case .stableOrder: return stableOrder(inputs[0], &body)
    case .substring:
      return body.value(
        "Substr", inputs, "output", .string, ["T": .type(.int64), "unit": .text("BYTE")])
    case .distinct: return unique(inputs[0], &body)
    case .distinctIndex:
      var index = unique(inputs[0], &body)
      index.output = "idx"
      index.index = 1
      index.type = .int64
      return index
    }
  }

  private func required(
    _ reference: TensorReference?, _ part: TensorOperation.Part
  ) -> TensorReference {
    guard let reference else { preconditionFailure("no \(part) is bound") }
    return reference
  }

  private func oneHot(
    _ x: TensorReference, _ depth: Int, _ body: inout GraphBody
  ) -> TensorReference {
    let parts = [
      x, body.constant(.int32(Int32(depth))), body.constant(.double(1)), body.constant(.double(0)),
    ]
    let matrix = body.value(
      "OneHot", parts, "output", .double,
      ["T": .type(.double), "TI": .type(.int64), "axis": .int(-1)])
    return body.reshape(matrix, [-1])
  }

  private func unique(_ x: TensorReference, _ body: inout GraphBody) -> TensorReference {
    body.value(
      "Unique", [x], "y", x.type, ["T": .type(x.type), "out_idx": .type(.int64)])
  }

  /// The greatest of −1 − x are the least of x; of equal ones the first comes first.
  private func stableOrder(_ x: TensorReference, _ body: inout GraphBody) -> TensorReference {
    let mirrored = body.value(
      "Sub", [body.constant(.int64(-1)), x], "z", .int64, ["T": .type(.int64)])
    let count = body.cast(
      body.slice(body.shape(x), column: 0, isMatrix: false), to: .int32)
    var order = body.value(
      "TopKV2", [mirrored, count], "values", .int64, ["T": .type(.int64), "sorted": .bool(true)])
    order.output = "indices"
    order.index = 1
    order.type = .int32
    return body.cast(order, to: .int64)
  }

  private func upperBound(
    _ bits: [UInt64], _ x: TensorReference, isScalar: Bool, _ body: inout GraphBody
  ) -> TensorReference {
    guard !bits.isEmpty else {
      let shape = body.shape(x)
      let zero = body.constant(.int64(0))
      return body.value(
        "Fill", [shape, zero], "output", .int64,
        ["T": .type(.int64), "index_type": .type(.int64)])
    }
    let boundaries = body.constant(.doubles(bits, shape: [1, Int64(bits.count)]))
    let row = body.reshape(x, [1, -1])
    let found = body.value(
      "UpperBound", [boundaries, row], "output", .int64,
      ["T": .type(.double), "out_type": .type(.int64)])
    return body.reshape(found, isScalar ? [] : [-1])
  }

  private func unary(
    _ operation: TensorOperation.Unary, _ x: TensorReference, _ body: inout GraphBody
  ) -> TensorReference {
    switch operation {
    case .not:
      // Of `not (x < y)` the optimizer would make `x >= y`, which is not the same for a NaN.
      let (no, yes) = (body.constant(.bool(false)), body.constant(.bool(true)))
      return body.value("SelectV2", [x, no, yes], "output", .bool, ["T": .type(.bool)])
    case .isNaN: return body.value("IsNan", [x], "y", .bool, ["T": .type(x.type)])
    case .roundToFloat32: return body.cast(body.cast(x, to: .float), to: .double)
    case .lower: return body.value("StringLower", [x], "output", .string)
    case .upper: return body.value("StringUpper", [x], "output", .string)
    case .strip: return body.value("StringStrip", [x], "output", .string)
    case .byteCount:
      let count = body.value("StringLength", [x], "output", .int32, ["unit": .text("BYTE")])
      return body.cast(count, to: .int64)
    case .decimalText:
      return body.value("AsString", [x], "output", .string, ["T": .type(x.type)])
    case .negate, .abs, .floor, .ceil, .round, .sqrt, .log, .log1p, .exp, .tanh:
      return body.value(operation.tfName, [x], "y", x.type, ["T": .type(x.type)])
    }
  }

  private func binary(
    _ operation: TensorOperation.Binary, _ a: TensorReference, _ b: TensorReference,
    _ body: inout GraphBody
  ) -> TensorReference {
    switch operation {
    case .and, .or: body.value(operation.tfName, [a, b], "z", .bool)
    case .equal, .notEqual, .less, .lessEqual:
      body.value(operation.tfName, [a, b], "z", .bool, ["T": .type(a.type)])
    default: body.value(operation.tfName, [a, b], "z", a.type, ["T": .type(a.type)])
    }
  }

  private func strings(
    _ operation: TensorOperation, _ inputs: [TensorReference], _ body: inout GraphBody
  ) -> TensorReference {
    switch operation {
    case .join(let separator):
      return body.value(
        "StringJoin", inputs, "output", .string,
        ["N": .int(Int64(inputs.count)), "separator": .string(separator)])
    case .hashFast(let buckets):
      return body.value(
        "StringToHashBucketFast", inputs, "output", .int64, ["num_buckets": .int(buckets)])
    case .hashStrong(let buckets, let first, let second):
      let key = [Int64(bitPattern: first), Int64(bitPattern: second)]
      return body.value(
        "StringToHashBucketStrong", inputs, "output", .int64,
        ["num_buckets": .int(buckets), "key": .ints(key)])
    case .lookUp(let vocabulary, let otherwise):
      let fallback = body.constant(.int64(otherwise))
      return body.value(
        "LookupTableFindV2", [tables[vocabulary], inputs[0], fallback], "values", .int64,
        ["Tin": .type(.string), "Tout": .type(.int64)])
    case .joinByRow(let separator):
      var inputs = inputs
      if !separator.isEmpty { inputs[0] = led(inputs[0], by: separator, rows: inputs[1], &body) }
      return body.value(
        "UnsortedSegmentJoin", inputs, "output", .string,
        [
          "separator": .string([]), "Tindices": .type(.int64), "Tnumsegments": .type(.int64),
        ])
    case .splitParts(let separator): return split(inputs[0], separator, &body).parts
    case .splitRows(let separator): return split(inputs[0], separator, &body).rows
    default: preconditionFailure("\(operation) is not one of strings")
    }
  }

  /// `x` with the separator before each string that is not the first of its row.
  ///
  /// `UnsortedSegmentJoin` puts none behind what is empty so far.
  private func led(
    _ x: TensorReference, by separator: [UInt8], rows: TensorReference, _ body: inout GraphBody
  ) -> TensorReference {
    let count = body.slice(body.shape(x), column: 0, isMatrix: false)
    let positions = body.range(count)
    let zero = body.constant(.int64(0))
    let previous = body.value(
      "Maximum", [binary(.subtract, positions, body.constant(.int64(1)), &body), zero], "z", .int64,
      ["T": .type(.int64)])
    let isStart = binary(.equal, positions, zero, &body)
    let isOther = binary(.notEqual, rows, body.gather(rows, previous), &body)
    let isFirst = binary(.or, isStart, isOther, &body)
    let separated = body.value(
      "StringJoin", [body.constant(.string(separator)), x], "output", .string,
      ["N": .int(2), "separator": .string([])])
    return body.value(
      "SelectV2", [isFirst, x, separated], "output", .string, ["T": .type(.string)])
  }

  private func split(
    _ x: TensorReference, _ separator: [UInt8], _ body: inout GraphBody
  ) -> (parts: TensorReference, rows: TensorReference) {
    let separator = body.constant(.string(separator))
    let indices = body.value(
      "StringSplitV2", [x, separator], "indices", .int64, ["maxsplit": .int(-1)])
    var parts = indices
    parts.output = "values"
    parts.index = 1
    parts.type = .string
    return (parts, body.slice(indices, column: 0, isMatrix: true))
  }
}

extension TensorType {
  var tfType: TFType {
    switch self {
    case .bool: .bool
    case .int64: .int64
    case .float64: .double
    case .string: .string
    }
  }
}

extension GraphBody {
  /// A scalar that TensorFlow's optimizer cannot see.
  ///
  /// Of a division by a constant it makes a multiplication by the reciprocal, of `log(x + 1)` a
  /// `log1p`, of `pow(x, 2)` a square: results that differ in the last bit from training. A
  /// placeholder with a default is no constant to it.
  mutating func guarded(_ constant: TensorConstant) -> TensorReference {
    switch constant {
    case .bool(let value): return self.constant(.bool(value))
    case .int64(let value): return self.constant(.int64(value))
    case .string(let value): return self.constant(.string(value))
    case .float64(let value):
      let visible = self.constant(.double(value))
      return self.value(
        "PlaceholderWithDefault", [visible], "output", .double,
        ["dtype": .type(.double), "shape": .shape(TFShape([]))])
    }
  }
}

extension TensorOperation.Unary {
  fileprivate var tfName: String {
    switch self {
    case .negate: "Neg"
    case .abs: "Abs"
    case .floor: "Floor"
    case .ceil: "Ceil"
    case .round: "Rint"
    case .sqrt: "Sqrt"
    case .log: "Log"
    case .log1p: "Log1p"
    case .exp: "Exp"
    case .tanh: "Tanh"
    case .roundToFloat32, .isNaN, .not, .lower, .upper, .strip, .byteCount, .decimalText:
      preconditionFailure("\(self) is more than one op")
    }
  }
}

extension TensorOperation.Binary {
  fileprivate var tfName: String {
    switch self {
    case .add: "AddV2"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "RealDiv"
    case .floorDivide: "FloorDiv"
    case .floorModulo: "FloorMod"
    case .power: "Pow"
    case .equal: "Equal"
    case .notEqual: "NotEqual"
    case .less: "Less"
    case .lessEqual: "LessEqual"
    case .and: "LogicalAnd"
    case .or: "LogicalOr"
    }
  }
}
