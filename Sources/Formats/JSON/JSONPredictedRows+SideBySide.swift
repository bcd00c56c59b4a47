import Columns

/// A value for each of four rows.
private typealias Four = InlineArray<4, Int>

/// A value for each of two rows, which share a register.
private typealias Pair = (left: Int, right: Int)

/// Where four rows are.
private struct Places {
  var one: Pair
  var two: Pair

  @inline(__always)
  init(_ one: Pair, _ two: Pair) { (self.one, self.two) = (one, two) }

  @inline(__always)
  init(_ four: Four) { self.init((four[0], four[1]), (four[2], four[3])) }

  var four: Four { [one.left, one.right, two.left, two.right] }

  @inline(__always)
  mutating func advance(by length: Int) {
    one = (one.left &+ length, one.right &+ length)
    two = (two.left &+ length, two.right &+ length)
  }
}

/// Decoding rows of four places of the buffer side by side.
///
/// Where a value starts is known only once the one before it has been read, so one row alone leaves
/// most of the processor idle. A stretch of rows is cut in four at line ends; rows of all parts go
/// through the steps of the order together, two in the two halves of a register. Those of later
/// parts are decoded too far down in the table and moved up once the parts before are known to the
/// end.
extension JSONPredictedRows {
  /// What the rows so far say of the next.
  struct Pace {
    /// Whether rows go through the same steps: no lists, few that lack keys.
    var isEven: Bool
    /// Whether the last row was not as expected.
    var isStuck = false
    /// How long rows are, about; 0 before the first.
    private(set) var rowByteCount = 0

    init(isEven: Bool) { self.isEven = isEven }

    mutating func note(rowByteCount: Int) { self.rowByteCount = rowByteCount }
  }

  /// The most rows of a part.
  private static let partLimit = 64

  /// Decodes a stretch of rows from `start` on, as rows from `first` on.
  ///
  /// - Returns: How many rows, and where the next record starts; `nil` when too little is left, or
  ///   rows are not even.
  @inline(never)
  func decodeSideBySide(
    _ start: Int, _ first: Int, _ limit: Int, _ pace: inout Pace
  ) -> (rowCount: Int, end: Int)? {
    let end = values.tokenizer.end
    let room = min(Self.partLimit, (limit &- first) / 4)
    guard pace.isEven, pace.rowByteCount > 0, room >= 4 else { return nil }
    let length = min(pace.rowByteCount &* (room &- room / 4), (end &- start) / 4)
    var starts = Four(repeating: start)
    for part in 1..<4 {
      let target = min(starts[part &- 1] &+ length, end)
      starts[part] = bytes.find(0x0A, from: target, to: end) &+ 1
    }
    guard starts[3] < end else { return nil }
    var parts = Parts(starts, end: end, first: first, room: room)
    decodeTogether(&parts, &pace)
    return finish(&parts, &pace)
  }

  /// How far the parts of a stretch have come.
  private struct Parts {
    /// Where the next row of each starts.
    var next: Four
    /// Where each ends; the last may be left before.
    let ends: Four
    var counts = Four(repeating: 0)
    /// The rows of a part stand so much further down than those of the part before.
    let room: Int
    let first: Int
    /// The part whose next row is not as expected.
    var stuck: Int?

    init(_ starts: Four, end: Int, first: Int, room: Int) {
      next = starts
      ends = [starts[1], starts[2], starts[3], end]
      self.first = first
      self.room = room
    }

    /// Where the rows of `part` stand.
    func row(_ part: Int) -> Int { first &+ part &* room }
  }

  /// Decodes rows of all parts until one ends or has a row that is not as expected.
  private func decodeTogether(_ parts: inout Parts, _ pace: inout Pace) {
    let columns = unsafe table.columns
    let steps = unsafe order.steps
    var next = parts.next
    var count = 0
    var unlikeCount = 0
    while count < parts.room, next[0] < parts.ends[0], next[1] < parts.ends[1],
      next[2] < parts.ends[2], next[3] < parts.ends[3]
    {
      let start = next[0]
      let row = parts.first &+ count
      var ends = next
      if let step = unsafe decodeFour(&ends, row, parts.room, columns, steps) {
        unlikeCount &+= 1
        parts.counts = Four(repeating: count)
        guard decodeOneByOne(&parts, &next, from: step, at: ends) else { break }
      } else {
        next = ends
        if !order.missing.isEmpty {
          for part in 0..<4 { markMissing(parts.row(part) &+ count) }
        }
      }
      pace.note(rowByteCount: next[0] &- start)
      count &+= 1
    }
    parts.next = next
    if parts.stuck == nil { parts.counts = Four(repeating: count) }
    // A row that is not as expected is decoded twice.
    if 4 &* unlikeCount > count { pace.isEven = false }
  }

