internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What the rest of the target needs of the file system, with errors that name the path.
public enum FileSystem {
  public enum Kind: Hashable, Sendable { case file, directory, other }

  /// What `path` is, links followed; `nil` when there is nothing.
  public static func kind(of path: String) throws(FileIOError) -> Kind? {
    var status = stat()
    if unsafe stat(path, &status) == 0 { return kind(mode: status.st_mode) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw FileIOError("inspect", path, errno: errno)
  }

  /// Whether `path` itself is a directory and not a link to one.
  static func isRealDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && kind(mode: status.st_mode) == .directory
  }

  /// The device that holds `path`.
  static func device(of path: String) throws(FileIOError) -> UInt64 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw FileIOError("inspect", path, errno: errno) }
    return UInt64(status.st_dev)
  }

  /// The names in a directory, hidden ones too, in order of their bytes.
  public static func names(in directory: String) throws(FileIOError) -> [String] {
    guard let stream = unsafe opendir(directory) else {
      throw FileIOError("list", directory, errno: errno)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted(by: isOrdered)
  }

  /// All bytes of a file.
  public static func contents(of path: String) throws(FileIOError) -> [UInt8] {
    let file = try OpenFile(path, .reading)
    let size = try file.size()
    var bytes: [UInt8] = []
    while true {
      let room = max(size - bytes.count, 1 << 12)
      let more = try file.bytes(at: bytes.count, count: room)
      if more.isEmpty { return bytes }
      bytes += more
    }
  }

  /// The bytes of a file.
  public static func size(of path: String) throws(FileIOError) -> Int {
    try OpenFile(path, .reading).size()
  }

  /// Creates `directory` and its missing parents; returns those created, outermost first.
  @discardableResult
  public static func makeDirectories(_ directory: String) throws(FileIOError) -> [String] {
    if unsafe mkdir(directory, 0o755) == 0 { return [directory] }
    switch errno {
    case EEXIST where try kind(of: directory) == .directory: return []
    case ENOENT where parent(of: directory) != directory:
      let created = try makeDirectories(parent(of: directory))
      // Once more and not again: below /proc a directory is missing whatever is made above it.
      if unsafe mkdir(directory, 0o755) == 0 { return created + [directory] }
      if errno == EEXIST, try kind(of: directory) == .directory { return created }
      throw FileIOError("create directory", directory, errno: errno)
    default: throw FileIOError("create directory", directory, errno: errno)
    }
  }

  /// Removes a file, or a directory with all it holds; nothing there is fine.
  public static func removeTree(_ path: String) throws(FileIOError) {
    if isRealDirectory(path) {
      for name in try names(in: path) { try removeTree(joined(path, name)) }
      guard unsafe rmdir(path) == 0 else { throw FileIOError("remove", path, errno: errno) }
    } else if unsafe unlink(path) != 0 && errno != ENOENT {
      throw FileIOError("remove", path, errno: errno)
    }
  }

  /// Renames; what is at `target` is replaced if it is a file or an empty directory.
  static func move(_ source: String, replacing target: String) throws(FileIOError) {
    FaultPoint.rename.reach()
    guard unsafe rename(source, target) == 0 else {
      throw FileIOError("rename \(source) to", target, errno: errno)
    }
    FaultPoint.renamed.reach()
  }

  /// Renames; fails with ``FileIOError/Code/alreadyExists`` if there is anything at `target`.
  public static func move(_ source: String, to target: String) throws(FileIOError) {
    FaultPoint.rename.reach()
    guard unsafe rename_without_replacing(source, target) == 0 else {
      throw FileIOError("rename \(source) to", target, errno: errno)
    }
    FaultPoint.renamed.reach()
  }

  /// Gives the file at `source` a second name; its bytes are the same ones.
  public static func addName(_ target: String, toFile source: String) throws(FileIOError) {
    guard unsafe link(source, target) == 0 else {
      throw FileIOError("link \(source) as", target, errno: errno)
    }
  }

  /// Writes a new file; durable on return, but for its name.
  public static func write(_ bytes: [UInt8], toNew path: String) throws(FileIOError) {
    let file = try OpenFile(path, .creating)
    try file.append(bytes)
    try file.synchronize()
  }

  /// Makes the names in `directory` durable.
  public static func synchronizeDirectory(_ directory: String) throws(FileIOError) {
    try OpenFile(directory, .directory).synchronize()
  }

  static func parent(of path: String) -> String {
    let trimmed = path.utf8.count > 1 && path.utf8.last == UInt8(ascii: "/")
    let path = trimmed ? String(path.dropLast()) : path
    guard let slash = path.lastIndex(of: "/") else { return path == "." ? path : "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last component.
  static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  static func joined(_ directory: String, _ name: String) -> String {
    directory.utf8.last == UInt8(ascii: "/") ? directory + name : directory + "/" + name
  }

  /// Byte order, which does not depend on a locale or on Unicode normalization.
  static func isOrdered(_ first: String, before second: String) -> Bool {
    first.utf8.lexicographicallyPrecedes(second.utf8)
  }

  private static func kind(mode: mode_t) -> Kind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .directory
    default: .other
    }
  }
}
