import Columns

/// The fast path: decodes rows whose keys come in an expected order.
///
/// A row that is not as expected (another key, an unusual escape, a bad value) is left to the full
/// path, which gives the same result; so nothing here has to explain itself. Keys of the order
/// that a row lacks are skipped. Offsets wrap-add (`&+`): they are below the size of the buffer.
struct JSONPredictedRows {
  let bytes: PaddedBytes
  let order: JSONKeyOrder
  let table: ScratchTable
  let values: JSONValueDecoder
  let doublePowers: [Double]
  let integerPowers: [UInt64]

  /// Rows of `bytes` up to `end`, which is where its last whole line ends.
  init(
    _ bytes: PaddedBytes, to end: Int, order: JSONKeyOrder, table: ScratchTable,
    allowsNonFinite: Bool
  ) {
    self.bytes = bytes
    self.order = order
    self.table = table
    let tokenizer = JSONTokenizer(
      bytes: bytes, lineStart: 0, end: end, allowsNonFinite: allowsNonFinite)
    values = JSONValueDecoder(tokenizer: tokenizer, table: table)
    doublePowers = DecimalText.powers
    integerPowers = DecimalText.integerPowers
  }

  /// Decodes rows from `start` on, as rows `first..<limit`, until one is not as expected.
  ///
  /// - Returns: The rows there are then, and where the next record starts.
  func decode(from start: Int, first: Int, limit: Int) -> (rowCount: Int, end: Int) {
    let end = values.tokenizer.end
    var pace = Pace(isEven: !table.hasLists)
    var at = start
    var row = first
    while row < limit && at < end {
      if let (rowCount, next) = decodeSideBySide(at, row, limit, &pace) {
        (row, at) = (row &+ rowCount, next)
        if pace.isStuck { break }
        continue
      }
      guard let next = decodeRow(at, row) else { break }
      pace.note(rowByteCount: next &- at)
      at = next
      row &+= 1
    }
    return (row, at)
  }

  /// The end of the row of which step `first` stands at `start`, or `nil` when it is not as expected;
  /// then nothing of it is left.
  @inline(never)
  func decodeRow(_ start: Int, _ row: Int, from first: Int = 0) -> Int? {
    let columns = unsafe table.columns
    let steps = unsafe order.steps
    guard let end = unsafe decodeRow(start, row, columns, steps, from: first) else {
      table.resetRow(row)
      return nil
    }
    markMissing(row)
    return end
  }

  /// Says of the fields that the order lacks that they are absent.
  @inline(__always)
  func markMissing(_ row: Int) {
    if !order.missing.isEmpty { for column in order.missing { table.markAbsent(column, row) } }
  }

  @inline(__always)
  private func decodeRow(
    _ start: Int, _ row: Int, _ columns: UnsafeMutablePointer<ScratchColumn>,
    _ steps: UnsafeMutablePointer<JSONKeyOrder.Step>, from first: Int
  ) -> Int? {
    var at = start
    var step = unsafe steps + first
    while true {
      if unsafe !matches(step, at) {
        guard let next = skipAbsent(unsafe step - steps, at, row) else { return nil }
        unsafe step = steps + next
      }
      at &+= unsafe Int(step.pointee.gapLength)
      let kind = unsafe step.pointee.kind
      if kind == .end { return at }
      let column = unsafe Int(step.pointee.column)
      guard let next = unsafe decodeValue(kind, at, row, column, columns) else { return nil }
      at = next
      unsafe step += 1
    }
  }

  /// The end of the value at `at`, or `nil` when it is not as expected.
  @inline(__always)
  func decodeValue(
    _ kind: ValueKind, _ at: Int, _ row: Int, _ column: Int,
    _ columns: UnsafeMutablePointer<ScratchColumn>
  ) -> Int? {
    switch kind {
    case .skipped: skippedNumber(at).flatMap { endOfSkipped(at, $0) }
    case .skippedString: skippedString(at)
    case .float64: unsafe float(at, row, column, columns)
    case .int64, .milliseconds: unsafe integer(at, row, column, columns, kind)
    case .string: unsafe string(at, row, column, columns)
    default: decodeStrictly(at, row, column)
    }
  }