  /// Decodes the next row of each part on its own, from step `step` on, which stands at `places`, and
  /// moves `next` to its end.
  ///
  /// - Returns: `false` when one is not as expected.
  private func decodeOneByOne(
    _ parts: inout Parts, _ next: inout Four, from step: Int, at places: Four
  ) -> Bool {
    for part in 0..<4 {
      let row = parts.row(part) &+ parts.counts[part]
      if parts.stuck == nil, let end = decodeRow(places[part], row, from: step) {
        next[part] = end
        parts.counts[part] &+= 1
      } else {
        table.resetRow(row)
        parts.stuck = parts.stuck ?? part
      }
    }
    return parts.stuck == nil
  }

  /// Decodes what is left of each part but the last, and puts the rows of all behind each other.
  private func finish(_ parts: inout Parts, _ pace: inout Pace) -> (rowCount: Int, end: Int) {
    var row = parts.first
    for part in 0..<4 {
      table.moveRows(parts.row(part), to: row, count: parts.counts[part])
      row &+= parts.counts[part]
      while part < 3, parts.next[part] < parts.ends[part], row < parts.row(part &+ 1) {
        guard parts.stuck != part, let end = decodeRow(parts.next[part], row) else {
          parts.stuck = part
          break
        }
        parts.next[part] = end
        row &+= 1
      }
      if part < 3, parts.next[part] < parts.ends[part] {
        // What follows this part comes first.
        for later in part &+ 1..<4 {
          for place in 0..<parts.counts[later] { table.resetRow(parts.row(later) &+ place) }
        }
        pace.isStuck = parts.stuck == part
        return (row &- parts.first, parts.next[part])
      }
    }
    pace.isStuck = parts.stuck == 3
    return (row &- parts.first, parts.next[3])
  }

  /// Decodes the rows that start at `places`, as `row` and those `room` further down each, and moves
  /// `places` to their ends.
  ///
  /// - Returns: The step from which on they have to be decoded one by one, as one is unlike the
  ///   order there; `places` are then where it stands.
  @inline(__always)
  private func decodeFour(
    _ places: inout Four, _ row: Int, _ room: Int,
    _ columns: UnsafeMutablePointer<ScratchColumn>,
    _ steps: UnsafeMutablePointer<JSONKeyOrder.Step>
  ) -> Int? {
    var at = Places(places)
    var step = unsafe steps
    while true {
      let length = unsafe Int(step.pointee.gapLength)
      guard unsafe allMatch(at, step, length: length) else {
        places = at.four
        return unsafe step - steps
      }
      at.advance(by: length)
      let kind = unsafe step.pointee.kind
      unsafe step += 1
      if kind == .skipped, let next = skipNumbers(at) {
        at = next
        continue
      }
      let column = unsafe Int(step[-1].column)
      switch kind {
      case .end:
        places = at.four
        return nil
      case .skippedString:
        if let next = skipTexts(at) {
          at = next
          continue
        }
      case .string:
        if let next = unsafe setTexts(at, columns[column], row, room) {
          at = next
          continue
        }
      case .float64:
        if let next = unsafe setFloats(at, columns[column], row, room) {
          at = next
          continue
        }
      case .int64, .milliseconds:
        if let one = plainNumbers(at.one), let two = plainNumbers(at.two),
          one.areWhole && two.areWhole
        {
          let values = unsafe columns[column]
          set(values, row, room, one, times: kind.factor)
          set(values, row &+ 2 &* room, room, two, times: kind.factor)
          at = Places(one.ends, two.ends)
          continue
        }
      default: break
      }
      var ends = at.four
      // Of a value that is not as expected nothing is known: from the beginning.
      guard unsafe decodeAlone(kind, &ends, row, room, column, columns) else { return 0 }
      at = Places(ends)
    }
  }

  /// Moves `places` behind four values of which at least one is not of the plainest form.
  @inline(never)
  private func decodeAlone(
    _ kind: ValueKind, _ places: inout Four, _ row: Int, _ room: Int, _ column: Int,
    _ columns: UnsafeMutablePointer<ScratchColumn>
  ) -> Bool {
    for part in 0..<4 {
      let row = row &+ part &* room
      guard let end = unsafe decodeValue(kind, places[part], row, column, columns) else {
        return false
      }
      places[part] = end
    }
    return true
  }

  /// Whether the gap of `step` stands at all four places.
  @inline(__always)
  private func allMatch(
    _ at: Places, _ step: UnsafeMutablePointer<JSONKeyOrder.Step>, length: Int
  ) -> Bool {
    guard
      unsafe bytes.allMatch(
        at.one.left, at.one.right, at.two.left, at.two.right, step, length: length)
    else { return false }
    return unsafe step.pointee.restStart < 0 || allMatchRest(at.four, step.pointee)
  }

  @inline(never)
  private func allMatchRest(_ places: Four, _ step: JSONKeyOrder.Step) -> Bool {
    places.indices.allSatisfy { order.matchesRest(step, bytes, places[$0]) }
  }

  @inline(__always)
  private func skipNumbers(_ at: Places) -> Places? {
    guard let one = skippedNumbers(at.one), let two = skippedNumbers(at.two) else { return nil }
    return Places(one, two)
  }

