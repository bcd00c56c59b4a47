import ByteCoding

/// The nodes and constants of a model, equal ones once.
struct ONNXGraph {
  private(set) var nodes: [ONNXNode] = []
  private var known: [ONNXNode: Int] = [:]
  private var constants: [ONNXTensor: String] = [:]
  private var tensors: [(name: String, value: ONNXTensor)] = []
  private var inputs: [ONNXValue] = []
  private var outputs: [ONNXValue] = []

  // MARK: Building

  mutating func addInput(_ value: ONNXValue) -> String {
    inputs.append(value)
    return value.name
  }

  /// An input that the caller may leave out.
  mutating func addInput(_ value: ONNXValue, default tensor: ONNXTensor) -> String {
    tensors.append((value.name, tensor))
    return addInput(value)
  }

  mutating func addOutput(_ value: ONNXValue, _ source: String) {
    outputs.append(value)
    nodes.append(
      ONNXNode(op: "Identity", inputs: [source], outputs: [value.name], attributes: [:], domain: "")
    )
  }

  mutating func constant(_ tensor: ONNXTensor) -> String {
    if let name = constants[tensor] { return name }
    let name = "#c\(constants.count)"
    constants[tensor] = name
    tensors.append((name, tensor))
    return name
  }

  /// Adds a node and returns its outputs.
  mutating func add(
    _ op: String, _ inputs: [String], outputs count: Int,
    _ attributes: [String: ONNXAttribute] = [:],
    domain: String = ""
  ) -> [String] {
    var node = ONNXNode(
      op: op, inputs: inputs, outputs: [], attributes: attributes, domain: domain)
    if let index = known[node] { return nodes[index].outputs }
    known[node] = nodes.count
    node.outputs = (0..<count).map { "#\(nodes.count)_\($0)" }
    nodes.append(node)
    return node.outputs
  }

  mutating func add(
    _ op: String, _ inputs: [String], _ attributes: [String: ONNXAttribute] = [:],
    domain: String = ""
  ) -> String {
    add(op, inputs, outputs: 1, attributes, domain: domain)[0]
  }

  // MARK: What several parts need

  mutating func cast(_ x: String, to type: ONNXType) -> String {
    add("Cast", [x], ["to": .int(Int64(type.rawValue))])
  }

  mutating func integer(_ value: Int64) -> String { constant(.int64(value)) }

  /// A vector of integers, as axes, shapes and starts are given.
  mutating func integers(_ values: [Int64]) -> String { constant(.int64s(values)) }

  /// `x` with one more axis.
  mutating func expanded(_ x: String, axis: Int64) -> String {
    let axes = integers([axis])
    return add("Unsqueeze", [x, axes])
  }

  /// `x`, a scalar, as a vector of `count`.
  mutating func fill(_ x: String, count: String) -> String {
    let shape = add("Reshape", [count, integers([1])])
    return add("Expand", [x, shape])
  }

  /// The first element of a vector, as a scalar.
  mutating func element(_ x: String, _ index: Int64) -> String {
    let position = integer(index)
    return add("Gather", [x, position], ["axis": .int(0)])
  }

  mutating func count(_ x: String) -> String { element(add("Shape", [x]), 0) }

  mutating func range(_ count: String) -> String {
    add("Range", [integer(0), count, integer(1)])
  }

  // MARK: Writing

  /// Whether a node is one of the project's own operators.
  var usesOperators: Bool { nodes.contains { $0.domain == ONNXModel.operatorDomain } }

  /// `onnx.ModelProto`, opset 20.
  func model(named name: String) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(field: 1, varint: UInt64(9))
    writer.append(field: 2, string: "limnograph")
    writer.append(field: 7) { graph in
      for node in nodes { graph.append(field: 1) { node.write(to: &$0) } }
      graph.append(field: 2, string: name)
      for tensor in tensors {
        graph.append(field: 5) { tensor.value.write(named: tensor.name, to: &$0) }
      }
      for input in inputs { graph.append(field: 11) { input.write(to: &$0) } }
      for output in outputs { graph.append(field: 12) { output.write(to: &$0) } }
    }
    var domains = [("", UInt64(20)), ("ai.onnx.ml", 3)]
    if usesOperators { domains.append((ONNXModel.operatorDomain, 1)) }
    for (domain, version) in domains {
      writer.append(field: 8) { opset in
        if !domain.isEmpty { opset.append(field: 1, string: domain) }
        opset.append(field: 2, varint: version)
      }
    }
    return writer.bytes
  }
}