  @inline(__always)
  private func matches(_ step: UnsafeMutablePointer<JSONKeyOrder.Step>, _ at: Int) -> Bool {
    let length = unsafe Int(step.pointee.gapLength)
    guard unsafe bytes.matches(at, step, length: length) else { return false }
    return unsafe step.pointee.restStart < 0 || order.matchesRest(step.pointee, bytes, at)
  }

  /// The first step after `index` whose gap stands at `at`.
  ///
  /// The keys between are then absent from `row`; the first of the order cannot be.
  @inline(never)
  private func skipAbsent(_ index: Int, _ at: Int, _ row: Int) -> Int? {
    guard index > 0 else { return nil }
    for next in index + 1..<max(order.stepCount, index + 1)
    where unsafe matches(order.steps + next, at) {
      for skipped in index..<next where order.step(skipped).column >= 0 {
        table.markAbsent(Int(order.step(skipped).column), row)
      }
      return next
    }
    return nil
  }

  /// Any value, by the code of the full path.
  @inline(never)
  func decodeStrictly(_ at: Int, _ row: Int, _ column: Int) -> Int? {
    do throws(RowFault) {
      return try values.decode(at, column: column, index: row)
    } catch {
      return nil
    }
  }

  @inline(never)
  private func skipStrictly(_ at: Int) -> Int? {
    do throws(RowFault) {
      if bytes.byte(at) == 0x22 { return try values.tokenizer.string(at, checksUTF8: true).end + 1 }
      let end = try values.tokenizer.skipValue(at, depth: 1)
      return bytes.endOfUTF8(from: at, to: end) == end ? end : nil
    } catch {
      return nil
    }
  }
}

/// A number of the plainest form: at most 15 characters after the sign, no exponent.
struct PlainNumber {
  /// Where the digits start, after a sign.
  var first: Int
  /// Digits before and after the point.
  var whole: Int
  var fraction = 0
  /// Whether there is a minus, 0 or 1.
  var sign: Int
  /// Characters after the sign.
  var length: Int

  init(at start: Int, first: Int, whole: Int) {
    self.first = first
    self.whole = whole
    sign = first &- start
    length = whole
  }

  var end: Int { first &+ length }

  /// Its digits, as `PaddedBytes.decimal` wants them.
  var digits: (at: Int, whole: Int, count: Int) { (first, whole, whole &+ fraction) }

  /// The bits of the double whose digits are `mantissa`; the division rounds alone, as there are at
  /// most 15 of them.
  @inline(__always)
  func doubleBits(_ mantissa: UInt64, _ powers: [Double]) -> UInt64 {
    let magnitude = Double(Int64(truncatingIfNeeded: mantissa)) / powers[fraction]
    return magnitude.bitPattern | UInt64(truncatingIfNeeded: sign) &<< 63
  }

  /// The bits of a value without a fraction, times `factor`.
  @inline(__always)
  func integerBits(_ mantissa: UInt64, times factor: Int64) -> UInt64 {
    // At most 15 digits: below 2^63.
    let magnitude = Int64(truncatingIfNeeded: mantissa) &* factor
    return UInt64(bitPattern: sign == 0 ? magnitude : 0 &- magnitude)
  }
}

extension JSONPredictedRows {
  /// The number at `at`.
  ///
  /// Branches only on what is mostly the same from row to row (sign, point), so that the next value
  /// need not wait for these bytes; a leading zero is tested without one.
  @inline(__always)
  private func plainNumber(_ at: Int) -> PlainNumber? {
    var first = at
    if _slowPath(bytes.byte(at) == 0x2D) { first &+= 1 }
    let stops = bytes.nonDigits(first)
    guard let number = plainNumber(at, first, stops) else { return nil }
    // Zero: a leading zero that another digit follows.
    let leading = UInt32(bytes.byte(first) ^ 0x30) | stops & 2
    let isPlain =
      leading != 0 && stops & 1 == 0 && number.length <= 15
      && bytes.byte(number.end) | 0x20 != 0x65
    return isPlain ? number : nil
  }

