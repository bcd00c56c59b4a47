public import Columns
public import Dataflow
public import Formats

/// The format of input files, by the name it has in job files.
public enum FileFormat: String, Hashable, Sendable, CaseIterable {
  case jsonl, csv, tfrecord

  /// Where records of the format end.
  public var framing: any RecordFraming {
    switch self {
    case .jsonl: LineFraming()
    case .csv: CSVFraming()
    case .tfrecord: TFRecordFraming()
    }
  }

  /// A decoder of the columns of `schema`.
  public func makeDecoder(_ schema: Schema) -> any RecordDecoder {
    switch self {
    case .jsonl: JSONLDecoder(schema)
    case .csv: CSVDecoder(schema)
    case .tfrecord: TFExampleDecoder(schema)
    }
  }
}

/// Files as a source: each is a split, named by its path.
public struct FileSource: Source {
  /// Paths and patterns, as the job file gives them.
  public let patterns: [String]
  public let format: FileFormat
  /// The columns to decode.
  public let schema: Schema
  /// Whether files may grow, and new ones appear.
  public let isFollowed: Bool

  public init(patterns: [String], format: FileFormat, schema: Schema, isFollowed: Bool) {
    self.patterns = patterns
    self.format = format
    self.schema = schema
    self.isFollowed = isFollowed
  }

  public var isUnbounded: Bool { isFollowed }

  /// The header of a CSV file stands at its start.
  public var decodersNeedHead: Bool { format == .csv }

  /// The files there are now, in byte order.
  ///
  /// - Throws: `FileIOError` if a pattern matches nothing; a followed source may start empty.
  public func splits() throws -> [String] {
    guard isFollowed else { return try PathExpansion.files(matching: patterns) }
    var follower = DirectoryFollower(patterns: patterns)
    return try follower.poll()
  }

  public func makeReader(of split: String, from offset: Int) throws -> any SplitReader {
    var options = FileSplitReader.Options()
    options.isFollowing = isFollowed
    return FileSplit(
      try FileSplitReader(
        path: split, framing: format.framing,
        startingAt: FilePosition(byteOffset: offset, recordCount: 0), options: options))
  }

  public func makeDecoder() throws -> any RecordDecoder { format.makeDecoder(schema) }

  /// Nothing is known of compressed files, whose positions count bytes of the content.
  public func remainder(of split: String, after position: Int) -> SourceRemainder? {
    guard Compression(path: split) == nil, let size = try? FileSystem.size(of: split) else {
      return nil
    }
    return .bytes(max(0, size - position))
  }
}

/// A file reader in the shape the runtime asks for.
private final class FileSplit: SplitReader {
  private let reader: FileSplitReader

  init(_ reader: FileSplitReader) { self.reader = reader }

  func nextChunk(into buffer: PaddedBuffer, targetBytes: Int) throws -> SplitChunk? {
    try reader.nextChunk(into: buffer, targetBytes: targetBytes).map {
      SplitChunk(
        offset: $0.startOffset, isStartOfSplit: $0.isStartOfSplit, isCaughtUp: $0.isCaughtUp)
    }
  }

  func head() throws -> PaddedBuffer { try reader.head() }
}
