/// Single files that hold either the old content or the new, never a part.
public enum AtomicFile {
  /// Replaces the file at `path`; durable on return.
  ///
  /// - Parameters:
  ///   - bytes: The new content.
  ///   - path: The file; its directory must exist.
  ///   - attempt: Tells the temporary name from those of other writers.
  /// - Throws: ``FileIOError``; the old content is then still there, unless only the last sync of
  ///   the directory failed.
  public static func write(
    _ bytes: [UInt8], to path: String, attempt: String
  ) throws(FileIOError) {
    let parent = FileSystem.parent(of: path)
    let temporary = FileSystem.joined(
      parent, ".limno-staged-\(attempt)-\(FileSystem.name(of: path))")
    try FileSystem.removeTree(temporary)
    do throws(FileIOError) {
      let file = try OpenFile(temporary, .creating)
      try file.append(bytes)
      try file.synchronize()
      try FileSystem.move(temporary, replacing: path)
    } catch {
      try? FileSystem.removeTree(temporary)
      throw error
    }
    try FileSystem.synchronizeDirectory(parent)
  }
}
