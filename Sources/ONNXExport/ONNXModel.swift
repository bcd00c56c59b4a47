import Columns
public import TensorPrograms
public import Transform

/// A frozen transform as an ONNX model (opset 20, ai.onnx.ml 3).
///
/// | tensor | shape, type |
/// |---|---|
/// | input `f` | `[rows]`; in the column's own type: `double`, `float`, `int64`, `bool`, `string` |
/// | input `f_present` | `[rows]`, bool; may be left out: every row has a value |
/// | input of a list: `f_indices`, `f_values`, `f_shape` | `[elements, 2]`, `[elements]`, `[2]`, as a sparse tensor |
/// | output `y` | `[rows]`, or `[rows, length]`: `float`, `int64`, `string` |
/// | output `y_present` | `[rows]`, bool; only if `y` can lack a value |
/// | output that is a list: `y_indices`, `y_values`, `y_shape` | as a sparse tensor |
public struct ONNXModel: Sendable {
  /// `model.onnx`; depends on the version alone.
  public let bytes: [UInt8]
  /// Whether it has operators that ONNX lacks, of ``operatorDomain``: whoever runs it must load the
  /// library `LimnographOperators`.
  public let usesOperators: Bool

  /// The domain of the project's own operators.
  public static let operatorDomain = "limnograph"

  /// - Throws: `UnsupportedExport` with the output and why it cannot be written.
  public init(_ version: TransformVersion) throws(UnsupportedExport) {
    let program = try TensorProgram(version, isOptional: true)
    var graph = ONNXGraph()
    var bindings: [ONNXPrinter.Binding] = []
    var rowCount = ""
    for feature in program.features {
      let (binding, count) = Self.bind(feature, &graph)
      if bindings.isEmpty { rowCount = count }
      bindings.append(binding)
    }
    let printer = ONNXPrinter(program: program, bindings: bindings, rowCount: rowCount)
    let values = printer.print(into: &graph)
    for output in program.outputs { Self.add(output, values, rowCount, to: &graph) }
    usesOperators = graph.usesOperators
    bytes = graph.model(named: version.name.isEmpty ? "transform" : version.name)
  }

  private static func bind(
    _ feature: TensorProgram.Feature, _ graph: inout ONNXGraph
  ) -> (ONNXPrinter.Binding, rowCount: String) {
    let name = feature.field.name
    let given: ONNXType = feature.element == .float32 ? .float : ONNXType(feature.type)
    func converted(_ values: String) -> String {
      given == .float ? graph.cast(values, to: .double) : values
    }
    if feature.isList {
      let indices = graph.addInput(
        ONNXValue(name: name + "_indices", type: .int64, shape: [nil, 2]))
      let values = graph.addInput(ONNXValue(name: name + "_values", type: given, shape: [nil]))
      let shape = graph.addInput(ONNXValue(name: name + "_shape", type: .int64, shape: [2]))
      let rows = graph.add("Gather", [indices, graph.integer(0)], ["axis": .int(1)])
      return (.init(values: converted(values), rows: rows), graph.element(shape, 0))
    }
    let values = graph.addInput(ONNXValue(name: name, type: given, shape: [nil]))
    let count = graph.count(values)
    let isPresent = graph.addInput(
      ONNXValue(name: name + "_present", type: .bool, shape: [nil]), default: .bools([true]))
    let always = graph.fill(graph.constant(.bool(true)), count: count)
    return (
      .init(values: converted(values), isPresent: graph.add("And", [isPresent, always])), count
    )
  }

  private static func add(
    _ output: TensorProgram.Output, _ values: [String], _ rowCount: String,
    to graph: inout ONNXGraph
  ) {
    let (type, result) = served(output, values[output.values], &graph)
    switch output.layout {
    case .row:
      graph.addOutput(ONNXValue(name: output.name, type: type, shape: [nil]), result)
      if let isPresent = output.isPresent {
        graph.addOutput(
          ONNXValue(name: output.name + "_present", type: .bool, shape: [nil]), values[isPresent])
      }
    case .fixed(let length):
      let shaped = graph.add("Reshape", [result, graph.integers([-1, Int64(length)])])
      graph.addOutput(
        ONNXValue(name: output.name, type: type, shape: [nil, Int64(length)]), shaped)
    case .list(let rows):
      let rows = values[rows]
      let counts = graph.sum(
        graph.fill(graph.integer(1), count: graph.count(rows)), by: rows, count: rowCount,
        zero: .int64(0))
      let ends = graph.add("CumSum", [counts, graph.integer(0)], ["exclusive": .int(1)])
      let starts = graph.add("Gather", [ends, rows], ["axis": .int(0)])
      let positions = graph.add("Sub", [graph.range(graph.count(rows)), starts])
      let indices = graph.add(
        "Concat", [graph.expanded(rows, axis: 1), graph.expanded(positions, axis: 1)],
        ["axis": .int(1)])
      let none = graph.integers([0])
      let lengths = graph.add("Concat", [counts, none], ["axis": .int(0)])
      let width = graph.add("ReduceMax", [lengths, none], ["keepdims": .int(1)])
      let height = graph.add("Reshape", [rowCount, graph.integers([1])])
      let shape = graph.add("Concat", [height, width], ["axis": .int(0)])
      graph.addOutput(
        ONNXValue(name: output.name + "_indices", type: .int64, shape: [nil, 2]), indices)
      graph.addOutput(ONNXValue(name: output.name + "_values", type: type, shape: [nil]), result)
      graph.addOutput(ONNXValue(name: output.name + "_shape", type: .int64, shape: [2]), shape)
    }
  }

  /// As the SavedModel: `int64`, `float32` or `string`.
  private static func served(
    _ output: TensorProgram.Output, _ x: String, _ graph: inout ONNXGraph
  ) -> (ONNXType, String) {
    var element = output.type
    if case .list(let inner) = element { element = inner }
    switch element {
    case .float32, .float64: return (.float, graph.cast(x, to: .float))
    case .bool: return (.int64, graph.cast(x, to: .int64))
    case .string: return (.string, x)
    default: return (.int64, x)
    }
  }
}