  /// The number at `start`, whose digits start at `first`.
  ///
  /// `stops` are what among its 16 bytes is no digit, and one behind them. Its length, its beginning
  /// and an exponent are not looked at.
  @inline(__always)
  func plainNumber(_ start: Int, _ first: Int, _ stops: UInt32) -> PlainNumber? {
    var number = PlainNumber(at: start, first: first, whole: PaddedBytes.lowest(stops))
    if _fastPath(bytes.byte(number.end) == 0x2E) {
      number.length = PaddedBytes.lowest(stops & (stops &- 1))
      number.fraction = number.length &- number.whole &- 1
      if number.fraction == 0 { return nil }
    }
    return number
  }

  @inline(__always)
  func float(
    _ start: Int, _ row: Int, _ column: Int, _ columns: UnsafeMutablePointer<ScratchColumn>
  ) -> Int? {
    guard let number = plainNumber(start) else { return longFloat(start, row, column) }
    let mantissa = bytes.decimal(
      number.first, whole: number.whole, count: number.whole &+ number.fraction)
    unsafe columns[column].set(row, number.doubleBits(mantissa, doublePowers))
    return number.end
  }

  /// A float of up to 19 digits, as written by those who print doubles exactly; or any value.
  @inline(never)
  private func longFloat(_ start: Int, _ row: Int, _ column: Int) -> Int? {
    guard let number = longNumber(start), number.whole <= 16,
      number.whole &+ number.fraction <= 19
    else {
      return decodeStrictly(start, row, column)
    }
    var mantissa = digits(number.first, number.whole)
    if number.fraction > 0 {
      let first = number.first &+ number.whole &+ 1
      let leading = min(number.fraction, 16)
      mantissa = mantissa &* power(leading) &+ digits(first, leading)
      let rest = number.fraction &- leading
      if rest > 0 { mantissa = mantissa &* power(rest) &+ digits(first &+ leading, rest) }
    }
    let text = DecimalText(
      bytes, start..<number.end, digits: mantissa, exponent: -number.fraction)
    table.set(column, row, text.double.bitPattern)
    return number.end
  }

  @inline(never)
  private func skipLong(_ at: Int) -> Int? {
    longNumber(at)?.end ?? skipStrictly(at)
  }

  /// Like ``plainNumber(_:)``, up to 31 characters after the sign.
  private func longNumber(_ at: Int) -> PlainNumber? {
    let first = at &+ (bytes.byte(at) == 0x2D ? 1 : 0)
    let stops = UInt64(bytes.nonDigits(first) & 0xFFFF) | UInt64(bytes.nonDigits(first &+ 16)) << 16
    let whole = stops.trailingZeroBitCount
    var number = PlainNumber(at: at, first: first, whole: whole)
    if bytes.byte(number.end) == 0x2E {
      number.length = (stops & (stops &- 1)).trailingZeroBitCount
      number.fraction = number.length &- whole &- 1
      if number.fraction == 0 { return nil }
    }
    let hasLeadingZero = bytes.byte(first) == 0x30 && whole > 1
    let isLong =
      !hasLeadingZero && whole != 0 && number.length <= 31
      && bytes.byte(number.end) | 0x20 != 0x65
    return isLong ? number : nil
  }

  /// A plain integer; of milliseconds, times 1000.
  @inline(__always)
  func integer(
    _ start: Int, _ row: Int, _ column: Int, _ columns: UnsafeMutablePointer<ScratchColumn>,
    _ kind: ValueKind
  ) -> Int? {
    guard let number = plainNumber(start), number.fraction == 0 else {
      return decodeStrictly(start, row, column)
    }
    let bits = number.integerBits(digits(number.first, number.whole), times: kind.factor)
    unsafe columns[column].set(row, bits)
    return number.end
  }

