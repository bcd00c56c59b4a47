internal import Columns

/// Finds the column of a feature by the bytes of its name.
///
/// Open addressing over the projected names; names are compared eight bytes at a time.
struct FeatureNames {
  private struct Entry {
    let words: [UInt64]
    let length: Int
  }

  private let entries: [Entry]
  /// Entry + 1, or 0.
  private var slots: [Int]

  init(_ names: [String]) {
    entries = names.map { name in
      let utf8 = Array(name.utf8)
      let words = stride(from: 0, to: utf8.count, by: 8).map { start in
        utf8[start..<min(start + 8, utf8.count)].reversed().reduce(UInt64(0)) {
          $0 << 8 | UInt64($1)
        }
      }
      return Entry(words: words, length: utf8.count)
    }
    var size = 8
    while size < 4 * names.count { size *= 2 }
    slots = Array(repeating: 0, count: size)
    for (position, entry) in entries.enumerated() {
      var slot = Self.hash(entry.words.first ?? 0, entry.length) & (size - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = position + 1
    }
  }

  /// The position of the name in `start..<end`, or `nil`.
  @inline(__always)
  func position(_ bytes: PaddedBytes, _ start: Int, _ end: Int) -> Int? {
    let length = end &- start
    let first = length == 0 ? 0 : Self.masked(bytes.word(start), length)
    var slot = Self.hash(first, length) & (slots.count &- 1)
    while case let mark = slots[slot], mark != 0 {
      if isEqual(entries[mark &- 1], bytes, start, length) { return mark &- 1 }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    return nil
  }

  private func isEqual(_ entry: Entry, _ bytes: PaddedBytes, _ start: Int, _ length: Int) -> Bool {
    guard entry.length == length else { return false }
    for (index, word) in entry.words.enumerated() {
      let offset = 8 &* index
      if Self.masked(bytes.word(start &+ offset), length &- offset) != word { return false }
    }
    return true
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
