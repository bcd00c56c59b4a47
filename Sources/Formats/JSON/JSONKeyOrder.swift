import Columns

/// One order of keys that records were seen to have: what to expect between values.
///
/// A *gap* is every byte from the end of one value to the start of the next: `{"a":`, `,"b":`, and
/// last `}` with the line end. Keys and white space are thus compared in one go, as words. A step
/// is a gap and what to do with the value after it.
///
/// Unsafe: hot loops read the steps through a pointer; matching loads at most 16 bytes before it
/// has compared them, and words past a match of all earlier ones, so it stays within the padding.
@safe final class JSONKeyOrder {
  struct Step {
    /// The gap's first 16 bytes, 0 where it is shorter.
    var first: UInt64 = 0
    var second: UInt64 = 0
    /// All ones in the bytes of `first` and `second` that are of the gap, 0 elsewhere.
    var firstMask: UInt64 = 0
    var secondMask: UInt64 = 0
    var gapLength: Int32 = 0
    var column: Int32 = -1
    var kind = ValueKind.skipped
    /// Where the gap's bytes after the first 16 begin in `rest`, or −1.
    var restStart: Int32 = -1
  }

  private static let gapLimit = 1024
  private static let stepLimit = 1 << 16

  let steps: UnsafeMutablePointer<Step>
  /// The last step is the end of the record.
  let stepCount: Int
  /// Fields that no step holds: absent from every record of this order.
  let missing: [Int]
  private let rest: [UInt8]

  /// The order of the row `start..<end`, whose line end is at `end`, or `nil` when it should not be
  /// predicted: no members, a field given twice, very long keys.
  init?(
    _ bytes: PaddedBytes, _ start: Int, _ end: Int, members: [JSONRowTokenizer.Member],
    table: ScratchTable
  ) {
    guard !members.isEmpty, members.count < Self.stepLimit, bytes.byte(end) == 0x0A else {
      return nil
    }
    let columns = members.map(\.column).filter { $0 >= 0 }
    guard Set(columns).count == columns.count else { return nil }
    var gaps: [Range<Int>] = []
    for (index, member) in members.enumerated() {
      gaps.append((index == 0 ? start : members[index - 1].valueEnd)..<member.valueStart)
    }
    gaps.append(members[members.count - 1].valueEnd..<end + 1)
    guard gaps.allSatisfy({ $0.count <= Self.gapLimit }) else { return nil }
    var rest: [UInt8] = []
    // Kernels load the first 32 bytes of a step as vectors.
    unsafe steps = UnsafeMutableRawPointer.allocate(
      byteCount: gaps.count * MemoryLayout<Step>.stride, alignment: 16
    ).bindMemory(to: Step.self, capacity: gaps.count)
    for (index, gap) in gaps.enumerated() {
      var step = Self.step(bytes.array(gap), rest: &rest)
      if index < members.count {
        let column = members[index].column
        step.column = Int32(column)
        let isString = bytes.byte(members[index].valueStart) == 0x22
        step.kind =
          column >= 0 ? table.column(column).kind : isString ? .skippedString : .skipped
      } else {
        step.kind = .end
      }
      unsafe (steps + index).initialize(to: step)
    }
    stepCount = gaps.count
    self.rest = rest
    missing = table.schema.fields.indices.filter { !columns.contains($0) }
  }

  deinit { unsafe steps.deallocate() }

  private static func step(_ gap: [UInt8], rest: inout [UInt8]) -> Step {
    func word(_ from: Int) -> (UInt64, UInt64) {
      var value: UInt64 = 0
      var mask: UInt64 = 0
      for index in from..<max(from, min(gap.count, from + 8)) {
        value |= UInt64(gap[index]) << UInt64(8 * (index - from))
        mask |= 0xFF << UInt64(8 * (index - from))
      }
      return (value, mask)
    }
    var step = Step()
    (step.first, step.firstMask) = word(0)
    (step.second, step.secondMask) = word(8)
    step.gapLength = Int32(gap.count)
    if gap.count > 16 {
      step.restStart = Int32(rest.count)
      rest.append(contentsOf: gap[16...])
    }
    return step
  }

  func step(_ index: Int) -> Step {
    precondition(index >= 0 && index < stepCount, "step \(index) of \(stepCount)")
    return unsafe steps[index]
  }

  /// Whether the bytes of a long gap after its first 16 stand at `at`.
  func matchesRest(_ step: Step, _ bytes: PaddedBytes, _ at: Int) -> Bool {
    let start = Int(step.restStart)
    for index in 0..<Int(step.gapLength) - 16 where bytes.byte(at + index) != rest[start + index] {
      return false
    }
    return true
  }

  /// How many members records of this order have.
  var memberCount: Int { stepCount - 1 }
}
