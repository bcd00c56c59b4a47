import FileIO

/// The SHA-256 of a model's files, hexadecimal.
enum ModelDigest {
  static func file(_ bytes: [UInt8]) -> String { ContentDigest.hex(bytes) }

  /// Of all files below `directory`, as the payload of a snapshot has one.
  static func directory(_ directory: String) throws -> String {
    var files: [String: String] = [:]
    try collect(directory, below: "", &files)
    return ContentDigest.hex(ofFiles: files)
  }

  private static func collect(
    _ directory: String, below prefix: String, _ files: inout [String: String]
  ) throws {
    for name in try FileSystem.names(in: directory) {
      let path = directory + "/" + name
      if try FileSystem.kind(of: path) == .directory {
        try collect(path, below: prefix + name + "/", &files)
      } else {
        files[prefix + name] = file(try FileSystem.contents(of: path))
      }
    }
  }
}
