/// Where reading a split goes on: the records before it have been read.
public struct FilePosition: Hashable, Codable, Sendable {
  /// Offset of the next byte, after decompression.
  public var byteOffset: Int
  /// Records before it.
  public var recordCount: Int

  public static let start = FilePosition(byteOffset: 0, recordCount: 0)

  public init(byteOffset: Int, recordCount: Int) {
    self.byteOffset = byteOffset
    self.recordCount = recordCount
  }
}

/// What one call of ``FileSplitReader/nextChunk(into:targetBytes:)`` put into the buffer.
public struct FileChunk: Hashable, Sendable {
  /// `0, 1, 2, …` in the order of the bytes, from where the reader started.
  ///
  /// An empty chunk of a followed file (`byteCount == 0`, `isCaughtUp`) does not use up its
  /// number: the next chunk has the same.
  public var sequence: Int
  /// Offset of the first byte in the split, after decompression.
  public var startOffset: Int
  public var byteCount: Int
  /// The chunk starts at the first byte of the split.
  public var isStartOfSplit: Bool
  /// Nothing follows; the last record may be cut short.
  public var isEndOfSplit: Bool
  /// A followed file was read up to where it ends for now.
  public var isCaughtUp: Bool

  public init(
    sequence: Int, startOffset: Int, byteCount: Int, isStartOfSplit: Bool, isEndOfSplit: Bool,
    isCaughtUp: Bool = false
  ) {
    self.sequence = sequence
    self.startOffset = startOffset
    self.byteCount = byteCount
    self.isStartOfSplit = isStartOfSplit
    self.isEndOfSplit = isEndOfSplit
    self.isCaughtUp = isCaughtUp
  }
}
