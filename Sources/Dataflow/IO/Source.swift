public import Columns
public import Formats

/// Somewhere records are read from, divided into splits that are read independently.
public protocol Source: Sendable {
  /// The splits known now, in canonical order.
  ///
  /// Asked once at start and, while the source is unbounded, again and again; a split once named
  /// stays known.
  func splits() throws -> [String]
  /// Whether new rows may always come.
  var isUnbounded: Bool { get }
  /// Whether a decoder that starts in the middle of a split must see its first bytes.
  var decodersNeedHead: Bool { get }
  /// Opens a split at `offset`, a position that a chunk of it ended at (0: the start).
  func makeReader(of split: String, from offset: Int) throws -> any SplitReader
  /// A decoder for the splits of this source; every worker has its own.
  func makeDecoder() throws -> any RecordDecoder
  /// The side of a label join that the split is of; a source of one input has but the first.
  func side(of split: String) -> JoinSide
  /// A decoder for the splits of each side.
  func makeDecoders() throws -> [any RecordDecoder]
  /// What of a split comes after `position`, if that is known without waiting; for operators.
  func remainder(of split: String, after position: Int) -> SourceRemainder?
}

/// How much of a split has not been processed.
public enum SourceRemainder: Hashable, Sendable {
  case bytes(Int)
  case records(Int)
}

extension Source {
  public func remainder(of split: String, after position: Int) -> SourceRemainder? { nil }

  /// Opens a split at its start.
  public func makeReader(of split: String) throws -> any SplitReader {
    try makeReader(of: split, from: 0)
  }

  public func side(of _: String) -> JoinSide { .predictions }

  public func makeDecoders() throws -> [any RecordDecoder] { [try makeDecoder()] }
}

/// Reads one split in order, as ranges of whole records.
///
/// Positions count bytes, or whatever the buffers of the reader count (`PaddedBuffer/count`).
///
/// Used by several workers in turn, one at a time, under a lock.
public protocol SplitReader: AnyObject {
  /// Fills `buffer` with the next whole records, about `targetBytes` of them; `nil` once the
  /// split has ended.
  ///
  /// Where positions are no bytes, `targetBytes` is the most positions. A reader that is opened where
  /// a chunk began, and asked for as much as it held, gives the same chunk again.
  func nextChunk(into buffer: PaddedBuffer, targetBytes: Int) throws -> SplitChunk?
  /// The first bytes of the split, for a decoder that starts in the middle.
  func head() throws -> PaddedBuffer
}

/// What a reader put into the buffer.
public struct SplitChunk: Sendable {
  /// Position of the chunk in the split; the next one follows by the buffer's count.
  public var offset: Int
  public var isStartOfSplit: Bool
  /// Nothing further is there now; an unbounded source may have more later.
  public var isCaughtUp: Bool
  /// Records before the first chunk of a split that were to be read and are gone.
  public var goneCount = 0

  public init(offset: Int, isStartOfSplit: Bool, isCaughtUp: Bool) {
    self.offset = offset
    self.isStartOfSplit = isStartOfSplit
    self.isCaughtUp = isCaughtUp
  }
}
