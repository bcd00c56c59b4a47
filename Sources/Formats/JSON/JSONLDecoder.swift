public import Columns

/// Decodes JSON lines (one object a line, UTF-8) into the columns of a schema.
///
/// - Lines end with `\n` or `\r\n`; a line of white space only is no record; a byte order mark at
///   the start of a file is skipped. A last line without line end is a record; when its syntax is
///   wrong the reason says that it is cut short.
/// - A key that is missing, or whose value is `null`, is absent. Of equal keys the last wins; the
///   values of the others may be of any type. Keys that are not in the schema are skipped, but
///   their syntax is checked, escapes and UTF-8 included (RFC 8259; not the range of numbers).
/// - `float`: any number, rounded correctly; `NaN`, `Infinity` and `-Infinity` (which Python
///   writes) unless ``Options/allowsNonFinite`` is off. `float32`: the same, then rounded to float.
///   A finite number that rounds to infinity is out of range.
/// - `int`: a number that is an integer, so also `3.0` and `1e3`, within 64 bits.
/// - `bool`: `true` or `false`; not 0, 1 or text. They are no numbers either.
/// - `timestamp_s`, `_ms`, `_us`: a number, read as decimal; finer than a microsecond is cut toward
///   the past; outside 64 bits of microseconds is out of range. `timestamp`: RFC 3339 text, see
///   ``TimestampText``.
/// - `string`: text, unescaped; not numbers. `list<T>`: an array; `null` elements are absent.
/// - A bad record: wrong syntax or type, invalid UTF-8, a lone surrogate (`\ud800`), a control
///   character in a string, more than 128 open containers, a string of over 16 MiB, anything after
///   the object. The reason names the byte of the line, or the field and element
///   (`tags[3]: expected a string, found a number`).
///
/// Rows whose keys come in a learnt order take a fast path; all others, one by one, the full one,
/// with the same result.
///
/// - Note: Copies share scratch memory and dictionaries; use one of them.
public struct JSONLDecoder: RecordDecoder {
  /// What is accepted beyond RFC 8259, and how rows are decoded.
  public struct Options: Hashable, Sendable {
    /// Whether `NaN`, `Infinity` and `-Infinity` are numbers; else records with them are bad.
    public var allowsNonFinite = true
    /// Whether the order of keys is predicted; off only to test one path against the other.
    package var predictsKeyOrder = true

    public init() {}
  }

  private static let rowLimit = 1 << 16

  public let schema: Schema
  private let options: Options
  private let table: ScratchTable
  private var tokenizer: JSONRowTokenizer
  private var prediction = JSONKeyPrediction()
  private var isAtFileStart = false

  public init(_ schema: Schema, options: Options = Options()) {
    self.schema = schema
    self.options = options
    table = ScratchTable(schema)
    tokenizer = JSONRowTokenizer(
      names: schema.fields.map(\.name), allowsNonFinite: options.allowsNonFinite)
  }

  public mutating func beginFile() { isAtFileStart = true }

  public mutating func decode(
    _ buffer: PaddedBuffer, from offset: Int, limit: Int
  ) -> DecodedBatch {
    precondition(limit > 0, "a limit of \(limit) records")
    precondition(
      offset >= 0 && offset <= buffer.count, "offset \(offset) of \(buffer.count) bytes")
    return unsafe buffer.withBytes { raw in
      guard let base = raw.baseAddress else { preconditionFailure("a buffer has storage") }
      let bytes = unsafe PaddedBytes(base: base, count: raw.count)
      // A record takes at least three bytes.
      let capacity = min(limit, Self.rowLimit, (bytes.count - offset) / 3 + 1)
      return decode(bytes, from: offset, limit: capacity)
    }
  }

