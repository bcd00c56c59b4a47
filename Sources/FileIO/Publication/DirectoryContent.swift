/// A directory to be published: its path and all that it holds.
public struct DirectoryContent: Hashable, Sendable {
  /// Where it will appear.
  public let path: String
  /// Bytes by name; a name may hold `/`, and one that ends in `/` is an empty directory.
  public let files: [String: [UInt8]]

  public init(path: String, files: [String: [UInt8]]) {
    self.path = path
    self.files = files
  }

  /// The names in order of their bytes.
  public var names: [String] { files.keys.sorted(by: FileSystem.isOrdered) }

  /// What `path` holds now.
  public static func read(_ path: String) throws(FileIOError) -> DirectoryContent {
    var files: [String: [UInt8]] = [:]
    try collect(path, prefix: "", into: &files)
    return DirectoryContent(path: path, files: files)
  }

  /// How this differs from `other`, or `nil`.
  func difference(from other: DirectoryContent) -> String? {
    for name in names {
      guard let bytes = other.files[name] else { return "\(name) is not in it" }
      if bytes != files[name] { return "\(name) has other content" }
    }
    return other.names.first { files[$0] == nil }.map { "it also holds \($0)" }
  }

  /// Fails on names that would lead outside the directory.
  func checkNames() throws(FileIOError) {
    for name in files.keys {
      let parts = name.split(separator: "/", omittingEmptySubsequences: false)
      let named = name.hasSuffix("/") ? parts.dropLast() : parts[...]
      let isSound = !named.isEmpty && named.allSatisfy { !["", ".", ".."].contains($0) }
      guard isSound, !(name.hasSuffix("/") && files[name]?.isEmpty == false) else {
        throw FileIOError(.other, path: path, cause: "'\(name)' is no name for a file in it")
      }
    }
  }

  private static func collect(
    _ directory: String, prefix: String, into files: inout [String: [UInt8]]
  ) throws(FileIOError) {
    let names = try FileSystem.names(in: directory)
    if names.isEmpty && !prefix.isEmpty { files[prefix] = [] }
    for name in names {
      let path = FileSystem.joined(directory, name)
      if try FileSystem.kind(of: path) == .directory {
        try collect(path, prefix: prefix + name + "/", into: &files)
      } else {
        files[prefix + name] = try FileSystem.contents(of: path)
      }
    }
  }
}
