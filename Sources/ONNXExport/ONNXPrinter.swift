import TensorPrograms

/// Writes the nodes of a tensor program as ONNX operators.
struct ONNXPrinter {
  /// What a caller gives for one feature.
  struct Binding {
    var values: String
    var isPresent: String?
    var rows: String?
  }

  let program: TensorProgram
  let bindings: [Binding]
  let rowCount: String

  /// The name of every node's value.
  func print(into graph: inout ONNXGraph) -> [String] {
    var values: [String] = []
    values.reserveCapacity(program.nodes.count)
    for node in program.nodes {
      values.append(print(node, node.inputs.map { values[$0] }, &graph))
    }
    return values
  }

  private func print(
    _ node: TensorProgram.Node, _ inputs: [String], _ graph: inout ONNXGraph
  ) -> String {
    switch node.operation {
    case .input(let feature, let part):
      let binding = bindings[feature]
      switch part {
      case .values: return binding.values
      case .isPresent: return binding.isPresent ?? ""
      case .rows: return binding.rows ?? ""
      }
    case .rowCount: return rowCount
    case .constant(let constant): return graph.constant(ONNXTensor(constant))
    case .numbers(let bits): return graph.constant(.doubles(bits))
    case .unary(let operation): return unary(operation, inputs[0], &graph)
    case .binary(let operation):
      return binary(operation, program.nodes[node.inputs[0]].type, inputs[0], inputs[1], &graph)
    case .select:
      return node.type == .bool
        ? selectBool(inputs, &graph) : graph.add("Where", inputs)
    case .cast: return graph.cast(inputs[0], to: ONNXType(node.type))
    case .fill: return graph.fill(inputs[1], count: inputs[0])
    case .upperBound(let bits): return upperBound(bits, inputs[0], &graph)
    case .join, .hashFast, .hashStrong, .lookUp, .splitParts, .splitRows, .joinByRow:
      return strings(node.operation, inputs, &graph)
    case .oneHot(let depth):
      let positions = graph.integers((0..<Int64(depth)).map { $0 })
      let column = graph.expanded(inputs[0], axis: 1)
      let matrix = graph.cast(graph.add("Equal", [column, positions]), to: .double)
      return graph.add("Reshape", [matrix, graph.integers([-1])])
    case .keep: return graph.add("Compress", inputs, ["axis": .int(0)])
    case .gather: return graph.add("Gather", inputs, ["axis": .int(0)])
    case .range: return graph.range(inputs[0])
    case .countByRow:
      let count = graph.count(inputs[0])
      let ones = graph.fill(graph.integer(1), count: count)
      return graph.sum(ones, by: inputs[0], count: inputs[1], zero: .int64(0))
    case .exclusiveSum:
      return graph.add("CumSum", [inputs[0], graph.integer(0)], ["exclusive": .int(1)])
    case .count: return graph.count(inputs[0])
    case .append:
      let one = graph.add("Reshape", [inputs[1], graph.integers([1])])
      return graph.add("Concat", [inputs[0], one], ["axis": .int(0)])
    case .interleave:
      let columns = inputs.map { graph.expanded($0, axis: 1) }
      let matrix = graph.add("Concat", columns, ["axis": .int(1)])
      return graph.add("Reshape", [matrix, graph.integers([-1])])
    case .stableOrder:
      let count = graph.add("Reshape", [graph.count(inputs[0]), graph.integers([1])])
      return graph.add(
        "TopK", [inputs[0], count], outputs: 2, ["largest": .int(0), "sorted": .int(1)])[1]
    case .substring: return graph.addOwn("StringSubstring", inputs)
    case .distinct: return unique(inputs[0], &graph)[0]
    case .distinctIndex: return unique(inputs[0], &graph)[2]
    }
  }

  private func unique(_ x: String, _ graph: inout ONNXGraph) -> [String] {
    graph.add("Unique", [x], outputs: 4, ["sorted": .int(0)])
  }

  /// Not `Where`, which knows no bool.
  private func selectBool(_ inputs: [String], _ graph: inout ONNXGraph) -> String {
    let first = graph.add("And", [inputs[0], inputs[1]])
    let second = graph.add("And", [graph.add("Not", [inputs[0]]), inputs[2]])
    return graph.add("Or", [first, second])
  }

