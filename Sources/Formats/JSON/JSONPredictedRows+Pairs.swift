import Columns

/// Decoding rows of two places of the buffer side by side.
///
/// Where a value starts is known only once the one before it has been read, so one row alone leaves
/// most of the processor idle. A stretch of rows is cut in two at a line end; rows of both halves go
/// through the steps of the order together. Those of the second half are decoded some rows too far
/// down in the table and moved up once the first half is known to the end.
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

  /// The most rows of a half.
  private static let halfLimit = 64

  /// Decodes a stretch of rows from `start` on, as rows from `first` on.
  ///
  /// - Returns: How many rows, and where the next record starts; `nil` when too little is left, or
  ///   rows are not even.
  @inline(never)
  func decodeSideBySide(
    _ start: Int, _ first: Int, _ limit: Int, _ pace: inout Pace
  ) -> (rowCount: Int, end: Int)? {
    let end = values.tokenizer.end
    let room = min(Self.halfLimit, (limit &- first) / 2)
    guard pace.isEven, pace.rowByteCount > 0, room >= 4 else { return nil }
    let length = min(pace.rowByteCount &* (room &- room / 4), (end &- start) / 2)
    let middle = bytes.find(0x0A, from: start &+ length, to: end) &+ 1
    guard middle < end else { return nil }
    var halves = Halves(left: start, right: middle, middle: middle, first: first, room: room)
    decodePairs(&halves, to: end, &pace)
    while halves.left < middle && halves.leftCount < room {
      guard let next = decodeRow(halves.left, first &+ halves.leftCount) else {
        pace.isStuck = true
        break
      }
      halves.left = next
      halves.leftCount &+= 1
    }
    let placed = first &+ room
    guard halves.left >= middle else {
      // What follows the first half comes first.
      for row in placed..<placed &+ halves.rightCount { table.resetRow(row) }
      return (halves.leftCount, halves.left)
    }
    table.moveRows(placed, to: first &+ halves.leftCount, count: halves.rightCount)
    pace.isStuck = halves.isRightStuck
    return (halves.leftCount &+ halves.rightCount, halves.right)
  }

  /// How far the halves of a stretch have come.
  private struct Halves {
    var left: Int
    var right: Int
    let middle: Int
    let first: Int
    /// The rows of the second half stand so much further down than the first.
    let room: Int
    var leftCount = 0
    var rightCount = 0
    var isRightStuck = false
  }

  /// Decodes rows of both halves until one half ends or has a row that is not as expected.
  private func decodePairs(_ halves: inout Halves, to end: Int, _ pace: inout Pace) {
    let columns = unsafe table.columns
    let steps = unsafe order.steps
    var (left, right) = (halves.left, halves.right)
    var count = 0
    var unlikeCount = 0
    while count < halves.room && left < halves.middle && right < end {
      let row = halves.first &+ count
      var next = unsafe decodePair(left, right, row, row &+ halves.room, columns, steps)
      if next != nil {
        markMissing(row)
        markMissing(row &+ halves.room)
      } else {
        unlikeCount &+= 1
        next = decodeOneByOne(left, right, row, &halves)
      }
      guard let next else { break }
      pace.note(rowByteCount: next.left &- left)
      (left, right) = next
      count &+= 1
    }
    if !halves.isRightStuck { (halves.left, halves.leftCount) = (left, count) }
    (halves.right, halves.rightCount) = (right, count)
    // A row that is not as expected is decoded twice.
    if 4 &* unlikeCount > count { pace.isEven = false }
  }

  /// The ends of a pair of rows of which at least one is unlike the order; `nil` when one is not as
  /// expected.
  private func decodeOneByOne(
    _ left: Int, _ right: Int, _ row: Int, _ halves: inout Halves
  ) -> (left: Int, right: Int)? {
    let other = row &+ halves.room
    guard let leftEnd = decodeRow(left, row) else {
      table.resetRow(other)
      return nil
    }
    guard let rightEnd = decodeRow(right, other) else {
      halves.isRightStuck = true
      (halves.left, halves.leftCount) = (leftEnd, row &+ 1 &- halves.first)
      return nil
    }
    return (leftEnd, rightEnd)
  }

  /// The ends of the rows that start at `left` and `right`, or `nil` when one is not as expected or
  /// lacks keys.
  @inline(__always)
  private func decodePair(
    _ left: Int, _ right: Int, _ row: Int, _ other: Int,
    _ columns: UnsafeMutablePointer<ScratchColumn>,
    _ steps: UnsafeMutablePointer<JSONKeyOrder.Step>
  ) -> (left: Int, right: Int)? {
    var (left, right) = (left, right)
    var step = unsafe steps
    while true {
      let length = unsafe Int(step.pointee.gapLength)
      guard unsafe bothMatch(step, left, right, length) else { return nil }
      left &+= length
      right &+= length
      let kind = unsafe step.pointee.kind
      unsafe step += 1
      if kind == .skipped, let ends = skippedNumbers(left, right) {
        (left, right) = ends
        continue
      }
      let column = unsafe Int(step[-1].column)
      switch kind {
      case .end: return (left, right)
      case .skippedString:
        if let ends = plainStringEnds(left, right) {
          (left, right) = (ends.left &+ 1, ends.right &+ 1)
          continue
        }
      case .string:
        if let ends = plainStringEnds(left, right) {
          let first = TextSpan(start: left &+ 1, length: ends.left &- left &- 1)
          let second = TextSpan(start: right &+ 1, length: ends.right &- right &- 1)
          unsafe columns[column].set(row, first.bits)
          unsafe columns[column].set(other, second.bits)
          (left, right) = (ends.left &+ 1, ends.right &+ 1)
          continue
        }
      case .float64:
        if let (first, second) = plainNumbers(left, right) {
          let mantissas = bytes.decimals(first.digits, second.digits)
          unsafe columns[column].set(row, first.doubleBits(mantissas.left, doublePowers))
          unsafe columns[column].set(other, second.doubleBits(mantissas.right, doublePowers))
          (left, right) = (first.end, second.end)
          continue
        }
      case .int64, .milliseconds:
        if let (first, second) = plainNumbers(left, right), first.fraction | second.fraction == 0 {
          let mantissas = bytes.decimals(first.digits, second.digits)
          let factor = kind.factor
          unsafe columns[column].set(row, first.integerBits(mantissas.left, times: factor))
          unsafe columns[column].set(other, second.integerBits(mantissas.right, times: factor))
          (left, right) = (first.end, second.end)
          continue
        }
      default: break
      }
      guard let ends = unsafe decodeAlone(kind, left, right, row, other, column, columns) else {
        return nil
      }
      (left, right) = ends
    }
  }

  /// The ends of two values of which at least one is not of the plainest form.
  @inline(never)
  private func decodeAlone(
    _ kind: ValueKind, _ left: Int, _ right: Int, _ row: Int, _ other: Int, _ column: Int,
    _ columns: UnsafeMutablePointer<ScratchColumn>
  ) -> (left: Int, right: Int)? {
    guard let leftEnd = unsafe decodeValue(kind, left, row, column, columns),
      let rightEnd = unsafe decodeValue(kind, right, other, column, columns)
    else { return nil }
    return (leftEnd, rightEnd)
  }

  @inline(__always)
  private func bothMatch(
    _ step: UnsafeMutablePointer<JSONKeyOrder.Step>, _ left: Int, _ right: Int, _ length: Int
  ) -> Bool {
    guard unsafe bytes.bothMatch(left, right, step, length: length) else { return false }
    if unsafe _fastPath(step.pointee.restStart < 0) { return true }
    let step = unsafe step.pointee
    return order.matchesRest(step, bytes, left) && order.matchesRest(step, bytes, right)
  }

  /// The closing quotes of two strings as `plainStringEnd` wants them.
  @inline(__always)
  private func plainStringEnds(_ left: Int, _ right: Int) -> (left: Int, right: Int)? {
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

  /// The second stop.
  @inline(__always)
  static func second(_ stops: UInt32) -> Int { PaddedBytes.lowest(stops & (stops &- 1)) }
}

