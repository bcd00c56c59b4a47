/// The full path: checks a whole line, finds the fields of the projection, decodes each.
///
/// Knows nothing of the order of keys; the last of equal keys wins. Every bad record gets its
/// reason here: syntax first, then the fields in the order of the schema.
struct JSONRowTokenizer {
  /// A member of the record, as far as the prediction of key order needs it.
  struct Member {
    var valueStart: Int
    var valueEnd: Int
    /// The field it holds, or −1.
    var column: Int
  }

  private let names: [String]
  private let keys: JSONKeyTable
  private let allowsNonFinite: Bool
  /// The members of the last row, in the order they were written.
  private(set) var members: [Member] = []
  /// Where the value of each field starts, or −1.
  private var starts: [Int]

  init(names: [String], allowsNonFinite: Bool) {
    self.names = names
    self.allowsNonFinite = allowsNonFinite
    keys = JSONKeyTable(names)
    starts = [Int](repeating: -1, count: names.count)
  }

  /// Decodes the line `start..<end` into `row` of `table`.
  mutating func decode(
    _ bytes: PaddedBytes, _ start: Int, _ end: Int, row: Int, into table: ScratchTable
  ) throws(RowFault) {
    let tokenizer = JSONTokenizer(
      bytes: bytes, lineStart: start, end: end, allowsNonFinite: allowsNonFinite)
    let valid = bytes.endOfUTF8(from: start, to: end)
    guard valid == end else { throw RowFault("invalid UTF-8\(tokenizer.place(valid))") }
    try locate(tokenizer)
    let decoder = JSONValueDecoder(tokenizer: tokenizer, table: table)
    for column in starts.indices {
      guard starts[column] >= 0 else {
        table.markAbsent(column, row)
        continue
      }
      do throws(RowFault) {
        _ = try decoder.decode(starts[column], column: column, index: row)
      } catch {
        throw error.under(names[column])
      }
    }
  }

  /// Checks the grammar of the line and notes its members.
  private mutating func locate(_ tokenizer: JSONTokenizer) throws(RowFault) {
    members.removeAll(keepingCapacity: true)
    for column in starts.indices { starts[column] = -1 }
    var at = tokenizer.skipSpace(tokenizer.lineStart)
    guard tokenizer.peek(at) == 0x7B else { throw tokenizer.expected("an object", at) }
    at = tokenizer.skipSpace(at + 1)
    if tokenizer.peek(at) == 0x7D {
      at += 1
    } else {
      at = try locateMembers(tokenizer, at)
    }
    at = tokenizer.skipSpace(at)
    guard at == tokenizer.end else { throw tokenizer.expected("the end of the line", at) }
  }

  private mutating func locateMembers(
    _ tokenizer: JSONTokenizer, _ start: Int
  ) throws(RowFault) -> Int {
    var at = start
    while true {
      let (key, valueStart) = try tokenizer.skipKey(at)
      let valueEnd = try tokenizer.skipValue(valueStart, depth: 1)
      let column = keys.position(of: key, tokenizer)
      if column >= 0 { starts[column] = valueStart }
      members.append(Member(valueStart: valueStart, valueEnd: valueEnd, column: column))
      at = tokenizer.skipSpace(valueEnd)
      switch tokenizer.peek(at) {
      case 0x2C: at = tokenizer.skipSpace(at + 1)
      case 0x7D: return at + 1
      default: throw tokenizer.expected("',' or '}'", at)
      }
    }
  }
}
