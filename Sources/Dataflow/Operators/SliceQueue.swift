import EventTime

/// The contents of slices of time, oldest first, and their sum.
///
/// A slice is added at the end and dropped at the start, each at the cost of a few merges however
/// many there are: the older slices are held as sums up to the youngest of them, the younger ones
/// as they came, with their sum beside them. When the older ones run out, the younger take their
/// place.
///
/// Source: the two stacks of Tangwongsan et al., *General incremental sliding-window aggregation*,
/// PVLDB 8(7), 2015.
struct SliceQueue {
  private typealias Entry = (start: Timestamp, content: SliceContent)

  /// Each the sum of its slice and all younger ones here; the oldest slice last.
  private var older: [Entry] = []
  /// In order.
  private var younger: [Entry] = []
  private var youngerTotal: SliceContent?

  /// The sum of all slices, or `nil` without any; `ranks` as in ``SliceContent/merge(_:ranks:)``.
  func total(_ ranks: [[UInt32]]) -> SliceContent? {
    guard var total = older.last?.content else { return youngerTotal }
    if let youngerTotal { total.merge(youngerTotal, ranks: ranks) }
    return total
  }

  var byteCount: Int { (older + younger).reduce(0) { $0 + $1.content.byteCount } }

  /// When the slices begin, in order.
  var starts: [Timestamp] { older.reversed().map(\.start) + younger.map(\.start) }

  /// - Precondition: `start` is later than that of every slice held.
  mutating func append(_ content: SliceContent, start: Timestamp, _ ranks: [[UInt32]]) {
    precondition((younger.last ?? older.first).map { $0.start < start } ?? true, "slices in order")
    younger.append((start, content))
    if youngerTotal?.merge(content, ranks: ranks) == nil { youngerTotal = content }
  }

  /// Drops the slices that begin before `start`.
  mutating func drop(before start: Timestamp, _ ranks: [[UInt32]]) {
    while let oldest = older.last, oldest.start < start { older.removeLast() }
    guard older.isEmpty else { return }
    var sum: SliceContent?
    for entry in younger.reversed() where entry.start >= start {
      var next = entry.content
      if let sum { next.merge(sum, ranks: ranks) }
      older.append((entry.start, next))
      sum = next
    }
    younger = []
    youngerTotal = nil
  }

  mutating func removeAll() { self = SliceQueue() }
}
