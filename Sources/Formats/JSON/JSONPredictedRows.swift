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
    let columns = unsafe table.columns
    let steps = unsafe order.steps
    let hasMissing = !order.missing.isEmpty
    var at = start
    var row = first
    while row < limit && at < end {
      let next = unsafe decodeRow(at, row, columns, steps)
      guard next >= 0 else {
        table.resetRow(row)
        break
      }
      if hasMissing { for column in order.missing { table.markAbsent(column, row) } }
      at = next
      row &+= 1
    }
    return (row, at)
  }

  /// The end of the row that starts at `start`, or −1 when it is not as expected.
  @inline(__always)
  private func decodeRow(
    _ start: Int, _ row: Int, _ columns: UnsafeMutablePointer<ScratchColumn>,
    _ steps: UnsafeMutablePointer<JSONKeyOrder.Step>
  ) -> Int {
    var at = start
    var step = unsafe steps
    while true {
      if unsafe !matches(&step.pointee, at) {
        let next = skipAbsent(unsafe step - steps, at, row)
        if next < 0 { return -1 }
        unsafe step = steps + next
      }
      at &+= unsafe Int(step.pointee.gapLength)
      let column = unsafe Int(step.pointee.column)
      switch unsafe step.pointee.kind {
      case .skipped: at = skip(at)
      case .float64: at = unsafe float(at, row, column, columns)
      case .int64: at = unsafe integer(at, row, column, columns, factor: 1)
      case .milliseconds: at = unsafe integer(at, row, column, columns, factor: 1000)
      case .string: at = unsafe string(at, row, column, columns)
      case .end: return at
      default: at = decodeStrictly(at, row, column)
      }
      if at < 0 { return -1 }
      unsafe step += 1
    }
  }

  @inline(__always)
  private func matches(_ step: inout JSONKeyOrder.Step, _ at: Int) -> Bool {
    let first = (bytes.word(at) ^ step.first) & step.firstMask
    let second = (bytes.word(at &+ 8) ^ step.second) & step.secondMask
    if first | second != 0 { return false }
    return step.restStart < 0 || order.matchesRest(step, bytes, at &+ 16)
  }

  /// The first step after `index` whose gap stands at `at`, or −1.
  ///
  /// The keys between are then absent from `row`; the first of the order cannot be.
  @inline(never)
  private func skipAbsent(_ index: Int, _ at: Int, _ row: Int) -> Int {
    guard index > 0 else { return -1 }
    for next in index + 1..<max(order.stepCount, index + 1) {
      var step = order.step(next)
      guard matches(&step, at) else { continue }
      for skipped in index..<next where order.step(skipped).column >= 0 {
        table.markAbsent(Int(order.step(skipped).column), row)
      }
      return next
    }
    return -1
  }

  /// Any value, by the code of the full path.
  @inline(never)
  private func decodeStrictly(_ at: Int, _ row: Int, _ column: Int) -> Int {
    do throws(RowFault) {
      return try values.decode(at, column: column, index: row)
    } catch {
      return -1
    }
  }

  @inline(never)
  private func skipStrictly(_ at: Int) -> Int {
    do throws(RowFault) {
      if bytes.byte(at) == 0x22 { return try values.tokenizer.string(at, checksUTF8: true).end + 1 }
      let end = try values.tokenizer.skipValue(at, depth: 1)
      return bytes.endOfUTF8(from: at, to: end) == end ? end : -1
    } catch {
      return -1
    }
  }
}

/// A number of the plainest form: at most 15 characters after the sign, no exponent.
private struct PlainNumber {
  /// Where the digits start, after a sign.
  var first: Int
  /// Digits before and after the point.
  var whole: Int
  var fraction: Int
  /// Whether there is a minus, 0 or 1.
  var sign: Int
  /// The end of the number; −1 when it is not of this form.
  var end: Int
}

extension JSONPredictedRows {
  /// The number at `at`.
  ///
  /// Branches only on what is mostly the same from row to row (sign, point), so that the next value
  /// need not wait for these bytes; a leading zero is tested without one.
  @inline(__always)
  private func plainNumber(_ at: Int) -> PlainNumber {
    var first = at
    if _slowPath(bytes.byte(at) == 0x2D) { first &+= 1 }
    let stops = bytes.nonDigits(first)
    let whole = PaddedBytes.lowest(stops)
    var number = PlainNumber(first: first, whole: whole, fraction: 0, sign: first &- at, end: -1)
    var length = whole
    if _fastPath(bytes.byte(first &+ whole) == 0x2E) {
      length = PaddedBytes.lowest(stops & (stops &- 1))
      number.fraction = length &- whole &- 1
      if number.fraction == 0 { return number }
    }
    // Zero: a leading zero that another digit follows.
    let leading = UInt32(bytes.byte(first) ^ 0x30) | stops & 2
    let isPlain =
      leading != 0 && whole != 0 && length <= 15 && bytes.byte(first &+ length) | 0x20 != 0x65
    if isPlain { number.end = first &+ length }
    return number
  }

