import ByteCoding
import CModelRuntime
import Expressions

/// ONNX Runtime, loaded.
@safe final class ONNXRuntime: @unchecked Sendable {
  // Sound: nothing is changed after `init`; sessions are opened under the lock of the library.
  let path: String
  private let runtime: OpaquePointer

  /// Loads the first of `candidates` that can be.
  init(
    _ candidates: [String], orElse absent: (String) -> ModelRuntimeError
  ) throws(ModelRuntimeError) {
    let found = try unsafe LoadedRuntime.first(of: candidates, onnx_runtime_load, orElse: absent)
    path = found.path
    unsafe runtime = found.handle
  }

  var version: String { unsafe String(cString: onnx_runtime_version(runtime)) }

  /// Opens the model at `path`, with the library of the project's operators if it needs that.
  func open(
    _ path: String, _ reference: ModelReference, operators: String?
  ) throws(ModelRuntimeError) -> ModelSession {
    var message = model_message()
    let opened =
      if let operators {
        unsafe onnx_session_open(runtime, path, operators, &message)
      } else {
        unsafe onnx_session_open(runtime, path, nil, &message)
      }
    guard let session = unsafe opened else {
      throw ModelRuntimeError("ONNX Runtime \(version) cannot open \(path): \(message.string)")
    }
    return try unsafe ModelSession(
      session, reference,
      inputs: unsafe Self.tensors(session, ONNX_INPUTS)
        + Self.tensors(session, ONNX_OPTIONAL_INPUTS, isOptional: true),
      outputs: unsafe Self.tensors(session, ONNX_OUTPUTS))
  }

  private static func tensors(
    _ session: OpaquePointer, _ part: onnx_part, isOptional: Bool = false
  ) -> [ModelTensor] {
    let count = unsafe onnx_session_count(session, part)
    return (0..<count).map { index in
      let tensor = unsafe onnx_session_tensor(session, part, index)
      return unsafe ModelTensor(
        name: String(cString: tensor.name),
        element: .init(tensor.element, code: tensor.type_code, names: name(ofType:)),
        shape: tensor.knownShape, isOptional: isOptional)
    }
  }

  /// As ONNX calls it.
  private static func name(ofType code: Int32) -> String {
    let names = [
      -1: "no tensor (a sequence or map; scikit-learn models: export with zipmap=False)",
      2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 10: "float16", 12: "uint32", 13: "uint64",
      14: "complex64", 15: "complex128", 16: "bfloat16",
    ]
    return names[Int(code)] ?? "type \(code)"
  }

  /// The domains whose operators the model at `bytes` uses.
  static func domains(_ bytes: [UInt8]) -> Set<String> {
    var domains: Set<String> = []
    var reader = ByteReader(bytes)
    // ModelProto.opset_import = 8, OperatorSetIdProto.domain = 1.
    while let field = try? reader.readField() {
      guard field.number == 8, case .bytes(let set) = field.value else { continue }
      var inner = ByteReader(set)
      while let part = try? inner.readField() {
        if part.number == 1, case .bytes(let name) = part.value {
          domains.insert(String(decoding: name, as: UTF8.self))
        }
      }
    }
    return domains
  }
}

extension model_tensor {
  /// `nil` if nothing is known of the shape.
  var knownShape: [Int?]? {
    guard unsafe rank >= 0 else { return nil }
    return unsafe withUnsafeBytes(of: shape) { bytes in
      (0..<Int(unsafe rank)).map { index in
        let size = unsafe bytes.load(fromByteOffset: index * 8, as: Int64.self)
        return size < 0 ? nil : Int(size)
      }
    }
  }
}
