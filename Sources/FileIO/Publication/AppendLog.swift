/// A file of lines that only grows; a line is in it durably or not at all.
///
/// One writer at a time.
public struct AppendLog: ~Copyable {
  private let file: OpenFile
  /// The size of the file: where the next line starts.
  public private(set) var byteCount: Int
  /// Bytes of an unfinished last line, left by a crash, that were cut off on opening.
  public let cutByteCount: Int

  /// Opens the log at `path`, creating it if it is missing (its directory must exist).
  public init(path: String) throws(FileIOError) {
    let isNew = try FileSystem.kind(of: path) == nil
    let file = try OpenFile(path, .appending)
    if isNew { try FileSystem.synchronizeDirectory(FileSystem.parent(of: path)) }
    let size = try file.size()
    let whole = try Self.wholeLineByteCount(of: file, size: size)
    if whole < size {
      try file.truncate(to: whole)
      try file.synchronize()
    }
    self.file = file
    byteCount = whole
    cutByteCount = size - whole
  }

  /// Appends lines, each given its line end, with one write and one sync; durable on return.
  ///
  /// - Throws: ``FileIOError``; the log then holds none of them.
  /// - Precondition: No line holds a line end.
  public mutating func append(_ lines: [[UInt8]]) throws(FileIOError) {
    var bytes: [UInt8] = []
    for line in lines {
      precondition(!line.contains(UInt8(ascii: "\n")), "a line holds a line end")
      bytes += line
      bytes.append(UInt8(ascii: "\n"))
    }
    do throws(FileIOError) {
      try file.append(bytes)
      try file.synchronize()
    } catch {
      // The write's own failure is what the caller must see, not that of taking it back.
      try? file.truncate(to: byteCount)
      throw error
    }
    byteCount += bytes.count
  }

  /// Cuts the log back to its first `count` bytes; longer than it is is no error.
  public mutating func cut(to count: Int) throws(FileIOError) {
    guard count < byteCount else { return }
    try file.truncate(to: count)
    try file.synchronize()
    byteCount = count
  }

  private static func wholeLineByteCount(
    of file: borrowing OpenFile, size: Int
  ) throws(FileIOError) -> Int {
    var end = size
    while end > 0 {
      let start = max(0, end - 4096)
      let block = try file.bytes(at: start, count: end - start)
      if let last = block.lastIndex(of: UInt8(ascii: "\n")) { return start + last + 1 }
      end = start
    }
    return 0
  }
}
