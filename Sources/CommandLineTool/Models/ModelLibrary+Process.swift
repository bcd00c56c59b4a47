import Expressions
import Foundation
import ModelRuntime

/// Where a job file says the libraries are that run models: the block `runtimes`.
struct RuntimePlaces {
  var python: String?
  var onnxRuntime: String?
  var tensorFlow: String?
}

extension ModelLibrary {
  /// The models of this process; relative paths begin at `directory`, empty for the current one.
  convenience init(directory: String, places: RuntimePlaces = RuntimePlaces()) {
    let environment = ProcessInfo.processInfo.environment
    var paths: [String: String] = [:]
    paths[RuntimeLibrary.onnxRuntime.variable] = places.onnxRuntime
    paths[RuntimeLibrary.tensorFlow.variable] = places.tensorFlow
    self.init(
      search: LibrarySearch(paths: paths, python: places.python, environment: environment),
      directory: directory, operators: .beside(environment))
  }
}

extension OperatorLibrary {
  /// That beside the executable.
  static func beside(_ environment: [String: String]) -> OperatorLibrary {
    let executable =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return OperatorLibrary(
      environment: environment, home: (executable as NSString).deletingLastPathComponent)
  }
}

extension RowModel {
  /// For people: what it takes and gives.
  var text: String {
    let given = inputs.map { $0.text + ($0.isOptional ? " (optional)" : "") }
    return "\(reference.function.rawValue) \(reference.path)"
      + (reference.signature.map { ", signature \($0)" } ?? "")
      + ": (\(given.joined(separator: ", "))) → (\(outputs.map(\.text).joined(separator: ", ")))"
      + "; sha256 \(reference.digest.prefix(16))…"
  }
}
