import Accumulators
import Columns
public import EventTime

/// Adds batches to the accumulators of one stage, by window and grouping key, on one worker.
///
/// Every row goes to one cell a grouping: the cell of its slot (window and timing) and group.
/// Windows that fire are taken out with `extract`; what remains is what came since.
public struct WindowedCombine {
  /// What became of a batch.
  public struct Outcome: Sendable {
    /// Rows that this stage refused because their window was closed; ascending.
    public var refused: [UInt32] = []
    /// The refused rows by window.
    public var refusedByWindow: [Window: Int] = [:]
  }

  private struct Grouping {
    let keyColumns: [Int]
    var table: GroupTable
    var states: [any GroupedAccumulator]
    var cells = CellPool()
  }

  private let stage: Stage
  private var windows: WindowCursor
  private var table: SlotTable
  private var groupings: [Grouping]

  public init(_ stage: Stage) {
    self.stage = stage
    windows = WindowCursor(stage.windowing)
    table = SlotTable(groupingCount: stage.groupings.count)
    groupings = stage.groupings.map { keys in
      Grouping(
        keyColumns: keys, table: GroupTable(length: keys.count),
        states: stage.accumulators.map { $0.plan.makeStates() })
    }
  }

  /// Adds every kept row of `batch` that is not late.
  public mutating func process(_ batch: EvaluatedBatch) -> Outcome {
    var outcome = Outcome()
    guard batch.rowCount > 0 else { return outcome }
    let end = batch.watermark(after: max(batch.priorMaximum, batch.maximum))
    if batch.kept == nil, let window = windows.window(holding: batch.minimum, and: batch.maximum),
      end < window.end.microseconds
    {
      let slot = table.index(of: SlotKey(window: window, timing: .onTime))
      table.slots[slot].unreported += batch.rowCount
      add(batch, slot: slot)
    } else {
      add(batch, slots: assignSlots(batch, &outcome))
    }
    return outcome
  }

  /// Rows admitted since the last call, by window and timing.
  public mutating func takeCounts() -> [(window: Window, timing: RowTiming, rows: Int)] {
    table.takeUnreported().map { ($0.key.window, $0.key.timing, $0.rows) }
  }

  /// Takes out what was collected for `window` since the last time, or `nil` if nothing was.
  public mutating func extract(_ window: Window, _ timing: RowTiming) -> PaneContent? {
    guard let slot = table.remove(SlotKey(window: window, timing: timing)) else { return nil }
    return PaneContent(
      groupings: groupings.indices.map { index in
        let groups = canonical(slot.groups[index], of: &groupings[index].table)
        let cells = groups.map { slot.cells[index][Int($0)] }
        let keys = groupings[index].table.keys(of: groups)
        let states = groupings[index].states.indices.map { state in
          groupings[index].states[state].extractAny(cells)
        }
        groupings[index].cells.free.append(contentsOf: cells)
        return GroupedStates(keys: keys, states: states)
      })
  }

  /// The windows, by timing, of which something is held; in no order.
  public var held: [(window: Window, timing: RowTiming)] {
    table.openKeys.map { ($0.window, $0.timing) }
  }

  /// Bytes held by accumulator states.
  public var byteCount: Int {
    groupings.reduce(0) { $0 + $1.states.reduce(0) { $0 + $1.byteCount } }
  }

  /// `groups` in the canonical order of their keys.
  private func canonical(_ groups: [UInt32], of table: inout GroupTable) -> [UInt32] {
    guard groups.count > 1 else { return groups }
    var isUsed = [Bool](repeating: false, count: table.count)
    for group in groups { isUsed[Int(group)] = true }
    return table.ordered().filter { isUsed[Int($0)] }
  }

  /// The slot of each row, −1 for rows filtered or refused; shape `[rows]`.
  private mutating func assignSlots(_ batch: EvaluatedBatch, _ outcome: inout Outcome) -> [Int32] {
    let lateness = stage.windowing.allowedLateness
    var slots = [Int32](repeating: -1, count: batch.rowCount)
    var greatest = batch.priorMaximum
    var current: (window: Window, timing: RowTiming, slot: Int)?
    for row in 0..<batch.rowCount {
      let time = batch.times[row]
      let watermark = batch.watermark(after: greatest)
      greatest = max(greatest, time)
      if let kept = batch.kept, !kept[row] { continue }
      let window = windows.window(for: time)
      let timing: RowTiming
      if watermark < window.end.microseconds {
        timing = .onTime
      } else if watermark < window.end.advanced(by: lateness).microseconds {
        timing = .behind
      } else {
        outcome.refused.append(UInt32(row))
        outcome.refusedByWindow[window, default: 0] += 1
        continue
      }
      if current?.window != window || current?.timing != timing {
        let slot = table.index(of: SlotKey(window: window, timing: timing))
        current = (window, timing, slot)
      }
      guard let slot = current?.slot else { continue }
      slots[row] = Int32(slot)
      table.slots[slot].unreported += 1
    }
    return slots
  }

