import Columns
import Expressions
public import Transform

extension TensorProgram {
  /// Writes `version` as tensor operations.
  ///
  /// - Parameters:
  ///   - version: The frozen transform.
  ///   - isOptional: Whether a row may lack a feature that is no list. A list that a row lacks is an
  ///     empty one.
  /// - Throws: ``UnsupportedExport`` naming the output and the reason.
  public init(_ version: TransformVersion, isOptional: Bool) throws(UnsupportedExport) {
    guard !version.inputs.isEmpty else {
      throw UnsupportedExport(
        "the transform reads no column, so nothing says how many rows there are")
    }
    var lowering = try Lowering(version, isOptional: isOptional)
    let outputs = try lowering.outputs(version)
    features = lowering.features
    vocabularies = lowering.builder.vocabularies
    (nodes, self.outputs) = Self.pruned(lowering.builder.nodes, outputs)
  }

  /// Without the nodes that no output needs.
  private static func pruned(_ nodes: [Node], _ outputs: [Output]) -> ([Node], [Output]) {
    var isNeeded = [Bool](repeating: false, count: nodes.count)
    for index in outputs.flatMap(\.nodes) { isNeeded[index] = true }
    for index in nodes.indices.reversed() where isNeeded[index] {
      for input in nodes[index].inputs { isNeeded[input] = true }
    }
    var positions = [Int](repeating: 0, count: nodes.count)
    var kept: [Node] = []
    for (index, node) in nodes.enumerated() where isNeeded[index] {
      positions[index] = kept.count
      kept.append(node)
      kept[kept.count - 1].inputs = node.inputs.map { positions[$0] }
    }
    return (
      kept,
      outputs.map { output in
        var output = output
        output.values = positions[output.values]
        output.isPresent = output.isPresent.map { positions[$0] }
        if case .list(let rows) = output.layout { output.layout = .list(rows: positions[rows]) }
        return output
      }
    )
  }
}

/// Walks the formulas of a version.
private struct Lowering {
  var builder = TensorProgramBuilder()
  private(set) var features: [TensorProgram.Feature] = []
  private var columns: [String: TensorValue] = [:]
  private let constants: [String: TransformConstant]
  private var known: [Expression: TensorValue] = [:]

  init(_ version: TransformVersion, isOptional: Bool) throws(UnsupportedExport) {
    constants = Dictionary(
      version.constants.map { ($0.formula, $0) }, uniquingKeysWith: { first, _ in first })
    for field in version.inputs { try addColumn(field, isOptional: isOptional) }
  }

  private mutating func addColumn(_ field: Field, isOptional: Bool) throws(UnsupportedExport) {
    var element = field.type
    var isList = false
    if case .list(let type) = field.type {
      element = type
      isList = true
    }
    let type = element.tensorType
    let position = features.count
    features.append(.init(field: field, element: element, isList: isList, type: type))
    var value = TensorValue(
      element, builder.append(.input(feature: position, .values), [], type, rank: 1))
    if element == .timestamp {
      value.values = try microseconds(value.values, field)
    }
    if isList {
      let rows = builder.append(.input(feature: position, .rows), [], .int64, rank: 1)
      value.list = .init(elements: .rows(rows), isPresent: nil)
    } else if isOptional {
      value.isPresent = builder.append(.input(feature: position, .isPresent), [], .bool, rank: 1)
    }
    columns[field.name] = value
  }

  /// Timestamps come as they are written.
  private mutating func microseconds(
    _ values: Int, _ field: Field
  ) throws(UnsupportedExport) -> Int {
    switch field.timestampUnit {
    case .microseconds: return values
    case .milliseconds: return builder.binary(.multiply, values, builder.integer(1000))
    case .seconds: return builder.binary(.multiply, values, builder.integer(1_000_000))
    case .iso8601:
      throw UnsupportedExport(
        "column '\(field.name)' is a timestamp written as text, which no other format reads")
    }
  }

  mutating func outputs(
    _ version: TransformVersion
  ) throws(UnsupportedExport) -> [TensorProgram.Output] {
    var outputs: [TensorProgram.Output] = []
    for output in version.outputs {
      let value: TensorValue
      do {
        value = try lower(output.expression)
      } catch {
        throw UnsupportedExport(error.reason, output: output.name)
      }
      precondition(
        value.rowType == output.type, "\(output.name): \(value.rowType), not \(output.type)")
      outputs.append(finish(value, output.name, output.type))
    }
    return outputs
  }

