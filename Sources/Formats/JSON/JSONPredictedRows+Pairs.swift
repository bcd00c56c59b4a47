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
      guard unsafe bothMatch(step, left, right) else { return nil }
      left &+= unsafe Int(step.pointee.gapLength)
      right &+= unsafe Int(step.pointee.gapLength)
      let kind = unsafe step.pointee.kind
      unsafe step += 1
      if kind == .skipped {
        guard let leftEnd = skippedNumber(left), let rightEnd = skippedNumber(right) else {
          return nil
        }
        (left, right) = (leftEnd, rightEnd)
        continue
      }
      let column = unsafe Int(step[-1].column)
      switch kind {
      case .end: return (left, right)
      case .skippedString:
        guard let leftEnd = skippedString(left), let rightEnd = skippedString(right) else {
          return nil
        }
        (left, right) = (leftEnd, rightEnd)
      case .float64:
        guard let leftEnd = unsafe float(left, row, column, columns),
          let rightEnd = unsafe float(right, other, column, columns)
        else { return nil }
        (left, right) = (leftEnd, rightEnd)
      case .string:
        guard let leftEnd = unsafe string(left, row, column, columns),
          let rightEnd = unsafe string(right, other, column, columns)
        else { return nil }
        (left, right) = (leftEnd, rightEnd)
      case .int64, .milliseconds:
        guard let leftEnd = unsafe integer(left, row, column, columns, kind),
          let rightEnd = unsafe integer(right, other, column, columns, kind)
        else { return nil }
        (left, right) = (leftEnd, rightEnd)
      default:
        guard let leftEnd = decodeStrictly(left, row, column),
          let rightEnd = decodeStrictly(right, other, column)
        else { return nil }
        (left, right) = (leftEnd, rightEnd)
      }
    }
  }

  @inline(__always)
  private func bothMatch(
    _ step: UnsafeMutablePointer<JSONKeyOrder.Step>, _ left: Int, _ right: Int
  ) -> Bool {
    guard unsafe bytes.bothMatch(left, right, step) else { return false }
    if unsafe _fastPath(step.pointee.restStart < 0) { return true }
    let step = unsafe step.pointee
    return order.matchesRest(step, bytes, left &+ 16) && order.matchesRest(step, bytes, right &+ 16)
  }
}
