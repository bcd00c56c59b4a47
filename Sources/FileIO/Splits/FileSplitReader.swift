public import Columns
public import Formats

/// Reads one file as chunks of whole records.
///
/// Not synchronized: several workers may call it in turn, under a lock of their own.
public final class FileSplitReader {
  public struct Options: Hashable, Sendable {
    /// Whether the file may still grow, so that its end is one for now only; plain files only.
    public var isFollowing = false
    /// What a compressed file may expand to.
    public var expansionLimit = ExpansionLimit()
    /// A longer record is an error; in bytes.
    public var recordByteLimit = 64 << 20

    public init() {}
  }

  /// The path as given; the name of the split.
  public let path: String
  private let framing: any RecordFraming
  private let source: any ByteSource
  private let options: Options
  /// The start of a record whose end has not been read.
  private let carried = PaddedBuffer(capacity: 4 << 10)
  /// Offset of the first carried byte, or of the next one to be read.
  private var offset: Int
  private var sequence = 0
  private var hasEnded = false
  private var isFollowing: Bool

  /// Opens `path`, compressed or not by its suffix, and goes to `position` (default: the start).
  ///
  /// A plain file is sought, a compressed one decompressed up to there.
  /// - Throws: ``FileIOError`` if the file cannot be opened, ends before `position`, or is
  ///   compressed and to be followed.
  public init(
    path: String, framing: any RecordFraming, startingAt position: FilePosition? = nil,
    options: Options = Options()
  ) throws(FileIOError) {
    self.path = path
    self.framing = framing
    self.options = options
    isFollowing = options.isFollowing
    offset = position?.byteOffset ?? 0
    source = try openSource(path, startingAt: offset, options: options)
  }

  /// Replaces what `buffer` holds by the next whole records, about `targetBytes` of them; `nil`
  /// after the chunk that ended the split.
  ///
  /// A record longer than `targetBytes` makes a longer chunk. At the end of the split whatever is
  /// left is delivered, a cut-short record too; an empty file is one empty chunk. A followed file
  /// never ends before ``endFollowing()``: at its end for now, the chunk (empty if no new record
  /// is whole) says `isCaughtUp`, and an incomplete record waits for its rest.
  /// - Throws: ``FileIOError`` if the file cannot be read, is damaged, became shorter while
  ///   followed, or passes a limit.
  public func nextChunk(
    into buffer: PaddedBuffer, targetBytes: Int
  ) throws(FileIOError) -> FileChunk? {
    precondition(targetBytes > 0, "a chunk of \(targetBytes) bytes")
    if hasEnded { return nil }
    buffer.removeAll()
    move(carried, to: buffer)
    var goal = max(targetBytes, buffer.count + 1)
    while true {
      let isAtEnd = try fill(buffer, to: goal)
      if isAtEnd && !isFollowing {
        hasEnded = true
        return deliver(buffer, isEnd: true)
      }
      let whole = buffer.count == 0 ? 0 : framing.wholeRecordPrefix(of: buffer)
      if whole > 0 || isAtEnd {
        keepTail(of: buffer, from: whole)
        return deliver(buffer, isCaughtUp: isAtEnd)
      }
      guard buffer.count < options.recordByteLimit else { throw tooLong() }
      goal = min(2 * goal, options.recordByteLimit)
    }
  }

  /// Says that a followed file grows no more: what is left is delivered, and the split ends.
  public func endFollowing() { isFollowing = false }

  /// The first bytes of the split, at least one whole record if it holds one.
  ///
  /// For a decoder that starts in the middle (``RecordDecoder/resumeFile(head:)``) and for schema
  /// inference.
  public func head(targetBytes: Int = 64 << 10) throws(FileIOError) -> PaddedBuffer {
    var options = options
    options.isFollowing = false
    let reader = try FileSplitReader(path: path, framing: framing, options: options)
    let buffer = PaddedBuffer(capacity: targetBytes)
    _ = try reader.nextChunk(into: buffer, targetBytes: targetBytes)
    return buffer
  }

  /// Reads until `buffer` holds `goal` bytes; whether the source ended before.
  private func fill(_ buffer: PaddedBuffer, to goal: Int) throws(FileIOError) -> Bool {
    while buffer.count < goal {
      let read = unsafe try buffer.append(goal - buffer.count) {
        (target) throws(FileIOError) in unsafe try source.read(into: target)
      }
      if read == 0 { return true }
    }
    return false
  }

  private func move(_ source: PaddedBuffer, to target: PaddedBuffer) {
    unsafe source.withBytes { bytes in
      unsafe _ = target.append(bytes.count) { room in
        unsafe room.copyMemory(from: bytes)
        return bytes.count
      }
    }
    source.removeAll()
  }

  private func keepTail(of buffer: PaddedBuffer, from whole: Int) {
    unsafe buffer.withBytes { bytes in
      let tail = unsafe UnsafeRawBufferPointer(rebasing: bytes[whole...])
      unsafe _ = carried.append(tail.count) { room in
        unsafe room.copyMemory(from: tail)
        return tail.count
      }
    }
    buffer.truncate(to: whole)
  }

  private func deliver(
    _ buffer: PaddedBuffer, isEnd: Bool = false, isCaughtUp: Bool = false
  ) -> FileChunk {
    let chunk = FileChunk(
      sequence: sequence, startOffset: offset, byteCount: buffer.count,
      isStartOfSplit: offset == 0, isEndOfSplit: isEnd, isCaughtUp: isCaughtUp)
    if buffer.count > 0 || isEnd { sequence += 1 }
    offset += buffer.count
    return chunk
  }

  private func tooLong() -> FileIOError {
    FileIOError(
      .limitExceeded, path: path,
      cause: """
        the record that starts at uncompressed byte \(offset) is longer than \
        \(options.recordByteLimit) bytes
        """,
      remedy: "check the format of the file, or raise the record limit")
  }
}