  private mutating func finish(
    _ value: TensorValue, _ name: String, _ type: DataType
  ) -> TensorProgram.Output {
    var result = TensorProgram.Output(
      name: name, type: type, values: value.values, layout: .row, domain: value.domain)
    guard let list = value.list else {
      result.values = builder.filled(value.values)
      result.isPresent = value.isPresent.map { builder.filled($0) }
      return result
    }
    if case .fixed(let length) = list.elements, value.isPresent == nil, list.isPresent == nil {
      result.layout = .fixed(length)
      return result
    }
    let present = builder.present(value)
    result.values = present.values
    result.layout = .list(rows: builder.rows(present))
    result.isPresent = list.isPresent.map { builder.filled($0) }
    return result
  }

  private mutating func lower(_ expression: Expression) throws(UnsupportedExport) -> TensorValue {
    if let value = known[expression] { return value }
    let value: TensorValue
    switch expression {
    case .column(let name):
      guard let column = columns[name] else { preconditionFailure("no column '\(name)'") }
      value = column
    case .call(ConstantReference.functionName, let arguments):
      guard case .string(let formula) = arguments[0].value, let constant = constants[formula],
        let number = row(constant.value)
      else { preconditionFailure("\(expression.formula) is no value of rows") }
      value = number
    case .call(let name, let arguments): value = try call(name, arguments, expression)
    default:
      guard let literal = ConstantValue(literal: expression), let number = row(literal) else {
        preconditionFailure("\(expression.formula) is no value of rows")
      }
      value = number
    }
    known[expression] = value
    return value
  }

  /// A constant as a value of every row.
  private mutating func row(_ constant: ConstantValue) -> TensorValue? {
    switch constant {
    case .bool(let value): TensorValue(.bool, builder.constant(.bool(value)))
    case .int64(let value): TensorValue(.int64, builder.integer(value))
    case .float64(let value): TensorValue(.float64, builder.double(value))
    case .string(let value): TensorValue(.string, builder.text(value))
    default: nil
    }
  }

  private mutating func call(
    _ name: String, _ given: [Expression.Argument], _ whole: Expression
  ) throws(UnsupportedExport) -> TensorValue {
    if let reason = TensorFunctionCatalog.reasonAgainst(name) {
      throw UnsupportedExport("\(name): \(reason)")
    }
    guard let function = RowFunctionCatalog.function(named: name),
      case .supported(let body)? = TensorFunctionCatalog.function(named: name)?.form,
      let bound = try? function.signature.bind(given, of: whole)
    else { preconditionFailure("\(whole.formula) was compiled before") }
    var call = TensorCall(name: name, arguments: [])
    for (parameter, values) in zip(function.signature.parameters, bound.values) {
      for value in values { call.arguments.append(try argument(parameter.name, value)) }
    }
    let list = function.isElementwise ? takeLists(&call) : nil
    do {
      var value = try body(&builder, call)
      if let list { value.list = list }
      return value
    } catch let error as UnsupportedExport {
      throw error
    } catch {
      preconditionFailure("\(name) threw \(error)")
    }
  }

  /// The layout of the lists among the arguments, which are taken element by element.
  private mutating func takeLists(_ call: inout TensorCall) -> TensorValue.ListLayout? {
    let positions = call.arguments.indices.filter { call.arguments[$0].value?.list != nil }
    guard !positions.isEmpty else { return nil }
    let (lists, layout) = builder.aligned(positions.compactMap { call.arguments[$0].value })
    for (position, list) in zip(positions, lists) {
      call.arguments[position].value = list
      call.arguments[position].value?.list = nil
    }
    return layout
  }

  private mutating func argument(
    _ name: String, _ expression: Expression
  ) throws(UnsupportedExport) -> TensorCall.Argument {
    var argument = TensorCall.Argument(name: name)
    if case .call(ConstantReference.functionName, let inner) = expression,
      case .string(let formula) = inner[0].value
    {
      argument.constant = constants[formula]?.value
      let asset = constants[formula]?.asset
      // A table of TensorFlow reads lines of tokens alone; of other files the tokens are in the graph.
      let isReadable = asset?.storesFrequency == false && asset?.format == .text
      argument.asset = isReadable ? asset?.fileName : nil
    } else {
      argument.constant = ConstantValue(literal: expression)
    }
    if let constant = argument.constant {
      argument.value = row(constant)
    } else {
      argument.value = try lower(expression)
    }
    return argument
  }
}