  @inline(__always)
  private func skipTexts(_ at: Places) -> Places? {
    guard let one = plainStringEnds(at.one), let two = plainStringEnds(at.two) else { return nil }
    var ends = Places(one, two)
    ends.advance(by: 1)
    return ends
  }

  @inline(__always)
  private func setTexts(_ at: Places, _ column: ScratchColumn, _ row: Int, _ room: Int) -> Places? {
    guard let ends = skipTexts(at) else { return nil }
    // Without both quotes.
    @inline(__always) func set(_ row: Int, _ start: Int, _ end: Int) {
      column.set(row, TextSpan(start: start &+ 1, length: end &- start &- 2).bits)
    }
    set(row, at.one.left, ends.one.left)
    set(row &+ room, at.one.right, ends.one.right)
    set(row &+ 2 &* room, at.two.left, ends.two.left)
    set(row &+ 3 &* room, at.two.right, ends.two.right)
    return ends
  }

  @inline(__always)
  private func setFloats(
    _ at: Places, _ column: ScratchColumn, _ row: Int, _ room: Int
  ) -> Places? {
    guard let one = plainNumbers(at.one), let two = plainNumbers(at.two) else { return nil }
    @inline(__always) func set(_ row: Int, _ numbers: PlainNumbers) {
      let mantissas = bytes.decimals(numbers.left.digits, numbers.right.digits)
      column.set(row, numbers.left.doubleBits(mantissas.left, doublePowers))
      column.set(row &+ room, numbers.right.doubleBits(mantissas.right, doublePowers))
    }
    set(row, one)
    set(row &+ 2 &* room, two)
    return Places(one.ends, two.ends)
  }

  @inline(__always)
  private func set(
    _ column: ScratchColumn, _ row: Int, _ room: Int, _ numbers: PlainNumbers, times factor: Int64
  ) {
    let mantissas = bytes.decimals(numbers.left.digits, numbers.right.digits)
    column.set(row, numbers.left.integerBits(mantissas.left, times: factor))
    column.set(row &+ room, numbers.right.integerBits(mantissas.right, times: factor))
  }

  /// The closing quotes of two strings as `plainStringEnd` wants them.
  @inline(__always)
  private func plainStringEnds(_ at: Pair) -> Pair? {
    let (left, right) = at
    if bytes.byte(left) != 0x22 || bytes.byte(right) != 0x22 { return nil }
    let stops = bytes.plainTextStops(left &+ 1, right &+ 1)
    guard let leftEnd = plainStringEnd(left, stops: stops & 0xFFFF),
      let rightEnd = plainStringEnd(right, stops: stops &>> 16)
    else { return nil }
    return (leftEnd, rightEnd)
  }
}

/// Where the digits of two numbers end: the masks of ``PaddedBytes/digitMasks(_:_:)``, each with a
/// stop behind its 16 bytes, beyond which its bits say nothing.
private struct DigitStops {
  let left: UInt32
  let right: UInt32

  /// `nil` if one does not begin with a digit, or with a zero that another digit follows.
  @inline(__always)
  init?(_ bytes: PaddedBytes, _ left: Int, _ right: Int) {
    let masks = bytes.digitMasks(left, right)
    if (masks.zeros & ~(masks.stops &>> 1) | masks.stops) & 0x10001 != 0 { return nil }
    self.left = masks.stops | 0x10000
    self.right = masks.stops &>> 16 | 0x10000
  }
}

private struct PlainNumbers {
  var left: PlainNumber
  var right: PlainNumber

  var areWhole: Bool { left.fraction | right.fraction == 0 }
  var ends: Pair { (left.end, right.end) }
}

extension JSONPredictedRows {
  /// The ends of two numbers of no column; as in ``skippedNumber(_:)``, of one with more than 16
  /// characters or an exponent only the beginning.
  @inline(__always)
  private func skippedNumbers(_ at: Pair) -> Pair? {
    let (left, right) = at
    guard let stops = DigitStops(bytes, left, right),
      let leftEnd = skippedNumberEnd(left, stops.left),
      let rightEnd = skippedNumberEnd(right, stops.right)
    else { return nil }
    return (leftEnd, rightEnd)
  }

  /// Two numbers as ``plainNumber(_:)`` wants them.
  @inline(__always)
  private func plainNumbers(_ at: Pair) -> PlainNumbers? {
    let (left, right) = at
    var (first, second) = (left, right)
    if _slowPath(bytes.byte(left) == 0x2D) { first &+= 1 }
    if _slowPath(bytes.byte(right) == 0x2D) { second &+= 1 }
    guard let stops = DigitStops(bytes, first, second),
      let one = plainNumber(left, first, stops.left),
      let two = plainNumber(right, second, stops.right)
    else { return nil }
    let hasExponent = bytes.byte(one.end) | 0x20 == 0x65 || bytes.byte(two.end) | 0x20 == 0x65
    let isLong = max(one.length, two.length) > 15
    return hasExponent || isLong ? nil : PlainNumbers(left: one, right: two)
  }
}