  @inline(__always)
  private func float(
    _ start: Int, _ row: Int, _ column: Int, _ columns: UnsafeMutablePointer<ScratchColumn>
  ) -> Int {
    let number = plainNumber(start)
    if number.end < 0 { return decodeStrictly(start, row, column) }
    let mantissa: UInt64
    if number.fraction == 0 {
      mantissa = digits(number.first, number.whole)
    } else if number.whole &+ number.fraction <= 8 {
      let shift = UInt64(truncatingIfNeeded: 8 &* number.whole)
      let joined =
        bytes.word(number.first) & (1 &<< shift &- 1)
        | bytes.word(number.first &+ number.whole &+ 1) &<< shift
      mantissa = Self.digits(joined, number.whole &+ number.fraction)
    } else {
      mantissa =
        digits(number.first, number.whole) &* power(number.fraction)
        &+ digits(number.first &+ number.whole &+ 1, number.fraction)
    }
    // At most 15 digits: below 2^53, so the division is the only rounding.
    let magnitude = Double(Int64(truncatingIfNeeded: mantissa)) / doublePower(number.fraction)
    let sign = UInt64(truncatingIfNeeded: number.sign) &<< 63
    unsafe columns[column].set(row, magnitude.bitPattern | sign)
    return number.end
  }

  /// An integer of at most `limit` digits, times `factor`.
  @inline(__always)
  private func integer(
    _ start: Int, _ row: Int, _ column: Int, _ columns: UnsafeMutablePointer<ScratchColumn>,
    factor: Int64
  ) -> Int {
    let number = plainNumber(start)
    if number.end < 0 || number.fraction != 0 { return decodeStrictly(start, row, column) }
    // At most 15 digits, and the factor is at most 1000: below 2^63.
    let magnitude = Int64(truncatingIfNeeded: digits(number.first, number.whole)) &* factor
    let value = number.sign == 0 ? magnitude : 0 &- magnitude
    unsafe columns[column].set(row, UInt64(bitPattern: value))
    return number.end
  }

  @inline(__always)
  private func string(
    _ open: Int, _ row: Int, _ column: Int, _ columns: UnsafeMutablePointer<ScratchColumn>
  ) -> Int {
    let end = plainStringEnd(open)
    let length = end &- open &- 1
    if end < 0 || length > JSONTokenizer.stringLimit { return decodeStrictly(open, row, column) }
    unsafe columns[column].set(row, TextSpan(start: open &+ 1, length: length).bits)
    return end &+ 1
  }

  /// The closing quote of an ASCII string without escapes, or −1.
  @inline(__always)
  private func plainStringEnd(_ open: Int) -> Int {
    if bytes.byte(open) != 0x22 { return -1 }
    var at = open &+ 1
    var stops = bytes.plainTextStops(at)
    while stops == 0 {
      at &+= 16
      stops = bytes.plainTextStops(at)
    }
    at &+= PaddedBytes.lowest(stops)
    return bytes.byte(at) == 0x22 ? at : -1
  }

  @inline(__always)
  private func skip(_ at: Int) -> Int {
    if bytes.byte(at) == 0x22 {
      let end = plainStringEnd(at)
      return end >= 0 && end &- at <= JSONTokenizer.stringLimit ? end &+ 1 : skipStrictly(at)
    }
    let end = plainNumber(at).end
    return end >= 0 ? end : skipStrictly(at)
  }

  /// The value of `length` digits at `at`; 1 to 16.
  @inline(__always)
  private func digits(_ at: Int, _ length: Int) -> UInt64 {
    if length <= 8 { return Self.digits(bytes.word(at), length) }
    let rest = length &- 8
    return Self.digits(bytes.word(at), 8) &* power(rest)
      &+ Self.digits(bytes.word(at &+ 8), rest)
  }

  /// The value of the first `length` of eight digits, by three multiplications.
  ///
  /// Source: D. Lemire, *Quickly parsing eight digits*, 2018.
  @inline(__always)
  private static func digits(_ word: UInt64, _ length: Int) -> UInt64 {
    var value =
      (word &<< UInt64(truncatingIfNeeded: 64 &- 8 &* length)) & 0x0F0F_0F0F_0F0F_0F0F
    value = value &* 10 &+ value &>> 8
    let low = (value & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
    let high = (value &>> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
    return (low &+ high) &>> 32
  }

  @inline(__always)
  private func power(_ exponent: Int) -> UInt64 { integerPowers[exponent] }

  @inline(__always)
  private func doublePower(_ exponent: Int) -> Double { doublePowers[exponent] }
}
