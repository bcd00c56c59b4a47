internal import ByteCoding
public import Columns

/// Decodes TFRecord files of `tf.Example` messages.
///
/// The features may stand in any order; those not in the schema are passed over, but checked.
///
/// | field | accepted values |
/// |---|---|
/// | float, float32 | floats, exactly; integers, rounded |
/// | int | integers |
/// | bool | integers 0 and 1 |
/// | timestamp_s, _ms, _us | integers |
/// | timestamp | bytes: RFC 3339 text |
/// | string | bytes that are UTF-8, up to 16 MiB |
/// | list of these | all values |
///
/// A scalar takes the single value of its feature; more than one make the record bad. A scalar is
/// absent when its feature is missing, has no kind, or has an empty list; a list only when its
/// feature is missing or has no kind. A number list may be packed or not.
///
/// Both checksums of a record are checked. A bad one of the data makes that record bad. A bad one
/// of the length hides where the next record starts: one bad record covers the rest. The range of
/// a bad record is the whole record, lengths and checksums included.
///
/// - Note: Copies share scratch memory and dictionaries; use one of them.
public struct TFExampleDecoder: RecordDecoder {
  /// A batch holds at most this many rows.
  public static let rowLimit = 1 << 16

  public let schema: Schema
  private let table: ScratchTable
  private let features: FeatureDecoder

  /// A decoder of the fields of `schema`; every dictionary-encoded one has a dictionary of its own.
  public init(_ schema: Schema) { self.init(schema, usesPlainPath: true) }

  /// The plain path is off only to test one path against the other.
  package init(_ schema: Schema, usesPlainPath: Bool) {
    self.schema = schema
    table = ScratchTable(schema)
    features = FeatureDecoder(table, usesPlainPath: usesPlainPath)
  }

  public mutating func beginFile() {}

  public mutating func decode(
    _ buffer: PaddedBuffer, from offset: Int, limit: Int
  ) -> DecodedBatch {
    precondition(limit > 0, "a limit of \(limit) records")
    precondition(
      offset >= 0 && offset <= buffer.count, "offset \(offset) of \(buffer.count) bytes")
    return unsafe buffer.withBytes { raw in
      guard let base = raw.baseAddress else { preconditionFailure("a buffer has memory") }
      let bytes = unsafe PaddedBytes(base: base, count: raw.count)
      // A record takes at least 16 bytes, the last perhaps fewer.
      let capacity = min(limit, Self.rowLimit, (bytes.count - offset) / 16 + 1)
      return decode(bytes, from: offset, limit: capacity)
    }
  }

  private mutating func decode(_ bytes: PaddedBytes, from offset: Int, limit: Int) -> DecodedBatch {
    table.beginBatch()
    var badRecords: [BadRecord] = []
    var rowsBefore: [Int] = []
    var row = 0
    var at = offset
    while at < bytes.count && row + badRecords.count < limit {
      table.makeRoom(for: row)
      var end = bytes.count
      do throws(RowFault) {
        switch TFRecordFrame.scan(bytes, at: at) {
        case .frame(let frame):
          end = frame.end
          guard frame.isSound(bytes) else { throw RowFault("the checksum of the data is wrong") }
          try features.decode(bytes, frame.data, row: row)
          row += 1
        case .incomplete: throw RowFault("cut short after \(bytes.count - at) bytes")
        case .damagedLength:
          throw RowFault(
            "the checksum of the length is wrong: the rest of the split cannot be read")
        }
      } catch {
        badRecords.append(BadRecord(range: at..<end, reason: error.description))
        rowsBefore.append(row)
      }
      at = end
    }
    return DecodedBatch(
      batch: table.makeBatch(rowCount: row, bytes), badRecords: badRecords,
      rowsBeforeBadRecords: rowsBefore, records: offset..<at, end: at)
  }
}