  /// Adds all rows to one slot.
  private mutating func add(_ batch: EvaluatedBatch, slot: Int) {
    for index in groupings.indices {
      let keys = groupings[index].keyColumns.map { batch.columns[$0] }
      var cells = groupings[index].table.assign(keys, rowCount: batch.rowCount)
      var taken = CellTaker(grouping: index, slot: slot, slots: &table.slots)
      taken.makeRoom(groupings[index].table.count)
      for row in cells.indices {
        let group = cells[row]
        let cell = taken.cells[Int(group)]
        cells[row] =
          cell != 0
          ? cell
          : taken.newCell(for: group, &groupings[index].cells)
      }
      taken.putBack(&table.slots)
      accumulate(batch, cells, uniform: keys.isEmpty ? cells.first : nil, grouping: index)
    }
  }

  /// Adds each row to its own slot, or to the discard cell.
  private mutating func add(_ batch: EvaluatedBatch, slots: [Int32]) {
    guard slots.contains(where: { $0 >= 0 }) else { return }
    for index in groupings.indices {
      let keys = groupings[index].keyColumns.map { batch.columns[$0] }
      var cells = groupings[index].table.assign(keys, rowCount: batch.rowCount)
      var taken: CellTaker?
      for row in cells.indices {
        let slot = Int(slots[row])
        guard slot >= 0 else {
          cells[row] = 0
          continue
        }
        if taken?.slot != slot {
          taken?.putBack(&table.slots)
          taken = CellTaker(grouping: index, slot: slot, slots: &table.slots)
          taken?.makeRoom(groupings[index].table.count)
        }
        let group = cells[row]
        let cell = taken?.cells[Int(group)] ?? 0
        cells[row] =
          cell != 0
          ? cell
          : taken?.newCell(for: group, &groupings[index].cells) ?? 0
      }
      taken?.putBack(&table.slots)
      let first = cells.first
      let isUniform = keys.isEmpty && cells.allSatisfy { $0 == first }
      accumulate(batch, cells, uniform: isUniform ? first : nil, grouping: index)
    }
  }

  private mutating func accumulate(
    _ batch: EvaluatedBatch, _ cells: [UInt32], uniform: UInt32?, grouping: Int
  ) {
    let count = groupings[grouping].cells.count
    for (index, use) in stage.accumulators.enumerated() {
      let inputs = use.inputs.map { batch.columns[$0] }
      if groupings[grouping].states[index].cellCount < count {
        groupings[grouping].states[index].grow(to: count)
      }
      groupings[grouping].states[index].add(inputs, cells: cells, uniform: uniform)
    }
  }
}

/// Cell ids of one grouping; cell 0 is the discard cell.
private struct CellPool {
  var count = 1
  var free: [UInt32] = []

  mutating func take() -> UInt32 {
    if let cell = free.popLast() { return cell }
    defer { count += 1 }
    return UInt32(count)
  }
}

/// The cells of one slot and grouping, out of the slot table while rows are assigned.
private struct CellTaker {
  let grouping: Int
  let slot: Int
  var cells: [UInt32] = []
  private var groups: [UInt32] = []

  init(grouping: Int, slot: Int, slots: inout [SlotTable.Slot]) {
    self.grouping = grouping
    self.slot = slot
    swap(&cells, &slots[slot].cells[grouping])
    swap(&groups, &slots[slot].groups[grouping])
  }

  mutating func makeRoom(_ groupCount: Int) {
    guard cells.count < groupCount else { return }
    cells.append(contentsOf: repeatElement(0, count: groupCount - cells.count))
  }

  mutating func newCell(for group: UInt32, _ pool: inout CellPool) -> UInt32 {
    let cell = pool.take()
    cells[Int(group)] = cell
    groups.append(group)
    return cell
  }

  mutating func putBack(_ slots: inout [SlotTable.Slot]) {
    swap(&cells, &slots[slot].cells[grouping])
    swap(&groups, &slots[slot].groups[grouping])
  }
}
