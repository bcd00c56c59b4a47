import Formats
public import TensorPrograms
public import Transform

/// The directory that `tft.TFTransformOutput` reads, and the one TensorFlow Serving loads.
///
/// | file | content |
/// |---|---|
/// | `transform_fn/` | the SavedModel: `saved_model.pb`, `assets/`, `variables/` |
/// | `transformed_metadata/schema.pbtxt` | types, shapes and integer domains of the outputs |
/// | `transformed_metadata/asset_map` | file by name of vocabulary |
/// | `metadata/schema.pbtxt` | the raw features |
public struct TransformOutput: Sendable {
  /// The SavedModel by itself, as `serving/<version>/` holds it.
  public let model: [String: [UInt8]]
  /// All of the layout, by relative path.
  public let files: [String: [UInt8]]

  /// - Throws: `UnsupportedExport` with the output and why it cannot be written.
  public init(_ version: TransformVersion) throws(UnsupportedExport) {
    let saved = try SavedModel(version)
    var model = saved.files
    for (name, bytes) in version.assets { model["assets/" + name] = bytes }
    self.model = model
    var files: [String: [UInt8]] = [:]
    for (path, bytes) in model { files["transform_fn/" + path] = bytes }
    let program = saved.sparseProgram
    files["transformed_metadata/schema.pbtxt"] = Array(
      SchemaText(transformed: program).text.utf8)
    files["metadata/schema.pbtxt"] = Array(SchemaText(raw: program).text.utf8)
    files["transformed_metadata/asset_map"] = Self.assetMap(
      version.constants.compactMap(\.asset))
    self.files = files
  }

  private static func assetMap(_ assets: [VocabularyAsset]) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    for asset in assets {
      writer.key(asset.name)
      writer.value(asset.fileName)
    }
    writer.endObject()
    return writer.bytes
  }
}
