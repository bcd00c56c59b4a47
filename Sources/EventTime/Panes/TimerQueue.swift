/// Windows, or keys, by the time at which to look at them again: a binary heap.
///
/// Entries are never removed early; whoever pops one asks whether it still means anything.
struct TimerQueue<Subject: Comparable & Sendable>: Sendable {
  struct Entry: Comparable, Sendable {
    var time: Timestamp
    var subject: Subject

    static func < (lhs: Entry, rhs: Entry) -> Bool {
      (lhs.time, lhs.subject) < (rhs.time, rhs.subject)
    }
  }

  private var entries: [Entry] = []

  var count: Int { entries.count }
  var first: Entry? { entries.first }

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entry < entries[(child - 1) / 2] {
      entries[child] = entries[(child - 1) / 2]
      child = (child - 1) / 2
    }
    entries[child] = entry
  }

  @discardableResult
  mutating func popFirst() -> Entry? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < last else { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = last
    return first
  }

  /// Keeps what `isLive` says, in O(*n* log *n*).
  mutating func compact(_ isLive: (Entry) -> Bool) {
    // A sorted array is a heap.
    entries = entries.filter(isLive).sorted()
  }
}
