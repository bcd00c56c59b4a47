/// Values of one column while a batch is decoded: 64 bits each, whatever the type.
///
/// | kind | bits |
/// |---|---|
/// | float | the double's |
/// | int, timestamp | two's complement |
/// | bool | 0 or 1 |
/// | string | ``TextSpan`` |
/// | list | how many elements its child column holds after this row |
///
/// Unsafe: a view of memory that a ``ScratchTable`` owns; indices are checked in debug builds only.
/// Every row is present until ``markAbsent(_:)``.
@safe struct ScratchColumn {
  static let firstCapacity = 64

  let kind: ValueKind
  /// The table's column of the elements of a list.
  let child: Int
  private(set) var values: UnsafeMutablePointer<UInt64>
  private(set) var presence: UnsafeMutablePointer<UInt64>
  private(set) var capacity: Int

  init(kind: ValueKind, child: Int) {
    self.kind = kind
    self.child = child
    capacity = Self.firstCapacity
    unsafe values = .allocate(capacity: capacity)
    unsafe presence = .allocate(capacity: 1)
    unsafe values.initialize(repeating: 0, count: capacity)
    unsafe presence.initialize(to: ~0)
  }

  func deallocate() {
    unsafe values.deallocate()
    unsafe presence.deallocate()
  }

  @inline(__always)
  func set(_ index: Int, _ bits: UInt64) {
    assert(index < capacity, "\(index) of \(capacity)")
    unsafe values[index] = bits
  }

  func get(_ index: Int) -> UInt64 {
    assert(index < capacity, "\(index) of \(capacity)")
    return unsafe values[index]
  }

  func presenceWord(_ index: Int) -> UInt64 { unsafe presence[index] }

  /// Elements of the child column before row `index`.
  func listStart(_ index: Int) -> Int { index == 0 ? 0 : Int(get(index - 1)) }

  func markPresent(_ index: Int) {
    unsafe presence[index >> 6] |= 1 << UInt64(index & 63)
  }

  func markAbsent(_ index: Int) {
    set(index, kind == .list ? UInt64(listStart(index)) : 0)
    unsafe presence[index >> 6] &= ~(1 << UInt64(index & 63))
  }

  /// Moves `count` values from `source` up to `target`, where all are present until then.
  func move(_ source: Int, to target: Int, _ count: Int) {
    assert(target <= source && source + count <= capacity, "\(count) at \(source) of \(capacity)")
    unsafe (values + target).update(from: values + source, count: count)
    let words = source >> 6..<(source + count + 63) >> 6
    if words.allSatisfy({ presenceWord($0) == ~0 }) { return }
    for offset in 0..<count {
      let (from, to) = (source + offset, target + offset)
      guard presenceWord(from >> 6) >> UInt64(from & 63) & 1 == 0 else { continue }
      markPresent(from)
      unsafe presence[to >> 6] &= ~(1 << UInt64(to & 63))
    }
  }

  /// Makes all rows present.
  func markAllPresent() { unsafe presence.update(repeating: ~0, count: capacity / 64) }

  /// Grows to at least `count` values, keeping those there are; new ones are present.
  mutating func reserve(_ count: Int) {
    guard count > capacity else { return }
    let grown = (max(count, 2 * capacity) + 63) / 64 * 64
    let newValues = UnsafeMutablePointer<UInt64>.allocate(capacity: grown)
    unsafe newValues.initialize(repeating: 0, count: grown)
    unsafe newValues.update(from: values, count: capacity)
    let newPresence = UnsafeMutablePointer<UInt64>.allocate(capacity: grown / 64)
    unsafe newPresence.initialize(repeating: ~0, count: grown / 64)
    unsafe newPresence.update(from: presence, count: capacity / 64)
    deallocate()
    unsafe values = newValues
    unsafe presence = newPresence
    capacity = grown
  }
}

/// Where the bytes of a string are: in the buffer, or unescaped in the table's arena.
struct TextSpan {
  static let longest = 1 << 24

  let bits: UInt64

  init(bits: UInt64) { self.bits = bits }

  /// Lengths up to ``longest`` and starts below 2^38, which the caller has seen to.
  @inline(__always)
  init(start: Int, length: Int, inArena: Bool = false) {
    bits =
      UInt64(truncatingIfNeeded: start) &<< 26 | (inArena ? 1 << 25 : 0)
      | UInt64(truncatingIfNeeded: length)
  }

  var start: Int { Int(truncatingIfNeeded: bits &>> 26) }
  var length: Int { Int(truncatingIfNeeded: bits & (1 << 25 - 1)) }
  var isInArena: Bool { bits & 1 << 25 != 0 }
}
