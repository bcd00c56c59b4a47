import ByteCoding
public import TensorPrograms
public import Transform

/// A frozen transform as a TensorFlow 2 SavedModel.
///
/// | entry | takes | floats |
/// |---|---|---|
/// | `transform_fn(dict)`, what TFT calls | sparse tensors | `float32` |
/// | `serve(dict)`, what Keras calls | sparse or dense tensors | `float32` or the columns' own |
/// | signature `serving_default`, what TensorFlow Serving calls | dense tensors; lists as `f_indices`, `f_values`, `f_shape` | the columns' own |
///
/// Results are `int64`, `float32` and `string`. An output that can lack a value, and every list, is
/// sparse. Bytes depend on the version alone.
public struct SavedModel: Sendable {
  private let program: TensorProgram
  /// The same for callers that give every feature.
  private let denseProgram: TensorProgram
  private let tables: [VocabularyTable]

  /// - Throws: `UnsupportedExport` with the output and why it cannot be written.
  public init(_ version: TransformVersion) throws(UnsupportedExport) {
    program = try TensorProgram(version, isOptional: true)
    denseProgram = try TensorProgram(version, isOptional: false)
    var assetCount = 0
    var tables: [VocabularyTable] = []
    for (index, vocabulary) in program.vocabularies.enumerated() {
      let asset = vocabulary.asset == nil ? nil : assetCount
      if asset != nil { assetCount += 1 }
      tables.append(VocabularyTable(vocabulary: vocabulary, index: index, asset: asset))
    }
    self.tables = tables
    precondition(denseProgram.vocabularies == program.vocabularies)
  }

  /// The program that `transform_fn` computes.
  var sparseProgram: TensorProgram { program }

  /// The files of the model's directory by relative path; the vocabularies in `assets/` come from
  /// the version.
  public var files: [String: [UInt8]] {
    [
      "saved_model.pb": bytes, Checkpoint.indexName: Checkpoint.index,
      Checkpoint.dataName: Checkpoint.data,
    ]
  }

  // MARK: Assembly

  private enum Name {
    static let sparse = "__inference_transform_fn"
    static let dense = "__inference_serve_dense"
    static let exact = "__inference_serve_exact"
    static let sparseExact = "__inference_serve_sparse_exact"
    static let signature = "__inference_signature_wrapper_serving_default"
  }

  private var hasOwnTypes: Bool {
    denseProgram.arguments(.exact) != denseProgram.arguments(.dense)
  }

  private var bytes: [UInt8] {
    var functions = [
      FunctionDefinition(Name.sparse, program, .sparse),
      FunctionDefinition(Name.exact, denseProgram, .exact),
    ]
    if hasOwnTypes {
      functions.append(FunctionDefinition(Name.dense, denseProgram, .dense))
      functions.append(FunctionDefinition(Name.sparseExact, program, .sparseExact))
    }
    functions.append(signatureFunction(calling: functions[1]))
    var objects = ObjectGraph()
    addCallables(to: &objects)
    for table in tables { functions += tableFunctions(table, &objects) }
    var graph = GraphBody(isFunction: false)
    let signature = addTopLevel(to: &graph)
    var writer = ByteWriter()
    writer.append(field: 1, varint: UInt64(1))
    writer.append(field: 2) { meta in
      meta.append(field: 1) { info in
        info.append(field: 4, string: "serve")
        info.append(field: 5, string: "2.15.0")
      }
      meta.append(field: 2) { Self.write(graph, functions, to: &$0) }
      meta.append(
        map: 5, ["serving_default": signature, "__saved_model_init_op": Self.initializer]
      ) { $1.write(to: &$0) }
      for table in tables where table.asset != nil {
        meta.append(field: 6) { asset in
          asset.append(field: 1) { $0.append(field: 1, string: "asset_\(table.index):0") }
          asset.append(field: 2, string: table.vocabulary.asset ?? "")
        }
      }
      meta.append(field: 7) { objects.write(to: &$0) }
    }
    return writer.bytes
  }

  private static func write(
    _ graph: GraphBody, _ functions: [FunctionDefinition], to writer: inout ByteWriter
  ) {
    for node in graph.nodes { writer.append(field: 1) { node.write(to: &$0) } }
    writer.append(field: 2) { library in
      for function in functions { library.append(field: 1) { function.write(to: &$0) } }
    }
    writer.append(field: 4) { versions in
      versions.append(field: 1, varint: UInt64(1645))
      versions.append(field: 2, varint: UInt64(12))
    }
  }

