import EventTime

/// Whether a row came before its split's watermark passed the end of its window.
///
/// The two are kept apart until the on-time pane has fired, so that this pane holds the same rows
/// however splits and chunks interleave.
enum RowTiming: Hashable, Sendable {
  case onTime, behind
  /// Of a slice: on time for those of its windows that end after the time.
  case after(Timestamp)
}

/// A window and a timing: what a worker collects rows for.
struct SlotKey: Hashable {
  var window: Window
  var timing: RowTiming

  /// Rows behind are counted to their window once it has ended.
  var slot: RowSlot {
    switch timing {
    case .onTime: RowSlot(window: window, release: .distantPast)
    case .behind: RowSlot(window: window, release: window.end)
    case .after(let time): RowSlot(window: window, release: time)
    }
  }
}

/// The open slots of one worker and stage, with the cells each has.
struct SlotTable {
  struct Slot {
    var key: SlotKey
    /// Rows admitted and not yet reported to the coordinator.
    var unreported = 0
    /// For each grouping, the cell of each group, 0 for none; shape `[groupings][groups]`.
    var cells: [[UInt32]]
    /// For each grouping, the groups that have a cell.
    var groups: [[UInt32]]
    /// For each grouping, the cells of groups beyond its budget by ``KeyBudget/otherIndex(_:)``, 0
    /// for none; empty while all have cells of their own.
    var others: [[UInt32]]
    /// For each grouping, the greatest fingerprint of a group that has a cell.
    var limits: [UInt64]
  }

  private let groupingCount: Int
  private var indices: [SlotKey: Int] = [:]
  private var free: [Int] = []
  var slots: [Slot] = []

  init(groupingCount: Int) { self.groupingCount = groupingCount }

  /// The slot of `key`, opened if need be.
  mutating func index(of key: SlotKey) -> Int {
    if let index = indices[key] { return index }
    let slot = Slot(
      key: key, cells: [[UInt32]](repeating: [], count: groupingCount),
      groups: [[UInt32]](repeating: [], count: groupingCount),
      others: [[UInt32]](repeating: [], count: groupingCount),
      limits: [UInt64](repeating: .max, count: groupingCount))
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(slot) } else { slots[index] = slot }
    indices[key] = index
    return index
  }

  /// The slot of `key` taken out, or `nil` when it is not open.
  mutating func remove(_ key: SlotKey) -> Slot? {
    guard let index = indices.removeValue(forKey: key) else { return nil }
    free.append(index)
    let slot = slots[index]
    slots[index].cells = []
    slots[index].groups = []
    slots[index].unreported = 0
    return slot
  }

  /// Rows admitted since the last call, for each slot that has some.
  mutating func takeUnreported() -> [(key: SlotKey, rows: Int)] {
    var counts: [(key: SlotKey, rows: Int)] = []
    for index in indices.values where slots[index].unreported > 0 {
      counts.append((slots[index].key, slots[index].unreported))
      slots[index].unreported = 0
    }
    return counts
  }

  var openCount: Int { indices.count }

  /// The open slots, in no order.
  var openKeys: [SlotKey] { Array(indices.keys) }
}
