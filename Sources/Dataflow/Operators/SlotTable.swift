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

  var slot: RowSlot { RowSlot(window: window, release: release) }

  /// Rows behind are counted to their window once it has ended.
  private var release: Timestamp {
    switch timing {
    case .onTime: .distantPast
    case .behind: window.end
    case .after(let time): time
    }
  }

  /// Whether `slot` stands before that of `other`.
  func isOrdered(before other: SlotKey) -> Bool {
    (window, release) < (other.window, other.release)
  }
}

/// The cells that one slot has in one grouping.
struct SlotCells {
  /// The cell of each group, 0 for none; shape `[groups]`.
  var cells: [UInt32] = []
  /// The groups that have a cell.
  var groups: [UInt32] = []
  /// The cells of groups beyond the budget by ``KeyBudget/otherIndex(_:)``, 0 for none; empty while
  /// all have cells of their own.
  var others: [UInt32] = []
  /// The greatest fingerprint of a group that has a cell.
  var limit = UInt64.max
}

/// The open slots of one worker and stage, with the cells each has.
struct SlotTable {
  struct Slot {
    var key: SlotKey
    /// Rows admitted and not yet reported to the coordinator.
    var unreported = 0
    /// Parallel to the groupings of the stage.
    var groupings: [SlotCells]
  }

  private let groupingCount: Int
  private var indices: [SlotKey: Int] = [:]
  private var free: [Int] = []
  /// The slot asked for last, if it is still open: that of most batches.
  private var latest: (key: SlotKey, index: Int)?
  var slots: [Slot] = []

  init(groupingCount: Int) { self.groupingCount = groupingCount }

  /// The slot of `key`, opened if need be.
  mutating func index(of key: SlotKey) -> Int {
    if let latest, latest.key == key { return latest.index }
    let index = indices[key] ?? open(key)
    latest = (key, index)
    return index
  }

  private mutating func open(_ key: SlotKey) -> Int {
    let slot = Slot(
      key: key, groupings: [SlotCells](repeating: SlotCells(), count: groupingCount))
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(slot) } else { slots[index] = slot }
    indices[key] = index
    return index
  }

  /// The slot of `key` taken out, or `nil` when it is not open.
  mutating func remove(_ key: SlotKey) -> Slot? {
    guard let index = indices.removeValue(forKey: key) else { return nil }
    free.append(index)
    latest = nil
    var slot = Slot(key: key, groupings: [])
    swap(&slot, &slots[index])
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
