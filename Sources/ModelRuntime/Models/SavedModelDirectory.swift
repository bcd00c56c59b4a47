import ByteCoding
import CModelRuntime
import Expressions

/// TensorFlow, loaded.
@safe final class TensorFlowRuntime: @unchecked Sendable {
  // Sound: nothing is changed after `init`; sessions are opened under the lock of the library.
  let path: String
  private let runtime: OpaquePointer

  /// Loads the first of `candidates` that can be.
  init(
    _ candidates: [String], orElse absent: (String) -> ModelRuntimeError
  ) throws(ModelRuntimeError) {
    let found = try unsafe LoadedRuntime.first(of: candidates, tensorflow_load, orElse: absent)
    path = found.path
    unsafe runtime = found.handle
  }

  var version: String { unsafe String(cString: tensorflow_version(runtime)) }

  /// `ConfigProto`: one thread within an operator, the caller's across, no accelerator; the answer
  /// must not hang on the machine, and the workers are threads enough.
  private static let configuration: [UInt8] = {
    var writer = ByteWriter()
    writer.append(field: 1) { device in
      device.append(field: 1, string: "GPU")
      device.append(field: 2, varint: UInt64(0))
    }
    writer.append(field: 2, varint: UInt64(1))
    writer.append(field: 5, varint: Int64(-1))
    return writer.bytes
  }()

  /// Opens one signature of the SavedModel at `path`.
  func open(
    _ path: String, _ reference: ModelReference
  ) throws(ModelRuntimeError) -> ModelSession {
    var message = model_message()
    let opened = unsafe tensorflow_session_open(
      runtime, path, "serve", Self.configuration, Self.configuration.count, &message)
    guard let session = unsafe opened else {
      throw ModelRuntimeError("TensorFlow \(version) cannot open \(path): \(message.string)")
    }
    do {
      let signature = try unsafe Self.signature(session, reference)
      for (tensors, isOutput) in [(signature.inputs, false), (signature.outputs, true)] {
        for tensor in tensors {
          try unsafe Self.add(tensor, isOutput, session)
        }
      }
      return try unsafe ModelSession(
        session, reference, inputs: signature.inputs.map(\.tensor),
        outputs: signature.outputs.map(\.tensor))
    } catch {
      unsafe model_session_close(session)
      throw error
    }
  }

  private static func signature(
    _ session: OpaquePointer, _ reference: ModelReference
  ) throws(ModelRuntimeError) -> SavedModelSignature {
    var size = 0
    guard let start = unsafe tensorflow_session_graph(session, &size) else {
      throw ModelRuntimeError("has no MetaGraphDef")
    }
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: size))
    let signatures = SavedModelSignature.all(inMetaGraph: bytes)
    let name = reference.signature ?? "serving_default"
    guard let signature = signatures[name] else {
      let names = signatures.keys.sorted()
      let hint = NearestName.of(name, among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw ModelRuntimeError(
        "there is no signature '\(name)'; it has "
          + (names.isEmpty ? "none" : names.joined(separator: ", ")) + hint)
    }
    return signature
  }

  private static func add(
    _ tensor: SavedModelSignature.Tensor, _ isOutput: Bool, _ session: OpaquePointer
  ) throws(ModelRuntimeError) {
    var message = model_message()
    let added = unsafe tensorflow_session_add(
      session, isOutput, tensor.operation, tensor.index, &message)
    guard added else { throw ModelRuntimeError(message.string) }
  }
}

/// `SignatureDef`: which tensors of a graph are the inputs and outputs of a function.
struct SavedModelSignature {
  struct Tensor {
    var tensor: ModelTensor
    var operation: String
    var index: Int32
  }

  /// By name, as Python lists them.
  var inputs: [Tensor] = []
  var outputs: [Tensor] = []

  /// The signatures of a `MetaGraphDef`, by name.
  static func all(inMetaGraph bytes: [UInt8]) -> [String: SavedModelSignature] {
    var signatures: [String: SavedModelSignature] = [:]
    for entry in Message(bytes[...]).messages(5) {
      guard let name = entry.text(1), let definition = entry.messages(2).first,
        // What restores variables and tables is none of the user's.
        name != "__saved_model_init_op", name != "__saved_model_train_op"
      else { continue }
      signatures[name] = SavedModelSignature(
        inputs: tensors(definition.messages(1)), outputs: tensors(definition.messages(2)))
    }
    return signatures
  }

  private static func tensors(_ entries: [Message]) -> [Tensor] {
    entries.compactMap { entry -> Tensor? in
      guard let name = entry.text(1), let info = entry.messages(2).first else { return nil }
      // `operation:index`; nothing of that for sparse and composite tensors.
      let parts = (info.text(1) ?? "").split(separator: ":")
      let isDense = parts.count == 2
      let type = isDense ? element(info.number(2) ?? 0) : .other("a composite tensor")
      return Tensor(
        tensor: ModelTensor(name: name, element: type, shape: shape(info.messages(3).first)),
        operation: parts.first.map(String.init) ?? "",
        index: isDense ? Int32(parts[1]) ?? 0 : 0)
    }.filter { !$0.operation.isEmpty }.sorted { $0.tensor.name < $1.tensor.name }
  }

  private static func shape(_ message: Message?) -> [Int?]? {
    guard let message, message.number(3) != 1 else { return nil }
    return message.messages(2).map { dimension in
      let size = Int64(bitPattern: dimension.number(1) ?? 0)
      return size < 0 ? nil : Int(size)
    }
  }

  /// As `types.proto` numbers them.
  private static func element(_ code: UInt64) -> ModelTensor.Element {
    switch code {
    case 1: return .float32
    case 2: return .float64
    case 3: return .int32
    case 7: return .string
    case 9: return .int64
    case 10: return .bool
    default:
      let names: [UInt64: String] = [
        4: "uint8", 5: "int16", 6: "int8", 8: "complex64", 14: "bfloat16", 17: "uint16",
        18: "complex128", 19: "float16", 20: "resource", 21: "variant", 22: "uint32", 23: "uint64",
      ]
      return .other(names[code] ?? "type \(code)")
    }
  }
}

/// The fields of a protocol-buffer message.
private struct Message {
  private var fields: [WireField] = []

  init(_ bytes: ArraySlice<UInt8>) {
    var reader = ByteReader(bytes)
    while let field = try? reader.readField() { fields.append(field) }
  }

  func messages(_ number: Int) -> [Message] {
    fields.compactMap { field in
      guard field.number == number, case .bytes(let bytes) = field.value else { return nil }
      return Message(bytes)
    }
  }

  func text(_ number: Int) -> String? {
    for field in fields where field.number == number {
      if case .bytes(let bytes) = field.value { return String(decoding: bytes, as: UTF8.self) }
    }
    return nil
  }

  func number(_ number: Int) -> UInt64? {
    for field in fields where field.number == number {
      if case .varint(let value) = field.value { return value }
    }
    return nil
  }
}