  /// How many boundaries there are, less those that are greater; so NaN is past all.
  private func upperBound(
    _ bits: [UInt64], _ x: String, _ graph: inout ONNXGraph
  ) -> String {
    let column = graph.expanded(x, axis: -1)
    let isGreater = graph.add("Less", [column, graph.constant(.doubles(bits))])
    let greater = graph.add(
      "ReduceSum", [graph.cast(isGreater, to: .int64), graph.integers([-1])],
      ["keepdims": .int(0)])
    return graph.add("Sub", [graph.integer(Int64(bits.count)), greater])
  }

  private func unary(
    _ operation: TensorOperation.Unary, _ x: String, _ graph: inout ONNXGraph
  ) -> String {
    switch operation {
    case .negate: return graph.add("Neg", [x])
    case .abs: return graph.add("Abs", [x])
    case .floor: return graph.add("Floor", [x])
    case .ceil: return graph.add("Ceil", [x])
    case .round: return graph.add("Round", [x])
    case .sqrt: return graph.add("Sqrt", [x])
    case .log: return graph.add("Log", [x])
    case .exp: return graph.add("Exp", [x])
    case .tanh: return graph.add("Tanh", [x])
    case .log1p: return log1p(x, &graph)
    case .roundToFloat32: return graph.cast(graph.cast(x, to: .float), to: .double)
    case .isNaN: return graph.add("IsNaN", [x])
    case .not: return graph.add("Not", [x])
    case .lower, .upper:
      return graph.add(
        "StringNormalizer", [x],
        [
          "case_change_action": .text(operation == .lower ? "LOWER" : "UPPER"),
          "is_case_sensitive": .int(1), "locale": .text("C"),
        ])
    case .decimalText: return graph.cast(x, to: .string)
    case .strip: return graph.addOwn("StringStrip", [x])
    case .byteCount: return graph.addOwn("StringByteLength", [x])
    }
  }

  /// x · log(u) / (u − 1) with u = 1 + x, in which the error of u cancels; x itself where u is 1.
  private func log1p(_ x: String, _ graph: inout ONNXGraph) -> String {
    let one = graph.constant(.double((1.0).bitPattern))
    let infinity = graph.constant(.double(Double.infinity.bitPattern))
    let u = graph.add("Add", [x, one])
    let logarithm = graph.add("Log", [u])
    let ratio = graph.add("Div", [x, graph.add("Sub", [u, one])])
    let corrected = graph.add("Mul", [logarithm, ratio])
    let isTiny = graph.add("Equal", [u, one])
    let isInfinite = graph.add("Equal", [u, infinity])
    let finite = graph.add("Where", [isInfinite, infinity, corrected])
    return graph.add("Where", [isTiny, x, finite])
  }

  private func binary(
    _ operation: TensorOperation.Binary, _ type: TensorType, _ a: String, _ b: String,
    _ graph: inout ONNXGraph
  ) -> String {
    switch operation {
    case .add: return graph.add("Add", [a, b])
    case .subtract: return graph.add("Sub", [a, b])
    case .multiply: return graph.add("Mul", [a, b])
    case .divide: return graph.add("Div", [a, b])
    case .power: return graph.add("Pow", [a, b])
    case .equal: return graph.add("Equal", [a, b])
    case .notEqual: return graph.add("Not", [graph.add("Equal", [a, b])])
    case .less: return graph.add("Less", [a, b])
    case .lessEqual: return graph.add("LessOrEqual", [a, b])
    case .and: return graph.add("And", [a, b])
    case .or: return graph.add("Or", [a, b])
    case .floorDivide:
      // ONNX cuts toward 0: one less where there is a rest and the signs differ.
      let zero = graph.integer(0)
      let rest = graph.add("Mod", [a, b])
      let hasRest = graph.add("Not", [graph.add("Equal", [rest, zero])])
      let differ = graph.add("Xor", [graph.add("Less", [a, zero]), graph.add("Less", [b, zero])])
      let correction = graph.cast(graph.add("And", [hasRest, differ]), to: .int64)
      return graph.add("Sub", [graph.add("Div", [a, b]), correction])
    case .floorModulo:
      guard type == .float64 else { return graph.add("Mod", [a, b]) }
      let zero = graph.constant(.double(0))
      let rest = graph.add("Mod", [a, b], ["fmod": .int(1)])
      let hasRest = graph.add("Not", [graph.add("Equal", [rest, zero])])
      let differ = graph.add(
        "Xor", [graph.add("Less", [rest, zero]), graph.add("Less", [b, zero])])
      let isOff = graph.add("And", [hasRest, differ])
      return graph.add("Where", [isOff, graph.add("Add", [rest, b]), rest])
    }
  }

  // MARK: Strings

