public import Columns

/// Decodes CSV (RFC 4180, UTF-8) whose first record names the columns.
///
/// - Quotes may surround a field; inside, they are doubled, and separators and line ends are text.
///   Lines end with `\n` or `\r\n`; empty lines are no records; a byte order mark is skipped.
/// - An empty field without quotes is absent. `""` is an empty string or list.
/// - Values are those of JSON lines, with the same reasons for bad records; in addition numbers may
///   be written with `+`, leading zeros, `.5` or `5.`, and spaces around; `true` and `false`, `nan`,
///   `inf` and `infinity` in any case. A list is text cut at ``CSVOptions/listSeparator``.
/// - A record is bad when it has not as many fields as the header, a stray quote, invalid UTF-8, or
///   a field that is not what its column asks. A quote that is never closed takes in the rest of the
///   file. Of equal names in the header the last counts.
///
/// The header belongs to the file: after ``beginFile()`` the first record is taken as one; in the
/// middle of a file it comes by ``resumeFile(head:)``.
///
/// - Note: Copies share scratch memory and dictionaries; use one of them.
public struct CSVDecoder: RecordDecoder {
  /// A batch holds at most this many rows.
  public static let rowLimit = 1 << 16

  public let schema: Schema
  /// Fields of the schema that the current file's header does not name: absent in every row.
  public private(set) var missingColumns: [String] = []
  private let options: CSVOptions
  private let table: ScratchTable
  private var header: CSVHeader?
  private var expectsHeader = false

  /// A decoder of the fields of `schema`; every dictionary-encoded one has a dictionary of its own.
  public init(_ schema: Schema, options: CSVOptions = CSVOptions()) {
    self.schema = schema
    self.options = options
    table = ScratchTable(schema)
  }

  public mutating func beginFile() {
    header = nil
    expectsHeader = true
  }

  public mutating func resumeFile(head: PaddedBuffer) {
    beginFile()
    unsafe head.withBytes { raw in
      guard let base = raw.baseAddress else { preconditionFailure("a buffer has memory") }
      let bytes = unsafe PaddedBytes(base: base, count: raw.count)
      _ = readHeader(bytes, from: 0)
    }
    expectsHeader = false
  }

  /// - Precondition: A file was begun or resumed.
  public mutating func decode(
    _ buffer: PaddedBuffer, from offset: Int, limit: Int
  ) -> DecodedBatch {
    precondition(limit > 0, "a limit of \(limit) records")
    precondition(
      offset >= 0 && offset <= buffer.count, "offset \(offset) of \(buffer.count) bytes")
    return unsafe buffer.withBytes { raw in
      guard let base = raw.baseAddress else { preconditionFailure("a buffer has memory") }
      let bytes = unsafe PaddedBytes(base: base, count: raw.count)
      let start = expectsHeader ? readHeader(bytes, from: offset) : offset
      // A record takes at least two bytes, the last perhaps one.
      let capacity = min(limit, Self.rowLimit, (bytes.count - start) / 2 + 1)
      return decodeRecords(bytes, from: start, limit: capacity)
    }
  }

  /// Takes the header from the first record; returns where the next one starts.
  private mutating func readHeader(_ bytes: PaddedBytes, from offset: Int) -> Int {
    var start = offset
    if bytes.count - start >= 3 && bytes.isEqual(start, [0xEF, 0xBB, 0xBF]) { start += 3 }
    let tokenizer = CSVTokenizer(bytes, separator: options.separator)
    while start < bytes.count, case let end = tokenizer.endOfRecord(start).end,
      tokenizer.withoutLineEnd(start, end) == start
    {
      start = end
    }
    guard start < bytes.count else { return start }
    let read = CSVHeader(bytes, start, schema, options)
    header = read
    missingColumns = read.missing
    expectsHeader = false
    return tokenizer.endOfRecord(start).end
  }

  private func decodeRecords(_ bytes: PaddedBytes, from offset: Int, limit: Int) -> DecodedBatch {
    precondition(header != nil || offset == bytes.count, "no file was begun or resumed")
    table.beginBatch()
    let plan = header ?? CSVHeader.none
    var decoder = CSVRowDecoder(bytes, table, plan, options)
    var badRecords: [BadRecord] = []
    var rowsBefore: [Int] = []
    var row = 0
    var at = offset
    var first = offset
    while at < bytes.count && row + badRecords.count < limit {
      table.makeRoom(for: row)
      do throws(RowFault) {
        if let end = decoder.endOfEmptyLine(at) {
          at = end
          if row + badRecords.count == 0 { first = end }
          continue
        }
        at = try decoder.decode(at, row: row)
        row += 1
      } catch {
        let (end, isWhole) = decoder.tokenizer.endOfRecord(at)
        let isCut = !isWhole && error.path.isEmpty
        badRecords.append(
          BadRecord(
            range: at..<decoder.tokenizer.withoutLineEnd(at, end),
            reason: error.description + (isCut ? " (the last record is cut short)" : "")))
        rowsBefore.append(row)
        table.resetRow(row)
        at = end
      }
    }
    return DecodedBatch(
      batch: table.makeBatch(rowCount: row, bytes), badRecords: badRecords,
      rowsBeforeBadRecords: rowsBefore,
      records: first..<bytes.withoutLineEnd(first, at), end: at)
  }
}
