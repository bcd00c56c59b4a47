import FileIO

/// The library of the project's own ONNX operators, which ONNX Runtime loads for models that use them.
public struct OperatorLibrary: Sendable {
  /// The domain of the operators.
  public static let domain = "limnograph"
  public static let fileName = "libLimnographOperators.so"
  public static let variable = "LIMNO_ONNX_OPERATORS"

  private let given: String?
  /// The directory of the executable.
  private let home: String

  /// - Parameters:
  ///   - environment: The variables of the process.
  ///   - home: The directory of the executable.
  public init(environment: [String: String], home: String) {
    given = environment[Self.variable]
    self.home = home
  }

  /// Where it may be, most wanted first.
  private var candidates: [String] {
    if let given, !given.isEmpty { return [given] }
    return ["\(home)/\(Self.fileName)", "\(home)/../lib/\(Self.fileName)"]
  }

  /// Where it is; `nil` if it is not there.
  public var path: String? {
    candidates.first { ((try? FileSystem.kind(of: $0)) ?? nil) == .file }
  }

  /// Where it is not, for messages.
  public var places: String { candidates.joined(separator: ", ") }

  /// Where it is, for an ONNX model that needs it.
  ///
  /// - Parameters:
  ///   - bytes: The model.
  ///   - model: What the model is called.
  /// - Returns: `nil` if the model does not need it.
  /// - Throws: ``ModelRuntimeError`` if it is not there.
  public func path(
    neededBy bytes: [UInt8], named model: String
  ) throws(ModelRuntimeError) -> String? {
    guard ONNXRuntime.domains(bytes).contains(Self.domain) else { return nil }
    if let path { return path }
    throw ModelRuntimeError(
      "\(model) uses operators of the domain '\(Self.domain)', and \(Self.fileName) is not there: "
        + "looked for \(places); ops/build.sh builds it beside limno, and \(Self.variable) says "
        + "where it is")
  }
}
