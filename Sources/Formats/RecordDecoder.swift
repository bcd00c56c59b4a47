public import Columns

/// A record that could not be decoded.
public struct BadRecord: Hashable, Sendable {
  /// The record's bytes in the buffer, without the line end.
  public var range: Range<Int>
  /// What was expected and what was found, such as `fare: expected a number, found a string`.
  public var reason: String

  public init(range: Range<Int>, reason: String) {
    self.range = range
    self.reason = reason
  }
}

/// What one call of ``RecordDecoder/decode(_:from:limit:)`` read.
public struct DecodedBatch: Sendable {
  /// The records that could be decoded, in their order.
  public var batch: RecordBatch
  /// Records read: rows of `batch` and bad ones; blank lines and headers are no records.
  public var recordCount: Int
  /// In order of their bytes.
  public var badRecords: [BadRecord]
  /// For each of `badRecords`, the number of rows of `batch` that precede it.
  public var rowsBeforeBadRecords: [Int]
  /// The bytes from the first record to the last, without what precedes the first (byte order mark,
  /// header, blank lines) and without the line end of the last; exactly the record if it is one.
  public var records: Range<Int>
  /// The offset in the buffer where the next record starts; `buffer.count` when all is read.
  public var end: Int

  public init(
    batch: RecordBatch, badRecords: [BadRecord], rowsBeforeBadRecords: [Int],
    records: Range<Int>, end: Int
  ) {
    precondition(
      badRecords.count == rowsBeforeBadRecords.count,
      "\(badRecords.count) bad records, \(rowsBeforeBadRecords.count) places")
    self.batch = batch
    recordCount = batch.rowCount + badRecords.count
    self.badRecords = badRecords
    self.rowsBeforeBadRecords = rowsBeforeBadRecords
    self.records = records
    self.end = end
  }
}

/// Turns bytes of one format into record batches of a projected schema.
///
/// One owner at a time: a decoder keeps a `StringDictionary` for every dictionary-encoded column,
/// so ids stay the same from batch to batch, and scratch memory that it reuses. Fields that are
/// not in the schema are skipped, but their syntax is still checked.
public protocol RecordDecoder {
  /// The columns of every batch.
  var schema: Schema { get }

  /// Says that the next byte to be decoded is the first of a file.
  ///
  /// What may stand only there (a byte order mark, a CSV header) is then skipped or read.
  mutating func beginFile()

  /// Says that the next byte to be decoded lies inside a file that starts with `head`.
  ///
  /// `head` holds at least the file's first record. For formats that say at the start how to read
  /// the rest, such as the header of a CSV file; others do nothing.
  mutating func resumeFile(head: PaddedBuffer)

  /// Decodes up to `limit` records that start at `offset` of `buffer`.
  ///
  /// Fewer than `limit` are returned at the end of the buffer, or when `limit` is above what the
  /// decoder's scratch memory holds (at least 65,536); `end` says where to go on.
  ///
  /// - Precondition: `buffer` ends on a record boundary, or at the end of the split, where the
  ///   last record may be cut short; `offset` is where a record starts; `limit` is positive.
  mutating func decode(_ buffer: PaddedBuffer, from offset: Int, limit: Int) -> DecodedBatch
}

extension RecordDecoder {
  public mutating func resumeFile(head _: PaddedBuffer) {}
}

/// Where records end, so that a reader can cut a range of bytes on record boundaries.
public protocol RecordFraming: Sendable {
  /// The number of leading bytes of `buffer`, which starts at a record boundary, that are whole
  /// records; 0 means that more bytes are needed.
  func wholeRecordPrefix(of buffer: PaddedBuffer) -> Int
}
