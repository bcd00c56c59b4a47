import ByteCoding
import Columns
import TensorPrograms

/// `tensorflow.FunctionDef`.
struct FunctionDefinition: Sendable {
  struct Argument: Sendable {
    var name: String
    var type: TFType
    var shape: [Int64]?

    var reference: TensorReference { TensorReference(node: name, output: nil, type: type) }
  }

  var name: String
  var arguments: [Argument]
  /// By name, in order.
  var results: [(name: String, value: TensorReference)] = []
  var body = GraphBody(isFunction: true)

  init(_ name: String, _ arguments: [Argument]) {
    self.name = name
    self.arguments = arguments
  }

  private static let stateful: Set<String> = [
    "HashTableV2", "InitializeTableFromTextFileV2", "InitializeTableV2", "LookupTableFindV2",
    "StatefulPartitionedCall",
  ]

  /// Stateful nodes are control outputs, or they are lost when a user's model takes the function in.
  func write(to writer: inout ByteWriter) {
    let controls = body.nodes.filter { Self.stateful.contains($0.op) }.map(\.name)
    writer.append(field: 1) { signature in
      signature.append(field: 1, string: name)
      for argument in arguments {
        signature.append(field: 2) { write(argument.name, argument.type, to: &$0) }
      }
      for result in results {
        signature.append(field: 3) { write(result.name, result.value.type, to: &$0) }
      }
      signature.append(field: 17, varint: UInt64(controls.isEmpty ? 0 : 1))
      for control in controls { signature.append(field: 20, string: control) }
    }
    for node in body.nodes { writer.append(field: 3) { node.write(to: &$0) } }
    for result in results {
      writer.append(field: 4) { entry in
        entry.append(field: 1, string: result.name)
        entry.append(field: 2, string: body.spelled(result.value))
      }
    }
    for control in controls {
      writer.append(field: 6) { entry in
        entry.append(field: 1, string: control)
        entry.append(field: 2, string: control)
      }
    }
    for (index, argument) in arguments.enumerated() {
      writer.append(field: 7) { entry in
        entry.append(field: 1, varint: UInt64(index))
        entry.append(field: 2) { attributes in
          attributes.append(
            map: 1, ["_output_shapes": TFAttribute.shapes([TFShape(argument.shape)])]
          ) {
            $1.write(to: &$0)
          }
        }
      }
    }
  }

  private func write(_ name: String, _ type: TFType, to writer: inout ByteWriter) {
    writer.append(field: 1, string: name)
    writer.append(field: 3, varint: type.rawValue)
  }
}

extension FunctionDefinition {
  /// The whole program as a function: features as `convention` says, then the tables.
  ///
  /// - Returns: The results flattened, sparse ones as three.
  init(_ name: String, _ program: TensorProgram, _ convention: Convention) {
    let given = program.arguments(convention)
    let parts = given.enumerated().flatMap { position, tensors in
      tensors.parts.map {
        Argument(name: "feature_\(position)\($0.suffix)", type: $0.type, shape: $0.shape)
      }
    }
    let tables = program.vocabularies.indices.map {
      Argument(name: "table_\($0)", type: .resource, shape: [])
    }
    self.init(name, parts + tables)
    results = body.print(
      program, convention, arguments: parts.map(\.reference), tables: tables.map(\.reference))
    // The caller's names may be anything; those of a function's results may not.
    for index in results.indices { results[index].name = "result_\(index)" }
    // A result must not be an argument itself.
    for index in results.indices where results[index].value.output == nil {
      let type = results[index].value.type
      results[index].value = body.value(
        "Identity", [results[index].value], "output", type, ["T": .type(type)])
    }
  }
}

extension GraphBody {
  /// The program's results, flattened, with the names of ``TensorProgram/results`` and suffixes.
  mutating func print(
    _ program: TensorProgram, _ convention: Convention, arguments: [TensorReference],
    tables: [TensorReference]
  ) -> [(name: String, value: TensorReference)] {
    var rest = arguments[...]
    var given: [String: [TensorReference]] = [:]
    for tensors in program.arguments(convention) {
      given[tensors.name] = Array(rest.prefix(tensors.parts.count))
      rest = rest.dropFirst(tensors.parts.count)
    }
    func tensors(_ feature: TensorProgram.Feature) -> [TensorReference] {
      given[feature.field.name] ?? []
    }
    let rowCount = ProgramPrinter.Binding.rowCount(tensors(program.features[0]), &self)
    var bindings: [ProgramPrinter.Binding] = []
    for feature in program.features {
      bindings.append(.init(feature, tensors(feature), rowCount: rowCount, &self))
    }
    let printer = ProgramPrinter(
      program: program, bindings: bindings, rowCount: rowCount, tables: tables)
    let values = printer.print(into: &self)
    var packed: [String: [TensorReference]] = [:]
    for output in program.outputs {
      packed[output.name] = output.packed(values, rowCount: rowCount, &self)
    }
    return program.results.flatMap { result in
      zip(result.parts, packed[result.name] ?? []).map { (result.name + $0.suffix, $1) }
    }
  }
}
