import ModelRuntime
import ONNXExport
import Snapshots
import TensorFlowExport
import TensorPrograms
import Transform

/// A foreign format that transform versions are published in.
enum ExportFormat: String, CaseIterable {
  case savedModel = "saved_model"
  case onnx
}

/// The files of a transform version: the native graph, and what the job exports beside it.
struct TransformFiles {
  let formats: [ExportFormat]

  /// What is published of `version`.
  ///
  /// A format that cannot hold it says why in the manifest.
  func payload(_ version: TransformVersion) -> Payload {
    var payload = Payload(
      files: ["graph.json": version.graphJSON()],
      approximations: version.approximations.map { "\($0.formula): \($0.bound)" })
    for format in formats {
      do throws(UnsupportedExport) {
        payload.exports[format.rawValue] = try add(format, version, to: &payload)
      } catch {
        payload.exports[format.rawValue] = "unsupported: \(error)"
      }
    }
    // A SavedModel brings the vocabularies along.
    if payload.serving.isEmpty {
      for (name, bytes) in version.assets { payload.files["assets/" + name] = bytes }
    }
    return payload
  }

  /// - Returns: What the manifest says of it.
  private func add(
    _ format: ExportFormat, _ version: TransformVersion, to payload: inout Payload
  ) throws(UnsupportedExport) -> String {
    switch format {
    case .savedModel:
      let output = try TransformOutput(version)
      payload.files.merge(output.files) { $1 }
      payload.serving = output.model
    case .onnx:
      let model = try ONNXModel(version)
      payload.files["model.onnx"] = model.bytes
      if model.usesOperators {
        return "published with custom ops: of domain \(ONNXModel.operatorDomain), in "
          + OperatorLibrary.fileName
      }
    }
    return "published"
  }
}