  @inline(__always)
  func string(
    _ open: Int, _ row: Int, _ column: Int, _ columns: UnsafeMutablePointer<ScratchColumn>
  ) -> Int? {
    guard let end = plainStringEnd(open) else { return decodeStrictly(open, row, column) }
    unsafe columns[column].set(row, TextSpan(start: open &+ 1, length: end &- open &- 1).bits)
    return end &+ 1
  }

  /// The closing quote of an ASCII string without escapes and not too long, whose opening quote is
  /// at `open`.
  @inline(__always)
  private func plainStringEnd(_ open: Int) -> Int? {
    if bytes.byte(open) != 0x22 { return nil }
    return plainStringEnd(open, stops: bytes.plainTextStops(open &+ 1))
  }

  /// The same; `stops` are those of the first 16 bytes behind the quote.
  @inline(__always)
  func plainStringEnd(_ open: Int, stops: UInt32) -> Int? {
    var at = open &+ 1
    if stops != 0 {
      at &+= PaddedBytes.lowest(stops)
    } else {
      // Texts of one key are mostly all short or all long; how long is hard to predict.
      at &+= 16
      var stops = bytes.plainTextStops48(at)
      while stops == 0 {
        at &+= 48
        if at &- open > JSONTokenizer.stringLimit { return nil }
        stops = bytes.plainTextStops48(at)
      }
      at &+= stops.trailingZeroBitCount
    }
    return bytes.byte(at) == 0x22 ? at : nil
  }

  /// The end of the value at `at`, which is of no column and mostly a string.
  @inline(__always)
  func skippedString(_ at: Int) -> Int? {
    plainStringEnd(at).map { $0 &+ 1 } ?? skipOther(at)
  }

  /// The end of the value at `at`, which is of no column and mostly a number; of a number with more
  /// than 16 characters or an exponent only the beginning, and what comes then is no gap.
  @inline(__always)
  func skippedNumber(_ at: Int) -> Int? {
    let stops = bytes.nonDigits(at)
    // Zero: a leading zero that another digit follows.
    let leading = UInt32(bytes.byte(at) ^ 0x30) | stops & 2
    if leading == 0 || stops & 1 != 0 { return skipOther(at) }
    return skippedNumberEnd(at, stops) ?? skipStrictly(at)
  }

  /// The same of a number that begins well, by its `stops` as `plainNumber` has them; `nil` when
  /// nothing follows its point.
  @inline(__always)
  func skippedNumberEnd(_ at: Int, _ stops: UInt32) -> Int? {
    let end = at &+ PaddedBytes.lowest(stops)
    if bytes.byte(end) != 0x2E { return end }
    let fractionEnd = at &+ PaddedBytes.lowest(stops & (stops &- 1))
    return fractionEnd == end &+ 1 ? nil : fractionEnd
  }

  @inline(never)
  private func skipOther(_ at: Int) -> Int? {
    let lead = bytes.byte(at)
    if lead == 0x22, let quote = plainStringEnd(at) { return quote &+ 1 }
    return lead == 0x2D ? skipLong(at) : skipStrictly(at)
  }

  /// Where the value at `at` ends if ``skippedNumber(_:)`` came to `end`.
  @inline(__always)
  private func endOfSkipped(_ at: Int, _ end: Int) -> Int? {
    let next = bytes.byte(end)
    return next | 0x20 == 0x65 || next &- 0x30 < 10 ? skipLong(at) : end
  }

  /// The value of `length` digits at `at`; 1 to 16.
  @inline(__always)
  private func digits(_ at: Int, _ length: Int) -> UInt64 {
    bytes.decimal(at, whole: length, count: length)
  }

  @inline(__always)
  private func power(_ exponent: Int) -> UInt64 { integerPowers[exponent] }
}