  private func strings(
    _ operation: TensorOperation, _ inputs: [String], _ graph: inout ONNXGraph
  ) -> String {
    switch operation {
    case .join(let separator):
      var joined = inputs[0]
      for part in inputs.dropFirst() {
        if !separator.isEmpty {
          joined = graph.add("StringConcat", [joined, graph.constant(.string(separator))])
        }
        joined = graph.add("StringConcat", [joined, part])
      }
      return joined
    case .lookUp(let vocabulary, let otherwise):
      return lookUp(program.vocabularies[vocabulary], otherwise, inputs[0], &graph)
    case .splitParts(let separator): return split(inputs[0], separator, &graph).parts
    case .splitRows(let separator): return split(inputs[0], separator, &graph).rows
    case .joinByRow(let separator):
      return graph.addOwn("StringJoinByRow", inputs + [graph.constant(.string(separator))])
    case .hashFast(1), .hashStrong(1, _, _):
      // Everything is in the one bucket.
      let never = graph.add("Not", [graph.add("Equal", [inputs[0], inputs[0]])])
      return graph.cast(never, to: .int64)
    case .hashFast(let buckets):
      return graph.addOwn("StringToHashBucketFast", [inputs[0]], ["num_buckets": .int(buckets)])
    case .hashStrong(let buckets, let first, let second):
      return graph.addOwn(
        "StringToHashBucketStrong", [inputs[0]],
        [
          "num_buckets": .int(buckets), "key_0": .int(Int64(bitPattern: first)),
          "key_1": .int(Int64(bitPattern: second)),
        ])
    default: preconditionFailure("\(operation) is not one of strings")
    }
  }

  private func lookUp(
    _ vocabulary: TensorProgram.Vocabulary, _ otherwise: Int64, _ x: String,
    _ graph: inout ONNXGraph
  ) -> String {
    let (keys, positions) = vocabulary.entries
    guard !keys.isEmpty else {
      let never = graph.cast(graph.add("Not", [graph.add("Equal", [x, x])]), to: .int64)
      return graph.add("Add", [never, graph.integer(otherwise)])
    }
    return graph.add(
      "LabelEncoder", [x],
      [
        "keys_strings": .strings(keys), "values_int64s": .ints(positions),
        "default_int64": .int(otherwise),
      ], domain: "ai.onnx.ml")
  }

  /// At space by an operator of our own.
  ///
  /// Else ONNX pads the parts of all strings to one width, and gives none for the empty string.
  private func split(
    _ x: String, _ separator: [UInt8], _ graph: inout ONNXGraph
  ) -> (parts: String, rows: String) {
    guard !separator.isEmpty else {
      let words = graph.addOwn("StringSplitAtSpace", [x], outputs: 2)
      return (words[0], words[1])
    }
    let cut = graph.add("StringSplit", [x], outputs: 2, ["delimiter": .string(separator)])
    let blank = graph.expanded(
      graph.fill(graph.constant(.string([])), count: graph.count(x)), axis: 1)
    let padded = graph.add("Concat", [cut[0], blank], ["axis": .int(1)])
    let counts = graph.add("Max", [cut[1], graph.integer(1)])
    let width = graph.element(graph.add("Shape", [padded]), 1)
    let isPart = graph.add("Less", [graph.range(width), graph.expanded(counts, axis: 1)])
    let flat = graph.integers([-1])
    let mask = graph.add("Reshape", [isPart, flat])
    let parts = graph.add(
      "Compress", [graph.add("Reshape", [padded, flat]), mask], ["axis": .int(0)])
    let rows = graph.element(graph.add("NonZero", [isPart]), 0)
    return (parts, rows)
  }
}

extension ONNXGraph {
  /// Adds an operator of the project's own library.
  mutating func addOwn(
    _ op: String, _ inputs: [String], outputs count: Int,
    _ attributes: [String: ONNXAttribute] = [:]
  ) -> [String] {
    add(op, inputs, outputs: count, attributes, domain: ONNXModel.operatorDomain)
  }

  mutating func addOwn(
    _ op: String, _ inputs: [String], _ attributes: [String: ONNXAttribute] = [:]
  ) -> String { addOwn(op, inputs, outputs: 1, attributes)[0] }

  /// The sum of `values` by row.
  mutating func sum(
    _ values: String, by rows: String, count: String, zero: ONNXTensor
  ) -> String {
    let zeros = fill(constant(zero), count: count)
    return add(
      "ScatterElements", [zeros, rows, values], ["axis": .int(0), "reduction": .text("add")])
  }
}
