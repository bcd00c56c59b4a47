internal import Columns

/// Finds the column of a feature by the bytes of its name.
///
/// Open addressing over the projected names; the first 16 bytes of a name are compared in the slot.
/// Unsafe: raw memory of its own, so that a lookup touches no reference count.
@safe final class FeatureNames {
  private struct Slot {
    var low: UInt64 = 0
    var high: UInt64 = 0
    var length = 0
    /// Position + 1, or 0.
    var mark = 0
  }

  private let names: [[UInt8]]
  private let slots: UnsafeMutablePointer<Slot>
  private let slotCount: Int

  init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
    var size = 8
    while size < 4 * names.count { size *= 2 }
    slotCount = size
    unsafe slots = .allocate(capacity: size)
    unsafe slots.initialize(repeating: Slot(), count: size)
    for (position, name) in self.names.enumerated() {
      let low = Self.word(name.prefix(8))
      let high = Self.word(name.dropFirst(8).prefix(8))
      var index = Self.hash(low, name.count) & (size - 1)
      while unsafe slots[index].mark != 0 { index = (index + 1) & (size - 1) }
      unsafe slots[index] = Slot(low: low, high: high, length: name.count, mark: position + 1)
    }
  }

  deinit { unsafe slots.deallocate() }

  /// The position of the name in `start..<end`, or −1.
  @inline(__always)
  func position(_ bytes: PaddedBytes, _ start: Int, _ end: Int) -> Int {
    let length = end &- start
    let low = length == 0 ? 0 : Self.masked(bytes.word(start), length)
    let high = length <= 8 ? 0 : Self.masked(bytes.word(start &+ 8), length &- 8)
    var index = Self.hash(low, length) & (slotCount &- 1)
    while case let slot = unsafe slots[index], slot.mark != 0 {
      if slot.low == low && slot.high == high && slot.length == length
        && (length <= 16 || bytes.isEqual(start, names[slot.mark &- 1]))
      {
        return slot.mark &- 1
      }
      index = (index &+ 1) & (slotCount &- 1)
    }
    return -1
  }

  private static func word(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  @inline(__always)
  private static func masked(_ word: UInt64, _ length: Int) -> UInt64 {
    length >= 8 ? word : word & ((1 &<< UInt64(truncatingIfNeeded: 8 &* length)) &- 1)
  }

  @inline(__always)
  private static func hash(_ word: UInt64, _ length: Int) -> Int {
    // Only the spread matters; wraps.
    let mixed = (word ^ UInt64(truncatingIfNeeded: length)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 40)
  }
}