  private mutating func decode(
    _ bytes: PaddedBytes, from offset: Int, limit: Int
  ) -> DecodedBatch {
    var pass = Pass(bytes: bytes, at: offset, limit: limit)
    if isAtFileStart && bytes.count > offset {
      isAtFileStart = false
      if bytes.count >= offset + 3 && bytes.isEqual(offset, [0xEF, 0xBB, 0xBF]) { pass.skip(3) }
    }
    table.beginBatch()
    let linesEnd = bytes.endOfLines(from: pass.at)
    while pass.recordCount < limit && pass.at < bytes.count {
      table.makeRoom(for: pass.row)
      if options.predictsKeyOrder && pass.at < linesEnd {
        decodePredicted(&pass, linesEnd)
        if pass.recordCount == limit || pass.at == bytes.count { break }
        if pass.row == table.rowCapacity { continue }
      }
      decodeLine(&pass)
    }
    return DecodedBatch(
      batch: table.makeBatch(rowCount: pass.row, bytes), badRecords: pass.badRecords,
      rowsBeforeBadRecords: pass.rowsBefore,
      records: pass.first..<bytes.withoutLineEnd(pass.first, pass.at), end: pass.at)
  }

  /// How far a call of `decode` has come.
  private struct Pass {
    let bytes: PaddedBytes
    var at: Int
    let limit: Int
    /// Where the first record starts, as far as is known.
    private(set) var first: Int
    var row = 0
    var badRecords: [BadRecord] = []
    var rowsBefore: [Int] = []

    init(bytes: PaddedBytes, at: Int, limit: Int) {
      self.bytes = bytes
      self.at = at
      self.limit = limit
      first = at
    }

    var recordCount: Int { row + badRecords.count }

    /// Passes over bytes that are no record.
    mutating func skip(_ count: Int) {
      if recordCount == 0 { first = at + count }
      at += count
    }
  }

  /// Decodes rows as long as one of the orders is right and the table has place.
  private mutating func decodePredicted(_ pass: inout Pass, _ linesEnd: Int) {
    let rowLimit = min(pass.limit - pass.badRecords.count, table.rowCapacity)
    var failures = 0
    while failures < 2 && pass.row < rowLimit && pass.at < linesEnd {
      let candidates = prediction.candidates
      guard let order = failures == 0 ? candidates.0 : candidates.1 else { return }
      let rows = JSONPredictedRows(
        pass.bytes, to: linesEnd, order: order, table: table,
        allowsNonFinite: options.allowsNonFinite)
      let first = pass.row
      (pass.row, pass.at) = rows.decode(
        from: pass.at, first: first, limit: rowLimit)
      prediction.noteHits(pass.row - first)
      if pass.row > first && failures == 1 { prediction.preferOther() }
      failures = pass.row > first ? 1 : failures + 1
    }
  }

  /// Decodes one line by the full path.
  private mutating func decodeLine(_ pass: inout Pass) {
    let bytes = pass.bytes
    let start = pass.at
    let lineEnd = bytes.find(0x0A, from: start, to: bytes.count)
    let isWhole = lineEnd < bytes.count
    let next = isWhole ? lineEnd + 1 : lineEnd
    let end = isWhole && lineEnd > start && bytes.byte(lineEnd - 1) == 0x0D ? lineEnd - 1 : lineEnd
    let isBlank = (start..<end).allSatisfy { [0x20, 0x09, 0x0D].contains(bytes.byte($0)) }
    if isBlank { return pass.skip(next - start) }
    pass.at = next
    table.resetRow(pass.row)
    do throws(RowFault) {
      try tokenizer.decode(bytes, start, end, row: pass.row, into: table)
    } catch {
      table.resetRow(pass.row)
      let isCut = !isWhole && error.path.isEmpty
      pass.badRecords.append(
        BadRecord(
          range: start..<end,
          reason: error.description + (isCut ? " (the last line is cut short)" : "")))
      pass.rowsBefore.append(pass.row)
      return
    }
    pass.row += 1
    guard options.predictsKeyOrder, isWhole,
      prediction.shouldLearn(memberCount: tokenizer.members.count),
      let order = JSONKeyOrder(bytes, start, lineEnd, members: tokenizer.members, table: table)
    else { return }
    prediction.learn(order)
  }
}
