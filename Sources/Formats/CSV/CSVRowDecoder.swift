internal import Columns

/// Decodes one CSV record after the other into rows of a scratch table.
struct CSVRowDecoder {
  private(set) var tokenizer: CSVTokenizer
  private let table: ScratchTable
  private let header: CSVHeader
  private let values: CSVValueDecoder

  init(
    _ bytes: PaddedBytes, _ table: ScratchTable, _ header: CSVHeader, _ options: CSVOptions
  ) {
    tokenizer = CSVTokenizer(bytes, separator: options.separator)
    self.table = table
    self.header = header
    values = CSVValueDecoder(table: table, listSeparator: options.listSeparator)
  }

  /// The offset after the line at `at` if it is empty.
  func endOfEmptyLine(_ at: Int) -> Int? {
    let bytes = tokenizer.bytes
    if bytes.byte(at) == 0x0A { return at + 1 }
    guard bytes.byte(at) == 0x0D else { return nil }
    if at + 1 == bytes.count { return at + 1 }
    return bytes.byte(at + 1) == 0x0A ? at + 2 : nil
  }

  /// Decodes the record at `start` into `row`; returns where the next one starts.
  mutating func decode(_ start: Int, row: Int) throws(RowFault) -> Int {
    if let fault = header.fault { throw fault }
    let bytes = tokenizer.bytes
    var at = start
    var fieldCount = 0
    var fault: RowFault?
    while true {
      let field = try tokenizer.field(at)
      if fieldCount < header.columns.count, case let column = header.columns[fieldCount],
        column >= 0
      {
        do throws(RowFault) { try decode(field, column, row) } catch {
          // The syntax of the whole record is judged first.
          fault = fault ?? error.under(table.schema.fields[column].name)
        }
      }
      fieldCount &+= 1
      at = field.next &+ 1
      guard field.next < bytes.count, bytes.byte(field.next) != 0x0A else { break }
    }
    let end = min(at, bytes.count)
    try check(start, end, fieldCount)
    if let fault { throw fault }
    for position in header.missingPositions { table.markAbsent(position, row) }
    return end
  }

  private mutating func check(_ start: Int, _ end: Int, _ fieldCount: Int) throws(RowFault) {
    if tokenizer.takeMayNotBeASCII() {
      let valid = tokenizer.bytes.endOfUTF8(from: start, to: end)
      guard valid == end else { throw RowFault("invalid UTF-8 at byte \(valid - start)") }
    }
    guard fieldCount == header.columns.count else {
      throw RowFault("expected \(header.columns.count) fields, found \(fieldCount)")
    }
  }

  @inline(__always)
  private func decode(
    _ field: CSVTokenizer.Field, _ column: Int, _ row: Int
  ) throws(RowFault) {
    if field.start == field.end && !field.isQuoted {
      table.markAbsent(column, row)
      return
    }
    try values.decode(text(field), column: column, index: row)
  }

  @inline(__always)
  private func text(_ field: CSVTokenizer.Field) -> CSVValueDecoder.Text {
    guard field.hasDoubledQuotes else {
      return CSVValueDecoder.Text(
        bytes: tokenizer.bytes, start: field.start, end: field.end, isInArena: false, shift: 0)
    }
    return undoubled(field)
  }

  /// The text with single quotes, in the table's arena.
  private func undoubled(_ field: CSVTokenizer.Field) -> CSVValueDecoder.Text {
    let bytes = tokenizer.bytes
    let arenaStart = table.arenaCount
    var at = field.start
    while at < field.end {
      let byte = bytes.byte(at)
      table.appendToArena(byte)
      at += byte == 0x22 ? 2 : 1
    }
    let count = table.arenaCount - arenaStart
    let span = TextSpan(start: arenaStart, length: count, inArena: true)
    let view = unsafe PaddedBytes(base: table.start(of: span, in: bytes), count: count)
    return CSVValueDecoder.Text(
      bytes: view, start: 0, end: count, isInArena: true, shift: arenaStart)
  }
}
