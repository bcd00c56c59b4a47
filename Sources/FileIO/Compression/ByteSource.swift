/// Uncompressed bytes of a file, in order.
protocol ByteSource: AnyObject {
  /// Fills `target`, or the part of it that the data still reach; 0 at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws(FileIOError) -> Int
}

/// Opens `path` at uncompressed offset `start`.
func openSource(
  _ path: String, startingAt start: Int, options: FileSplitReader.Options
) throws(FileIOError) -> any ByteSource {
  guard start >= 0 else {
    throw FileIOError(.other, path: path, cause: "cannot start at byte \(start)")
  }
  guard let compression = Compression(path: path) else {
    return try PlainSource(path, startingAt: start, isFollowing: options.isFollowing)
  }
  guard !options.isFollowing else {
    throw FileIOError(
      .other, path: path, cause: "a compressed file cannot be followed",
      remedy: "follow the directory, and let finished files appear in it")
  }
  let source = try CompressedSource(path, compression, limit: options.expansionLimit)
  try source.skip(start)
  return source
}

/// The bytes of a file as they are stored.
final class PlainSource: ByteSource {
  private let file: OpenFile
  private var offset: Int
  private let isFollowing: Bool

  init(_ path: String, startingAt start: Int, isFollowing: Bool) throws(FileIOError) {
    file = try OpenFile(path, .reading)
    offset = start
    self.isFollowing = isFollowing
    if start > 0 { try checkSize() }
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(FileIOError) -> Int {
    let count = unsafe try file.read(at: offset, into: target)
    offset += count
    if count == 0 && isFollowing { try checkSize() }
    return count
  }

  private func checkSize() throws(FileIOError) {
    let size = try file.size()
    guard size < offset else { return }
    throw FileIOError(
      .truncated, path: file.path,
      cause: "the file has \(size) bytes, but was already read up to byte \(offset)",
      remedy: "it was truncated or replaced: restore it, or start afresh")
  }
}
