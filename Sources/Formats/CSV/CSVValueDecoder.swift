internal import Columns

/// Decodes the text of one CSV field into scratch memory as a column's type asks.
///
/// Numbers may have a `+`, leading zeros, no digits on one side of the point, and spaces around
/// them; `nan`, `inf` and `infinity`, in any case and with a sign, are floats.
struct CSVValueDecoder {
  let table: ScratchTable
  let listSeparator: UInt8

  /// Where a text lies: in the buffer, or unescaped in the table's arena.
  struct Text {
    let bytes: PaddedBytes
    var start: Int
    var end: Int
    let isInArena: Bool
    /// What to add to an offset in `bytes` to get one in the buffer or arena.
    let shift: Int
  }

  /// Holds `text` as value `index` of `column`.
  func decode(_ text: Text, column: Int, index: Int) throws(RowFault) {
    let scratch = table.column(column)
    switch scratch.kind {
    case .string: try decodeString(text, column, index)
    case .float64, .float32: try decodeFloat(trimmed(text), column, index, scratch.kind)
    case .int64: try decodeInteger(trimmed(text), column, index, scale: nil)
    case .seconds: try decodeInteger(trimmed(text), column, index, scale: 6)
    case .milliseconds: try decodeInteger(trimmed(text), column, index, scale: 3)
    case .microseconds: try decodeInteger(trimmed(text), column, index, scale: 0)
    case .bool: try decodeBool(trimmed(text), column, index)
    case .iso8601: try decodeTime(trimmed(text), column, index)
    case .list: try decodeList(text, column, index, scratch)
    case .skipped, .skippedString, .end:
      preconditionFailure("column \(column) holds \(scratch.kind)")
    }
  }

  private func decodeString(_ text: Text, _ column: Int, _ index: Int) throws(RowFault) {
    guard text.end - text.start <= TextSpan.longest else {
      throw RowFault("a string longer than \(TextSpan.longest) bytes")
    }
    let span = TextSpan(
      start: text.start + text.shift, length: text.end - text.start, inArena: text.isInArena)
    table.set(column, index, span.bits)
  }

  private func decodeFloat(
    _ text: Text, _ column: Int, _ index: Int, _ kind: ValueKind
  ) throws(RowFault) {
    var value: Double
    if isNumber(text) {
      value = DecimalText(text.bytes, text.start, text.end).double
      if kind == .float32 { value = Double(Float(value)) }
      guard value.isFinite else { throw RowFault("number out of range: \(shown(text))") }
    } else {
      guard let special = nonFinite(text) else { throw expected("a number", text) }
      value = special
    }
    table.set(column, index, value.bitPattern)
  }

  /// An integer, or with a `scale` a timestamp in units of 10^−`scale` µs.
  private func decodeInteger(
    _ text: Text, _ column: Int, _ index: Int, scale: Int?
  ) throws(RowFault) {
    let what = scale == nil ? "an integer" : "a number"
    guard isNumber(text) else { throw expected(what, text) }
    switch DecimalText(text.bytes, text.start, text.end).integer(scale: scale ?? 0) {
    case .exact(let value): table.set(column, index, UInt64(bitPattern: value))
    case .fraction(let floor):
      guard scale != nil else { throw expected(what, text) }
      table.set(column, index, UInt64(bitPattern: floor))
    case .outOfRange: throw RowFault("number out of range: \(shown(text))")
    }
  }

  private func decodeBool(_ text: Text, _ column: Int, _ index: Int) throws(RowFault) {
    if isWord("true", text, text.start) {
      table.set(column, index, 1)
    } else if isWord("false", text, text.start) {
      table.set(column, index, 0)
    } else {
      throw expected("a bool", text)
    }
  }

  private func decodeTime(_ text: Text, _ column: Int, _ index: Int) throws(RowFault) {
    guard let time = TimestampText.microseconds(text.bytes, text.start, text.end) else {
      throw expected("RFC 3339 text", text)
    }
    table.set(column, index, UInt64(bitPattern: time))
  }

  private func decodeList(
    _ text: Text, _ column: Int, _ index: Int, _ scratch: ScratchColumn
  ) throws(RowFault) {
    let first = scratch.listStart(index)
    var element = first
    var rest = text
    while rest.start < text.end || element > first {
      rest.end = text.bytes.find(listSeparator, from: rest.start, to: text.end)
      do throws(RowFault) {
        try decode(rest, column: scratch.child, index: element)
      } catch { throw error.under("[\(element - first)]") }
      element += 1
      if rest.end == text.end { break }
      rest.start = rest.end + 1
    }
    guard element <= Int(UInt32.max) else { throw RowFault("over 2^32 elements in a batch") }
    table.set(column, index, UInt64(element))
  }

  /// Whether the text is a decimal number.
  @inline(__always)
  private func isNumber(_ text: Text) -> Bool {
    var at = text.start
    if at < text.end, case let sign = text.bytes.byte(at), sign == 0x2B || sign == 0x2D { at += 1 }
    let integer = at
    at = endOfDigits(at, text)
    var digitCount = at - integer
    if at < text.end && text.bytes.byte(at) == 0x2E {
      let fraction = at + 1
      at = endOfDigits(fraction, text)
      digitCount += at - fraction
    }
    guard digitCount > 0 else { return false }
    guard at < text.end else { return true }
    guard text.bytes.byte(at) | 0x20 == 0x65 else { return false }
    at += 1
    if at < text.end, case let sign = text.bytes.byte(at), sign == 0x2B || sign == 0x2D { at += 1 }
    return at < text.end && endOfDigits(at, text) == text.end
  }

  @inline(__always)
  private func endOfDigits(_ start: Int, _ text: Text) -> Int {
    var at = start
    while at < text.end && text.bytes.byte(at) &- 0x30 < 10 { at &+= 1 }
    return at
  }

  private func nonFinite(_ text: Text) -> Double? {
    var at = text.start
    var sign = 1.0
    if at < text.end, case let byte = text.bytes.byte(at), byte == 0x2B || byte == 0x2D {
      sign = byte == 0x2D ? -1 : 1
      at += 1
    }
    if isWord("nan", text, at) { return .nan }
    return isWord("inf", text, at) || isWord("infinity", text, at) ? sign * .infinity : nil
  }

  /// Whether the text from `at` on is `word`, in any case.
  private func isWord(_ word: StaticString, _ text: Text, _ at: Int) -> Bool {
    guard text.end - at == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { letters in
      for index in 0..<letters.count {
        guard unsafe text.bytes.byte(at + index) | 0x20 == letters[index] else { return false }
      }
      return true
    }
  }

  @inline(__always)
  private func trimmed(_ text: Text) -> Text {
    var text = text
    while text.start < text.end, isSpace(text.bytes.byte(text.start)) { text.start += 1 }
    while text.start < text.end, isSpace(text.bytes.byte(text.end - 1)) { text.end -= 1 }
    return text
  }

  @inline(__always)
  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private func expected(_ what: String, _ text: Text) -> RowFault {
    RowFault(
      "expected \(what), found \(text.start == text.end ? "empty text" : shown(text))")
  }

  /// The start of the text, for messages.
  private func shown(_ text: Text) -> String {
    let end = min(text.end, text.start + 40)
    let start = String(decoding: text.bytes.array(text.start..<end), as: UTF8.self)
    return end < text.end ? start + "…" : start
  }
}
