public import Expressions
import FileIO
import Synchronization

/// Opens the models that formulas name, each once.
///
/// ONNX Runtime and TensorFlow are loaded when the first model of theirs is opened, and stay loaded.
public final class ModelLibrary: Sendable {
  private struct State {
    var onnxRuntime: ONNXRuntime?
    var tensorFlow: TensorFlowRuntime?
    var models: [ModelRequest: ModelSession] = [:]
  }

  private let search: LibrarySearch
  /// Relative paths of models begin here.
  private let directory: String
  private let operators: OperatorLibrary
  private let state = Mutex(State())

  /// - Parameters:
  ///   - search: Where the libraries are looked for.
  ///   - directory: Relative paths of models begin here; empty for the current directory.
  ///   - operators: Where the library of the project's own ONNX operators is.
  public init(search: LibrarySearch, directory: String, operators: OperatorLibrary) {
    self.search = search
    self.directory = directory
    self.operators = operators
  }

  /// The model that `request` names; the same one for equal requests.
  ///
  /// - Throws: `ModelFailure` that says what was looked for, where, and how to install it, or why the
  ///   model cannot be opened.
  public func open(_ request: ModelRequest) throws(ModelFailure) -> any RowModel {
    do {
      return try state.withLock { state in try open(request, &state) }
    } catch {
      throw ModelFailure("\(error)")
    }
  }

  /// The models opened so far, by path.
  public var models: [any RowModel] {
    state.withLock { Array($0.models.values) }.sorted {
      ($0.reference.path, $0.reference.signature ?? "")
        < ($1.reference.path, $1.reference.signature ?? "")
    }
  }

  private func open(_ request: ModelRequest, _ state: inout State) throws -> ModelSession {
    if let known = state.models[request] { return known }
    let path =
      directory.isEmpty || request.path.hasPrefix("/")
      ? request.path : "\(directory)/\(request.path)"
    let model: ModelSession
    switch request.function {
    case .onnx:
      let bytes = try Self.file(path)
      let reference = ModelReference(
        function: .onnx, path: request.path, signature: nil, digest: ModelDigest.file(bytes))
      let library = try operators.path(neededBy: bytes, named: request.path)
      model = try onnxRuntime(&state).open(path, reference, operators: library)
    case .savedModel:
      guard try FileSystem.kind(of: path + "/saved_model.pb") == .file else {
        throw ModelRuntimeError("there is no SavedModel in \(path): no saved_model.pb")
      }
      let reference = ModelReference(
        function: .savedModel, path: request.path, signature: request.signature,
        digest: try ModelDigest.directory(path))
      model = try tensorFlow(&state).open(path, reference)
    }
    state.models[request] = model
    return model
  }

  private static func file(_ path: String) throws -> [UInt8] {
    guard try FileSystem.kind(of: path) == .file else {
      throw ModelRuntimeError("there is no file \(path)")
    }
    return try FileSystem.contents(of: path)
  }

  private func onnxRuntime(_ state: inout State) throws(ModelRuntimeError) -> ONNXRuntime {
    if let loaded = state.onnxRuntime { return loaded }
    let loaded = try ONNXRuntime(search.candidates(for: .onnxRuntime)) {
      absent(.onnxRuntime, $0)
    }
    state.onnxRuntime = loaded
    return loaded
  }

  private func tensorFlow(_ state: inout State) throws(ModelRuntimeError) -> TensorFlowRuntime {
    if let loaded = state.tensorFlow { return loaded }
    let loaded = try TensorFlowRuntime(search.candidates(for: .tensorFlow)) {
      absent(.tensorFlow, $0)
    }
    state.tensorFlow = loaded
    return loaded
  }

  private func absent(_ library: RuntimeLibrary, _ reasons: String) -> ModelRuntimeError {
    ModelRuntimeError(
      "\(library.name) is not there: \(search.places(for: library)) (\(reasons)). Install it with "
        + "'\(library.installation)' and say where: --python PYTHON, LIMNO_PYTHON, or "
        + "\(library.variable) for the library itself")
  }
}

extension ModelLibrary {
  /// A library that models need, and whether it is there.
  public struct Status: Sendable {
    public var library: RuntimeLibrary
    /// `nil` if it is not there.
    public var version: String?
    /// Where it is, or why it is not there.
    public var place: String
  }

  /// Which of the libraries are there; loads them.
  public func statuses() -> [Status] {
    state.withLock { state in
      [
        status(.onnxRuntime) { () throws(ModelRuntimeError) in
          let loaded = try onnxRuntime(&state)
          return (loaded.version, loaded.path)
        },
        status(.tensorFlow) { () throws(ModelRuntimeError) in
          let loaded = try tensorFlow(&state)
          return (loaded.version, loaded.path)
        },
      ]
    }
  }

  private func status(
    _ library: RuntimeLibrary,
    _ load: () throws(ModelRuntimeError) -> (version: String, path: String)
  ) -> Status {
    do {
      let (version, path) = try load()
      return Status(library: library, version: version, place: path)
    } catch {
      return Status(library: library, version: nil, place: error.description)
    }
  }
}