extension JSONPredictedRows {
  /// The ends of two numbers of no column; as in ``skippedNumber(_:)``, of one with more than 16
  /// characters or an exponent only the beginning.
  @inline(__always)
  private func skippedNumbers(_ left: Int, _ right: Int) -> (left: Int, right: Int)? {
    guard let stops = DigitStops(bytes, left, right),
      let leftEnd = skippedNumberEnd(left, stops.left),
      let rightEnd = skippedNumberEnd(right, stops.right)
    else { return nil }
    return (leftEnd, rightEnd)
  }

  @inline(__always)
  private func skippedNumberEnd(_ at: Int, _ stops: UInt32) -> Int? {
    let end = at &+ PaddedBytes.lowest(stops)
    if bytes.byte(end) != 0x2E { return end }
    let fractionEnd = at &+ DigitStops.second(stops)
    return fractionEnd == end &+ 1 ? nil : fractionEnd
  }

  /// Two numbers as ``plainNumber(_:)`` wants them.
  @inline(__always)
  private func plainNumbers(_ left: Int, _ right: Int) -> (PlainNumber, PlainNumber)? {
    var (first, second) = (left, right)
    if _slowPath(bytes.byte(left) == 0x2D) { first &+= 1 }
    if _slowPath(bytes.byte(right) == 0x2D) { second &+= 1 }
    guard let stops = DigitStops(bytes, first, second),
      let one = plainNumber(left, first, stops.left),
      let two = plainNumber(right, second, stops.right)
    else { return nil }
    let hasExponent = bytes.byte(one.end) | 0x20 == 0x65 || bytes.byte(two.end) | 0x20 == 0x65
    return hasExponent || max(one.length, two.length) > 15 ? nil : (one, two)
  }

  /// The number at `start`, whose digits start at `first` and whose length is not looked at.
  @inline(__always)
  private func plainNumber(_ start: Int, _ first: Int, _ stops: UInt32) -> PlainNumber? {
    var number = PlainNumber(at: start, first: first, whole: PaddedBytes.lowest(stops))
    if _fastPath(bytes.byte(number.end) == 0x2E) {
      number.length = DigitStops.second(stops)
      number.fraction = number.length &- number.whole &- 1
      if number.fraction == 0 { return nil }
    }
    return number
  }
}
