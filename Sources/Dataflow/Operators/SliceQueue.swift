import Accumulators
import EventTime

/// The contents of slices of time, oldest first, and their sum.
///
/// A slice is added at the end and dropped at the start, each at the cost of a few merges however
/// many there are: the older slices are held as sums up to the youngest of them, the younger ones
/// as they came, with their sum beside them. When the older ones run out, the younger take their
/// place. What comes later for a slice that is held is added wherever it is a part of the sum.
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

  var spillableByteCount: Int {
    (older + younger).reduce(youngerTotal?.spillableByteCount ?? 0) {
      $0 + $1.content.spillableByteCount
    }
  }

  mutating func spill(to store: any SpillStore) {
    for index in older.indices { older[index].content.spill(to: store) }
    for index in younger.indices { younger[index].content.spill(to: store) }
    youngerTotal?.spill(to: store)
  }

  /// When the slices begin, in order.
  var starts: [Timestamp] { older.reversed().map(\.start) + younger.map(\.start) }

  /// Adds to the slice that begins at `start`.
  ///
  /// One or two merges for a slice as young as the youngest, or nearly; as many as there are older
  /// sums of it otherwise.
  mutating func add(_ content: SliceContent, start: Timestamp, _ ranks: [[UInt32]]) {
    if let youngestSum = older.first, start <= youngestSum.start {
      return addToSums(content, start: start, ranks)
    }
    if youngerTotal?.merge(content, ranks: ranks) == nil { youngerTotal = content }
    let place = (younger.lastIndex { $0.start < start } ?? -1) + 1
    if place < younger.count, younger[place].start == start {
      younger[place].content.merge(content, ranks: ranks)
    } else {
      younger.insert((start, content), at: place)
    }
  }

  private mutating func addToSums(
    _ content: SliceContent, start: Timestamp, _ ranks: [[UInt32]]
  ) {
    let place = older.firstIndex { $0.start <= start } ?? older.count
    for index in older[place...].indices { older[index].content.merge(content, ranks: ranks) }
    if place < older.count, older[place].start == start { return }
    var sum = content
    if place > 0 { sum.merge(older[place - 1].content, ranks: ranks) }
    older.insert((start, sum), at: place)
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
