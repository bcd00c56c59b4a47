/// Writes a file piece by piece; it appears under its name complete, or not at all.
public final class AtomicFileWriter {
  private let path: String
  private let temporary: String
  private let file: OpenFile
  private var isFinished = false

  /// Begins the file that ``finish()`` will put at `path`.
  ///
  /// - Parameters:
  ///   - path: The file; its directory must exist.
  ///   - attempt: Tells the temporary name from those of other writers.
  /// - Throws: ``FileIOError`` if no file can be created there.
  public init(path: String, attempt: String) throws(FileIOError) {
    self.path = path
    temporary = FileSystem.joined(
      FileSystem.parent(of: path), ".limno-staged-\(attempt)-\(FileSystem.name(of: path))")
    try FileSystem.removeTree(temporary)
    file = try OpenFile(temporary, .creating)
  }

  deinit {
    if !isFinished { try? FileSystem.removeTree(temporary) }
  }

  /// Adds bytes at the end.
  public func append(_ bytes: [UInt8]) throws(FileIOError) { try file.append(bytes) }

  /// Puts the file at its path, in place of what was there; durable on return.
  public func finish() throws(FileIOError) {
    try file.synchronize()
    try FileSystem.move(temporary, replacing: path)
    isFinished = true
    try FileSystem.synchronizeDirectory(FileSystem.parent(of: path))
  }
}
