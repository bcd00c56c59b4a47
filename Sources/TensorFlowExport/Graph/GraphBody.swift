/// The output of a node, or an argument of a function.
struct TensorReference: Hashable, Sendable {
  var node: String
  /// The name of the op's output; `nil` for an argument.
  var output: String?
  /// Its position among all outputs of the op.
  var index = 0
  /// Its position in an output that is a list of tensors.
  var listIndex = 0
  var type: TFType
}

/// The nodes of a graph or of a function; the two differ in how an input is written.
struct GraphBody {
  let isFunction: Bool
  private(set) var nodes: [GraphNode] = []
  /// The nodes without a given name, by content.
  private var known: [GraphNode.Content: Int] = [:]

  init(isFunction: Bool) { self.isFunction = isFunction }

  /// How a node names `reference` among its inputs.
  func spelled(_ reference: TensorReference) -> String {
    if isFunction {
      guard let output = reference.output else { return reference.node }
      return "\(reference.node):\(output):\(reference.listIndex)"
    }
    return reference.index == 0 ? reference.node : "\(reference.node):\(reference.index)"
  }

  /// Adds a node whose name is its op and a number; an equal one is there once, unless it is named.
  ///
  /// - Returns: The name of the node.
  mutating func add(
    _ op: String, _ inputs: [TensorReference] = [], _ attributes: GraphNode.Attributes = [:],
    name: String? = nil, after controls: [String] = []
  ) -> String {
    let content = GraphNode.Content(
      op, inputs.map(spelled) + controls.map { "^" + $0 }, attributes)
    if name == nil {
      if let known = known[content] { return nodes[known].name }
      known[content] = nodes.count
    }
    let node = GraphNode(name: name ?? "\(op)_\(nodes.count)", op: op, content: content)
    nodes.append(node)
    return node.name
  }

  /// Adds an op of one output and returns that.
  mutating func value(
    _ op: String, _ inputs: [TensorReference], _ output: String, _ type: TFType,
    _ attributes: GraphNode.Attributes = [:]
  ) -> TensorReference {
    TensorReference(node: add(op, inputs, attributes), output: output, type: type)
  }

  mutating func constant(_ tensor: TFTensor) -> TensorReference {
    value(
      "Const", [], "output", tensor.type,
      ["dtype": .type(tensor.type), "value": .tensor(tensor)])
  }

  // MARK: Ops that several parts need

  /// `x` with another shape; −1 for one unknown size.
  mutating func reshape(_ x: TensorReference, _ shape: [Int64]) -> TensorReference {
    let shape = constant(.int64s(shape))
    return value(
      "Reshape", [x, shape], "output", x.type, ["T": .type(x.type), "Tshape": .type(.int64)])
  }

  mutating func cast(_ x: TensorReference, to type: TFType) -> TensorReference {
    guard x.type != type else { return x }
    return value("Cast", [x], "y", type, ["SrcT": .type(x.type), "DstT": .type(type)])
  }

  mutating func gather(_ x: TensorReference, _ positions: TensorReference) -> TensorReference {
    let axis = constant(.int64(0))
    return value(
      "GatherV2", [x, positions, axis], "output", x.type,
      ["Tparams": .type(x.type), "Tindices": .type(positions.type), "Taxis": .type(.int64)])
  }

  /// The positions at which `mask` holds, shape `[true ones]`.
  mutating func positions(where mask: TensorReference) -> TensorReference {
    let found = value("Where", [mask], "index", .int64, ["T": .type(.bool)])
    return reshape(found, [-1])
  }

  mutating func pack(_ parts: [TensorReference], axis: Int64 = 0) -> TensorReference {
    value(
      "Pack", parts, "output", parts[0].type,
      ["N": .int(Int64(parts.count)), "T": .type(parts[0].type), "axis": .int(axis)])
  }

  /// `count` times `x`, a scalar.
  mutating func fill(_ x: TensorReference, count: TensorReference) -> TensorReference {
    let shape = pack([count])
    return value(
      "Fill", [shape, x], "output", x.type, ["T": .type(x.type), "index_type": .type(.int64)])
  }

  mutating func shape(_ x: TensorReference) -> TensorReference {
    value(
      "Shape", [x], "output", .int64, ["T": .type(x.type), "out_type": .type(.int64)])
  }

  /// Column `index` of `x`, or of a vector the element.
  mutating func slice(_ x: TensorReference, column index: Int64, isMatrix: Bool) -> TensorReference
  {
    let begin = constant(.int64s(isMatrix ? [0, index] : [index]))
    let end = constant(.int64s(isMatrix ? [0, index + 1] : [index + 1]))
    let strides = constant(.int64s(isMatrix ? [1, 1] : [1]))
    return value(
      "StridedSlice", [x, begin, end, strides], "output", x.type,
      [
        "T": .type(x.type), "Index": .type(.int64), "begin_mask": .int(isMatrix ? 1 : 0),
        "end_mask": .int(isMatrix ? 1 : 0), "ellipsis_mask": .int(0), "new_axis_mask": .int(0),
        "shrink_axis_mask": .int(isMatrix ? 2 : 1),
      ])
  }

  mutating func range(_ count: TensorReference) -> TensorReference {
    let start = constant(.int64(0))
    let step = constant(.int64(1))
    return value("Range", [start, count, step], "output", .int64, ["Tidx": .type(.int64)])
  }

  /// The sum of `values` by row.
  mutating func sum(
    _ values: TensorReference, by rows: TensorReference, count: TensorReference
  ) -> TensorReference {
    value(
      "UnsortedSegmentSum", [values, rows, count], "output", values.type,
      [
        "T": .type(values.type), "Tindices": .type(.int64), "Tnumsegments": .type(.int64),
      ])
  }

  /// For each number, the sum of those before it.
  mutating func exclusiveSum(_ x: TensorReference) -> TensorReference {
    value(
      "Cumsum", [x, constant(.int64(0))], "out", .int64,
      [
        "T": .type(.int64), "Tidx": .type(.int64), "exclusive": .bool(true),
        "reverse": .bool(false),
      ])
  }

  /// How many elements each row has.
  mutating func counts(_ rows: TensorReference, count: TensorReference) -> TensorReference {
    let ones = value("OnesLike", [rows], "y", .int64, ["T": .type(.int64)])
    return sum(ones, by: rows, count: count)
  }
}