  /// `signatures["serving_default"]`: the exact function, results flattened.
  private func signatureFunction(calling callee: FunctionDefinition) -> FunctionDefinition {
    // A signature has its arguments and results by name, the function those of a sparse tensor
    // side by side.
    let given = Self.unordered(denseProgram.arguments(.exact)).map(\.name)
    let arguments = Dictionary(uniqueKeysWithValues: zip(given, callee.arguments))
    let sorted = Self.flattened(denseProgram.arguments(.exact)).compactMap { arguments[$0.name] }
    let captures = callee.arguments.dropFirst(given.count)
    var function = FunctionDefinition(Name.signature, sorted + captures)
    let types = callee.results.map(\.value.type)
    let call = function.body.add(
      "StatefulPartitionedCall", callee.arguments.map(\.reference),
      [
        "Tin": .types(callee.arguments.map(\.type)), "Tout": .types(types),
        "f": .function(callee.name), "config": .text(""), "config_proto": .text(""),
        "executor_type": .text(""),
      ])
    let results = Self.unordered(denseProgram.results).map(\.name)
    let places = Dictionary(uniqueKeysWithValues: zip(results, types.indices))
    for (index, result) in Self.flattened(denseProgram.results).enumerated() {
      let place = places[result.name] ?? 0
      let value = TensorReference(
        node: call, output: "output", index: place, listIndex: place, type: result.type)
      function.results.append(("result_\(index)", value))
    }
    return function
  }

  private func addCallables(to objects: inout ObjectGraph) {
    let spec = StructuredValue.fullArgSpec(positional: ["inputs"])
    let keywords = program.arguments(.sparse).flatMap { tensors in
      tensors.parts.map { tensors.name + $0.suffix }
    }
    _ = objects.add(
      .concrete(Name.sparse, keywords: keywords, spec: spec), named: "transform_fn")
    let traces =
      [Name.sparse, Name.exact] + (hasOwnTypes ? [Name.dense, Name.sparseExact] : [])
    _ = objects.add(.function(traces, parameters: ["inputs"]), named: "serve")
    let signatures = objects.add(.userObject("signature_map"), named: "signatures")
    let flat = Self.flattened(denseProgram.arguments(.exact))
    let names = flat.map(\.name)
    _ = objects.add(
      .concrete(Name.signature, keywords: names, spec: .fullArgSpec(keywords: names)),
      named: "serving_default", below: signatures)
    // The tables follow: their nodes are what the functions capture.
    let captures = tables.map { _ in 0 }
    func add(_ name: String, _ program: TensorProgram, _ convention: Convention) {
      let arguments = program.arguments(convention)
      objects.functions[name] = .init(
        captures: captures,
        input: .tuple([.tuple([Self.dictionary(arguments)]), .dictionary([:])]),
        output: Self.dictionary(program.results))
    }
    add(Name.sparse, program, .sparse)
    add(Name.exact, denseProgram, .exact)
    if hasOwnTypes {
      add(Name.dense, denseProgram, .dense)
      add(Name.sparseExact, program, .sparseExact)
    }
    objects.functions[Name.signature] = .init(
      captures: captures, input: .tuple([.tuple([]), Self.dictionary(flat)]),
      output: Self.dictionary(Self.flattened(denseProgram.results)))
  }

