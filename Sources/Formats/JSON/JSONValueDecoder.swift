/// Decodes one JSON value into scratch memory as a column's type asks, checking all of it.
///
/// Both the predicted and the full path of the record decoder end here for every value that is not
/// of the plainest form, so they accept the same values.
struct JSONValueDecoder {
  let tokenizer: JSONTokenizer
  let table: ScratchTable

  private var bytes: PaddedBytes { tokenizer.bytes }

  /// Holds the value at `at` as value `index` of `column`; returns where it ends.
  ///
  /// The path of a fault names elements (`[3]`), not the field.
  func decode(_ at: Int, column: Int, index: Int) throws(RowFault) -> Int {
    let scratch = table.column(column)
    if tokenizer.peek(at) == 0x6E {
      let end = try tokenizer.literal("null", at)
      table.markAbsent(column, index)
      return end
    }
    switch scratch.kind {
    case .float64, .float32: return try decodeFloat(at, column, index, scratch.kind)
    case .int64: return try decodeInteger(at, column, index, scale: nil)
    case .seconds: return try decodeInteger(at, column, index, scale: 6)
    case .milliseconds: return try decodeInteger(at, column, index, scale: 3)
    case .microseconds: return try decodeInteger(at, column, index, scale: 0)
    case .bool: return try decodeBool(at, column, index)
    case .string: return try decodeString(at, column, index)
    case .iso8601: return try decodeTime(at, column, index)
    case .list: return try decodeList(at, column, index, scratch)
    case .skipped, .skippedString, .end:
      preconditionFailure("column \(column) holds \(scratch.kind)")
    }
  }

  private func decodeFloat(
    _ at: Int, _ column: Int, _ index: Int, _ kind: ValueKind
  ) throws(RowFault) -> Int {
    let (end, isFinite) = try number(at, "a number")
    guard isFinite else {
      let value: Double =
        tokenizer.peek(at) == 0x4E ? .nan : tokenizer.peek(at) == 0x2D ? -.infinity : .infinity
      table.set(column, index, value.bitPattern)
      return end
    }
    var value = DecimalText(bytes, at, end).double
    if kind == .float32 { value = Double(Float(value)) }
    guard value.isFinite else { throw RowFault("number out of range: \(text(at, end))") }
    table.set(column, index, value.bitPattern)
    return end
  }

  /// An integer, or with a `scale` a timestamp in units of 10^−`scale` µs.
  private func decodeInteger(
    _ at: Int, _ column: Int, _ index: Int, scale: Int?
  ) throws(RowFault) -> Int {
    let what = scale == nil ? "an integer" : "a number"
    let (end, isFinite) = try number(at, what)
    guard isFinite else { throw RowFault("expected \(what), found \(text(at, end))") }
    switch DecimalText(bytes, at, end).integer(scale: scale ?? 0) {
    case .exact(let value): table.set(column, index, UInt64(bitPattern: value))
    case .fraction(let floor):
      guard scale != nil else { throw RowFault("expected an integer, found \(text(at, end))") }
      table.set(column, index, UInt64(bitPattern: floor))
    case .outOfRange: throw RowFault("number out of range: \(text(at, end))")
    }
    return end
  }

  private func number(_ at: Int, _ what: String) throws(RowFault) -> (end: Int, isFinite: Bool) {
    switch tokenizer.peek(at) {
    case 0x2D, 0x30...0x39, 0x49, 0x4E:
      let end = try tokenizer.number(at)
      return (end, bytes.byte(end - 1) & 0xF0 == 0x30)
    default: throw mismatch(what, at)
    }
  }

  private func decodeBool(_ at: Int, _ column: Int, _ index: Int) throws(RowFault) -> Int {
    if let end = tokenizer.matches("true", at) {
      table.set(column, index, 1)
      return end
    }
    if let end = tokenizer.matches("false", at) {
      table.set(column, index, 0)
      return end
    }
    throw mismatch("a bool", at)
  }

  private func decodeString(_ at: Int, _ column: Int, _ index: Int) throws(RowFault) -> Int {
    guard tokenizer.peek(at) == 0x22 else { throw mismatch("a string", at) }
    let token = try tokenizer.string(at, checksUTF8: true)
    if token.hasEscapes {
      let start = table.arenaCount
      tokenizer.unescape(token) { table.appendToArena($0) }
      let span = TextSpan(start: start, length: table.arenaCount - start, inArena: true)
      table.set(column, index, span.bits)
    } else {
      let span = TextSpan(start: token.start, length: token.end - token.start)
      table.set(column, index, span.bits)
    }
    return token.end + 1
  }

  private func decodeTime(_ at: Int, _ column: Int, _ index: Int) throws(RowFault) -> Int {
    let what = "RFC 3339 text"
    guard tokenizer.peek(at) == 0x22 else { throw mismatch(what, at) }
    let token = try tokenizer.string(at, checksUTF8: true)
    guard let time = TimestampText.microseconds(bytes, token.start, token.end) else {
      throw RowFault("expected \(what), found \(text(at, token.end + 1))")
    }
    table.set(column, index, UInt64(bitPattern: time))
    return token.end + 1
  }

  private func decodeList(
    _ start: Int, _ column: Int, _ index: Int, _ scratch: ScratchColumn
  ) throws(RowFault) -> Int {
    guard tokenizer.peek(start) == 0x5B else { throw mismatch("a list", start) }
    let first = scratch.listStart(index)
    var element = first
    var at = tokenizer.skipSpace(start + 1)
    if tokenizer.peek(at) != 0x5D {
      while true {
        do throws(RowFault) {
          at = tokenizer.skipSpace(try decode(at, column: scratch.child, index: element))
        } catch {
          throw error.under("[\(element - first)]")
        }
        element += 1
        if tokenizer.peek(at) == 0x5D { break }
        guard tokenizer.peek(at) == 0x2C else { throw tokenizer.expected("',' or ']'", at) }
        at = tokenizer.skipSpace(at + 1)
      }
    }
    guard element <= Int(UInt32.max) else { throw RowFault("over 2^32 elements in a batch") }
    table.set(column, index, UInt64(element))
    return at + 1
  }

  private func mismatch(_ what: String, _ at: Int) -> RowFault {
    let found =
      switch tokenizer.peek(at) {
      case 0x22: "a string"
      case 0x5B: "a list"
      case 0x7B: "an object"
      case 0x74, 0x66: "a bool"
      case 0x4E, 0x49: "a number that is not finite"
      case 0x2D, 0x30...0x39: "a number"
      default: "no value"
      }
    return RowFault("expected \(what), found \(found)")
  }

  /// The start of a token, for messages.
  private func text(_ start: Int, _ end: Int) -> String {
    let shown = String(decoding: bytes.array(start..<min(end, start + 40)), as: UTF8.self)
    return end - start > 40 ? shown + "…" : shown
  }
}
