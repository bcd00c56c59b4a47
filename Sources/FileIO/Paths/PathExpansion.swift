/// Turns paths, directories and patterns into the list of files they mean.
public enum PathExpansion {
  /// The files that `patterns` mean, each once, in order of their bytes.
  ///
  /// A path that exists means itself, else it is a pattern: `*`, `?`, `[…]` within a component,
  /// `**` for any number of directories (links to directories are not entered). A directory,
  /// named or matched, means the files directly in it. Hidden names match only a pattern with the
  /// dot. The path as expanded is the name of the split.
  /// - Throws: ``FileIOError`` naming the first pattern that means no file.
  public static func files(matching patterns: [String]) throws(FileIOError) -> [String] {
    var all: Set<String> = []
    for pattern in patterns {
      let found = try files(matching: pattern)
      guard !found.isEmpty else {
        throw FileIOError(
          .notFound, path: pattern, cause: "no file matches",
          remedy: "check the path; a directory must hold at least one file")
      }
      all.formUnion(found)
    }
    return all.sorted(by: FileSystem.isOrdered)
  }

  /// The files that one pattern means, possibly none, in no order.
  static func files(matching pattern: String) throws(FileIOError) -> Set<String> {
    var found: Set<String> = []
    if try FileSystem.kind(of: pattern) != nil {
      try add(pattern, to: &found)
      return found
    }
    let components = pattern.split(separator: "/")
    try expand(pattern.hasPrefix("/") ? "/" : "", components[...], into: &found)
    return found
  }

  private static func expand(
    _ base: String, _ components: ArraySlice<Substring>, into found: inout Set<String>
  ) throws(FileIOError) {
    guard let first = components.first else { return try add(base, to: &found) }
    let rest = components.dropFirst()
    if first == "**" {
      try expand(base, rest, into: &found)
      for name in try names(in: base) where !name.hasPrefix(".") {
        let path = joined(base, name)
        if FileSystem.isRealDirectory(path) { try expand(path, components, into: &found) }
      }
      return
    }
    let glob = GlobComponent(first)
    if let literal = glob.literal {
      return try expand(joined(base, literal), rest, into: &found)
    }
    for name in try names(in: base) where glob.matches(name) {
      try expand(joined(base, name), rest, into: &found)
    }
  }

  /// Adds `path` if it is a file, or the files directly in it if it is a directory.
  private static func add(_ path: String, to found: inout Set<String>) throws(FileIOError) {
    switch try FileSystem.kind(of: path.isEmpty ? "." : path) {
    case nil: return
    case .file, .other: found.insert(path)
    case .directory:
      for name in try names(in: path) where !name.hasPrefix(".") {
        let inner = joined(path, name)
        if try FileSystem.kind(of: inner) == .file { found.insert(inner) }
      }
    }
  }

  private static func names(in base: String) throws(FileIOError) -> [String] {
    let directory = base.isEmpty ? "." : base
    guard try FileSystem.kind(of: directory) == .directory else { return [] }
    return try FileSystem.names(in: directory)
  }

  private static func joined(_ base: String, _ name: String) -> String {
    base.isEmpty ? name : FileSystem.joined(base, name)
  }
}
