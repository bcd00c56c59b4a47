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
    let runs = assignSlots(batch, &outcome)
    guard runs.contains(where: { $0.slot >= 0 }) else { return outcome }
    for index in groupings.indices { add(batch, runs, grouping: index) }
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

  /// The slots of the rows, in runs that cover the batch.
  ///
  /// Most rows of a batch are in the window of its greatest time, and on time even if that came
  /// first; the others are judged one by one.
  private mutating func assignSlots(
    _ batch: EvaluatedBatch, _ outcome: inout Outcome
  ) -> [SlotRun] {
    let main = mainWindow(of: batch)
    let times = batch.times.span
    var runs: [SlotRun] = []
    var mainSlot = SlotRun.none
    var greatest = batch.priorMaximum
    var scanned = 0
    var row = 0
    while row < times.count {
      let start = row
      while row < times.count, main.start <= times[row], times[row] < main.end,
        batch.kept?[row] ?? true
      { row += 1 }
      if row > start {
        if mainSlot < 0 {
          mainSlot = table.index(of: SlotKey(window: main.window, timing: .onTime))
        }
        runs.append(SlotRun(rows: start..<row, slot: mainSlot))
        continue
      }
      while scanned < row {
        greatest = max(greatest, times[scanned])
        scanned += 1
      }
      let slot =
        batch.kept?[row] ?? true
        ? slot(row, times[row], batch.watermark(after: greatest), &outcome) : SlotRun.none
      if let last = runs.last, last.slot == slot {
        runs[runs.count - 1].rows = last.rows.lowerBound..<row + 1
      } else {
        runs.append(SlotRun(rows: row..<row + 1, slot: slot))
      }
      row += 1
    }
    for run in runs where run.slot >= 0 { table.slots[run.slot].unreported += run.rows.count }
    return runs
  }

  /// The window of the greatest time if each of its rows is certainly on time, else none.
  private mutating func mainWindow(
    of batch: EvaluatedBatch
  ) -> (window: Window, start: Int64, end: Int64) {
    let window = windows.window(for: batch.maximum)
    let end = window.end.microseconds
    let isOnTime = batch.watermark(after: max(batch.priorMaximum, batch.maximum)) < end
    guard isOnTime, batch.maximum > .min else { return (window, 0, 0) }
    return (window, window.start.microseconds, end)
  }

  /// The slot of one row, given the watermark before it; −1 if it is late.
  private mutating func slot(
    _ row: Int, _ time: Int64, _ watermark: Int64, _ outcome: inout Outcome
  ) -> Int {
    let window = windows.window(for: time)
    if watermark < window.end.microseconds {
      return table.index(of: SlotKey(window: window, timing: .onTime))
    }
    if watermark < window.end.advanced(by: stage.windowing.allowedLateness).microseconds {
      return table.index(of: SlotKey(window: window, timing: .behind))
    }
    outcome.refused.append(UInt32(row))
    outcome.refusedByWindow[window, default: 0] += 1
    return SlotRun.none
  }

  /// Adds each row to the cell of its group in its slot, or to the discard cell.
  private mutating func add(_ batch: EvaluatedBatch, _ runs: [SlotRun], grouping index: Int) {
    let keys = groupings[index].keyColumns.map { batch.columns[$0] }
    var cells = groupings[index].table.assign(keys, rowCount: batch.rowCount)
    for run in runs {
      if run.slot < 0 {
        for row in run.rows { cells[row] = 0 }
        continue
      }
      var taken = CellTaker(grouping: index, slot: run.slot, slots: &table.slots)
      taken.makeRoom(groupings[index].table.count)
      taken.assign(run.rows, &cells, &groupings[index].cells)
      taken.putBack(&table.slots)
    }
    let uniform = keys.isEmpty && runs.count == 1 ? cells.first : nil
    accumulate(batch, cells, uniform: uniform, grouping: index)
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

/// Rows one after the other that go to one slot.
private struct SlotRun {
  /// The slot of rows that are filtered or refused.
  static let none = -1

  var rows: Range<Int>
  var slot: Int
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

  /// Replaces the groups of `rows` by their cells.
  mutating func assign(_ rows: Range<Int>, _ targets: inout [UInt32], _ pool: inout CellPool) {
    for row in rows {
      let group = targets[row]
      let cell = cells[Int(group)]
      targets[row] = cell != 0 ? cell : newCell(for: group, &pool)
    }
  }

  private mutating func newCell(for group: UInt32, _ pool: inout CellPool) -> UInt32 {
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
