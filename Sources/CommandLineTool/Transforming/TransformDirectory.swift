import Expressions
import FileIO
import ModelRuntime
import Transform

/// A published transform version, read from its directory.
enum TransformDirectory {
  /// Reads `graph.json` and the vocabularies beside it; models come from `models`.
  static func version(at directory: String, models: ModelLibrary) throws -> TransformVersion {
    let graph = directory + "/graph.json"
    guard try FileSystem.kind(of: graph) == .file else {
      throw MissingGraph(directory: directory)
    }
    var assets: [String: [UInt8]] = [:]
    for folder in [directory + "/assets", directory + "/transform_fn/assets"]
    where try FileSystem.kind(of: folder) == .directory {
      for name in try FileSystem.names(in: folder) {
        let path = folder + "/" + name
        if try FileSystem.kind(of: path) == .file {
          assets[name] = try FileSystem.contents(of: path)
        }
      }
    }
    return try TransformVersion(
      graphJSON: try FileSystem.contents(of: graph), assets: assets
    ) { request throws(ModelFailure) in
      try models.open(request)
    }
  }
}

private struct MissingGraph: Error, CustomStringConvertible {
  let directory: String

  var description: String {
    "\(directory): no graph.json there; give the directory of one version, such as "
      + "out/transform/1"
  }
}
