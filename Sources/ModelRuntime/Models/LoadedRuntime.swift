import CModelRuntime

/// A library that was found and loaded.
@safe struct LoadedRuntime {
  let path: String
  let handle: OpaquePointer

  /// The first of `candidates` that `load` can load; what it says of the others goes to `absent`.
  static func first(
    of candidates: [String],
    _ load: (UnsafePointer<CChar>?, UnsafeMutablePointer<model_message>?) -> OpaquePointer?,
    orElse absent: (String) -> ModelRuntimeError
  ) throws(ModelRuntimeError) -> LoadedRuntime {
    var message = model_message()
    var reasons: [String] = []
    for path in candidates {
      if let handle = unsafe load(path, &message) {
        return unsafe LoadedRuntime(path: path, handle: handle)
      }
      reasons.append(message.string)
    }
    throw absent(reasons.joined(separator: "; "))
  }
}
