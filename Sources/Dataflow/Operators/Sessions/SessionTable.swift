import EventTime

/// The sessions one worker has open, as far as its own rows tell.
///
/// Rows on time that share a session share an item. Rows behind are kept apart by the watermark at
/// which they are released, so that what a pane holds does not depend on when they came.
struct SessionTable {
  struct Item {
    var key: UInt32
    var start: Int64
    var end: Int64
    /// `Int64.min` for rows on time.
    var release: Int64
    /// Rows admitted and not yet reported.
    var unreported = 0
    /// The next item of the key, `none` for the last.
    var next: Int32
  }

  /// The items of one key: lists through `Item.next`.
  private struct Heads {
    var isTouched = false
    /// Rows on time: disjoint, the latest first.
    var onTime = SessionTable.none
    var behind = SessionTable.none
  }

  static let none: Int32 = -1

  private(set) var items: [Item] = []
  private var heads: [Heads] = []
  private var free: [Int32] = []
  /// Keys with rows to report, in the order of their first.
  private var touched: [UInt32] = []
  /// Items that became part of another one in this batch.
  private var absorbed: [(item: Int32, target: Int32)] = []

  /// Makes room for keys below `count`.
  mutating func grow(toKeys count: Int) {
    guard heads.count < count else { return }
    heads.append(contentsOf: repeatElement(Heads(), count: count - heads.count))
  }

  /// The item of a row on its own window `start ..< end`, which it may make longer.
  mutating func add(key: UInt32, start: Int64, end: Int64, release: Int64) -> Int32 {
    let item =
      release == .min
      ? onTimeItem(key, start, end) : behindItem(key, start, end, release)
    if !heads[Int(key)].isTouched {
      heads[Int(key)].isTouched = true
      touched.append(key)
    }
    items[Int(item)].unreported += 1
    return item
  }

  private mutating func onTimeItem(_ key: UInt32, _ start: Int64, _ end: Int64) -> Int32 {
    var previous = Self.none
    var item = heads[Int(key)].onTime
    while item != Self.none, items[Int(item)].start >= end {
      previous = item
      item = items[Int(item)].next
    }
    guard item != Self.none, items[Int(item)].end > start else {
      let new = makeItem(key, start, end, .min, next: item)
      if previous == Self.none {
        heads[Int(key)].onTime = new
      } else {
        items[Int(previous)].next = new
      }
      return new
    }
    items[Int(item)].start = min(items[Int(item)].start, start)
    items[Int(item)].end = max(items[Int(item)].end, end)
    absorbEarlier(into: item)
    return item
  }

  /// Makes the items that `item` now reaches part of it.
  private mutating func absorbEarlier(into item: Int32) {
    while true {
      let next = items[Int(item)].next
      guard next != Self.none, items[Int(next)].end > items[Int(item)].start else { return }
      items[Int(item)].start = min(items[Int(item)].start, items[Int(next)].start)
      items[Int(item)].unreported += items[Int(next)].unreported
      items[Int(next)].unreported = 0
      items[Int(item)].next = items[Int(next)].next
      absorbed.append((next, item))
    }
  }

  private mutating func behindItem(
    _ key: UInt32, _ start: Int64, _ end: Int64, _ release: Int64
  ) -> Int32 {
    let first = heads[Int(key)].behind
    if first != Self.none, items[Int(first)].release == release,
      items[Int(first)].start < end, start < items[Int(first)].end
    {
      items[Int(first)].start = min(items[Int(first)].start, start)
      items[Int(first)].end = max(items[Int(first)].end, end)
      return first
    }
    let new = makeItem(key, start, end, release, next: first)
    heads[Int(key)].behind = new
    return new
  }

  private mutating func makeItem(
    _ key: UInt32, _ start: Int64, _ end: Int64, _ release: Int64, next: Int32
  ) -> Int32 {
    let item = Item(key: key, start: start, end: end, release: release, next: next)
    guard let index = free.popLast() else {
      items.append(item)
      return Int32(items.count - 1)
    }
    items[Int(index)] = item
    return index
  }

  /// Items that became part of others since the last call, in order; their numbers are given out
  /// again after it.
  mutating func takeAbsorbed() -> [(item: Int32, target: Int32)] {
    defer {
      free.append(contentsOf: absorbed.map(\.item))
      absorbed = []
    }
    return absorbed
  }

  /// Items with rows to report, and how many; those of one key one after the other.
  mutating func takeUnreported() -> [(item: Item, rows: Int)] {
    var counts: [(item: Item, rows: Int)] = []
    for key in touched {
      heads[Int(key)].isTouched = false
      for head in [heads[Int(key)].onTime, heads[Int(key)].behind] {
        var index = head
        while index != Self.none {
          if items[Int(index)].unreported > 0 {
            counts.append((items[Int(index)], items[Int(index)].unreported))
            items[Int(index)].unreported = 0
          }
          index = items[Int(index)].next
        }
      }
    }
    touched.removeAll(keepingCapacity: true)
    return counts
  }

  /// Takes out the items of `key` that `isWanted` says.
  mutating func remove(key: UInt32, _ isWanted: (Item) -> Bool) -> [Int32] {
    guard Int(key) < heads.count else { return [] }
    var removed: [Int32] = []
    heads[Int(key)].onTime = remove(from: heads[Int(key)].onTime, isWanted, &removed)
    heads[Int(key)].behind = remove(from: heads[Int(key)].behind, isWanted, &removed)
    for item in removed { items[Int(item)].unreported = 0 }
    free.append(contentsOf: removed)
    return removed
  }

  private mutating func remove(
    from head: Int32, _ isWanted: (Item) -> Bool, _ removed: inout [Int32]
  ) -> Int32 {
    var head = head
    var previous = Self.none
    var item = head
    while item != Self.none {
      let next = items[Int(item)].next
      if isWanted(items[Int(item)]) {
        removed.append(item)
        if previous == Self.none { head = next } else { items[Int(previous)].next = next }
      } else {
        previous = item
      }
      item = next
    }
    return head
  }

  /// The keys that have items, ascending.
  var openKeys: [UInt32] {
    heads.indices.filter { heads[$0].onTime != Self.none || heads[$0].behind != Self.none }
      .map { UInt32($0) }
  }
}