  private static func dictionary(_ tensors: [NamedTensors]) -> StructuredValue {
    .dictionary(
      Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, StructuredValue($0)) }))
  }

  /// Sparse tensors as three dense ones, in the order that a signature has them: by name.
  private static func flattened(_ tensors: [NamedTensors]) -> [NamedTensors] {
    unordered(tensors).sortedByName()
  }

  /// The same in the order of the arguments of a function.
  private static func unordered(_ tensors: [NamedTensors]) -> [NamedTensors] {
    tensors.flatMap { tensors in
      tensors.parts.map {
        NamedTensors(name: tensors.name + $0.suffix, type: $0.type, denseShape: $0.shape)
      }
    }
  }

  /// The functions that make and fill a table, and its place among the objects.
  private func tableFunctions(
    _ table: VocabularyTable, _ objects: inout ObjectGraph
  ) -> [FunctionDefinition] {
    let node = objects.add(.resource, named: "table_\(table.index)")
    for name in [Name.sparse, Name.sparseExact, Name.exact, Name.dense, Name.signature] {
      objects.functions[name]?.captures[table.index] = node
    }
    var create = FunctionDefinition("__inference__creator_\(table.index)", [])
    create.results = [("table_handle", table.addHandle(to: &create.body))]
    let handle = FunctionDefinition.Argument(name: "table_handle", type: .resource, shape: [])
    let file = FunctionDefinition.Argument(name: "file", type: .string, shape: [])
    var fill = FunctionDefinition(
      "__inference__initializer_\(table.index)", (table.asset == nil ? [] : [file]) + [handle])
    let done = table.addInitializer(
      to: &fill.body, handle.reference, file: table.asset == nil ? nil : file.reference)
    fill.results = [("done", fill.body.done(after: done))]
    var captures = [node]
    if let asset = table.asset {
      captures.insert(objects.add(.asset(asset), named: "asset", below: node), at: 0)
    }
    for (function, name, captures) in [
      (create, "_create_resource", []), (fill, "_initialize", captures),
    ] {
      _ = objects.add(.function([function.name], parameters: []), named: name, below: node)
      objects.functions[function.name] = .init(
        captures: captures, input: .tuple([.tuple([]), .dictionary([:])]),
        output: .tensor(
          "result", shape: [], function.results[0].value.type))
    }
    return [create, fill]
  }

  // MARK: The graph itself, for loaders without Python

  private func addTopLevel(to graph: inout GraphBody) -> Signature {
    var handles: [TensorReference] = []
    var fills: [String] = []
    for table in tables {
      let handle = table.addHandle(to: &graph, name: "table_\(table.index)")
      var file: TensorReference?
      if let asset = table.vocabulary.asset {
        let path = TFTensor.string(Array("assets/\(asset)".utf8))
        let node = graph.add(
          "Const", [], ["dtype": .type(.string), "value": .tensor(path)],
          name: "asset_\(table.index)")
        file = TensorReference(node: node, output: "output", type: .string)
      }
      fills.append(table.addInitializer(to: &graph, handle, file: file))
      handles.append(handle)
    }
    _ = graph.add("NoOp", name: "init_all_tables", after: fills)
    let arguments = Self.unordered(denseProgram.arguments(.exact))
    var inputs: [TensorReference] = []
    for (index, argument) in arguments.enumerated() {
      let node = graph.add(
        "Placeholder", [],
        ["dtype": .type(argument.type), "shape": .shape(TFShape(argument.denseShape))],
        name: "serving_default_\(index)")
      inputs.append(TensorReference(node: node, output: "output", type: argument.type))
    }
    let results = graph.print(denseProgram, .exact, arguments: inputs, tables: handles)
    func infos(
      _ tensors: [NamedTensors], _ references: [TensorReference]
    ) -> [String: Signature.Tensor] {
      var infos: [String: Signature.Tensor] = [:]
      for (tensor, reference) in zip(tensors, references) {
        infos[tensor.name] = .init(
          name: "\(reference.node):\(reference.index)", type: reference.type,
          shape: tensor.denseShape)
      }
      return infos
    }
    return Signature(
      inputs: infos(arguments, inputs),
      outputs: infos(Self.unordered(denseProgram.results), results.map(\.value)),
      method: "tensorflow/serving/predict")
  }

  private static let initializer = Signature(
    inputs: [:], outputs: ["__saved_model_init_op": .init(name: "init_all_tables")], method: "")
}

/// `tensorflow.SignatureDef`.
private struct Signature {
  struct Tensor {
    var name: String
    var type: TFType?
    /// `nil` for an unknown rank.
    var shape: [Int64]?
  }

  var inputs: [String: Tensor]
  var outputs: [String: Tensor]
  var method: String

  func write(to writer: inout ByteWriter) {
    for (field, tensors) in [(1, inputs), (2, outputs)] {
      writer.append(map: field, tensors) { writer, tensor in
        writer.append(field: 1, string: tensor.name)
        if let type = tensor.type { writer.append(field: 2, varint: type.rawValue) }
        writer.append(field: 3) { TFShape(tensor.shape).write(to: &$0) }
      }
    }
    if !method.isEmpty { writer.append(field: 3, string: method) }
  }
}

extension GraphBody {
  /// A number that is there once `node` has run: what an initializer gives back.
  fileprivate mutating func done(after node: String) -> TensorReference {
    let one = add(
      "Const", [], ["dtype": .type(.int32), "value": .tensor(.int32(1))], after: [node])
    return TensorReference(node: one, output: "output", type: .int32)
  }
}
