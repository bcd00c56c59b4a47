import Columns

/// One order of keys that records were seen to have: what to expect between values.
///
/// A *gap* is every byte from the end of one value to the start of the next: `{"a":`, `,"b":`, and
/// last `}` with the line end. Keys and white space are thus compared in one go, 32 bytes at once.
/// A step is a gap and what to do with the value after it.
///
/// Unsafe: hot loops read the steps through a pointer; matching loads at most 32 bytes before it
/// has compared them, and more past a match of all earlier ones, so it stays within the padding.
@safe final class JSONKeyOrder {
  struct Step {
    static let patternLength = 32

    /// The gap's first 32 bytes, 0 where it is shorter; as kernels load them.
    var pattern = SIMD32<UInt8>()
    /// 0xFF in the bytes of `pattern` that are of the gap, 0 elsewhere.
    var compared = SIMD32<UInt8>()
    var gapLength: Int32 = 0
    var column: Int32 = -1
    var kind = ValueKind.skipped
    /// Where the gap's bytes after those of `pattern` begin in `rest`, or −1.
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
    unsafe steps = .allocate(capacity: gaps.count)
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
    var step = Step()
    for (index, byte) in gap.prefix(Step.patternLength).enumerated() {
      step.pattern[index] = byte
      step.compared[index] = 0xFF
    }
    step.gapLength = Int32(gap.count)
    if gap.count > Step.patternLength {
      step.restStart = Int32(rest.count)
      rest.append(contentsOf: gap[Step.patternLength...])
    }
    return step
  }

  func step(_ index: Int) -> Step {
    precondition(index >= 0 && index < stepCount, "step \(index) of \(stepCount)")
    return unsafe steps[index]
  }

  /// Whether the gap of `step`, whose beginning stands at `at`, is there to its end.
  func matchesRest(_ step: Step, _ bytes: PaddedBytes, _ at: Int) -> Bool {
    let start = Int(step.restStart)
    let from = at + Step.patternLength
    for index in 0..<Int(step.gapLength) - Step.patternLength
    where bytes.byte(from + index) != rest[start + index] {
      return false
    }
    return true
  }

  /// How many members records of this order have.
  var memberCount: Int { stepCount - 1 }
}
