public import Accumulators
import Columns
public import EventTime

/// Adds batches to the accumulators of one stage, by window and grouping key, on one worker.
///
/// Every row goes, for each of its windows, to one cell a grouping: the cell of its slot (window and
/// timing) and group. Of overlapping windows that can be put together from slices, a slice has the
/// slot, and a row goes beside that only to the windows which have ended before it.
///
/// Windows that fire are taken out with `extract`; what remains is what came since.
public struct WindowedCombine: StageOperator {
  private struct Grouping {
    let keyColumns: [Int]
    let budget: KeyBudget?
    var table: GroupTable
    var states: [any GroupedAccumulator]
    var cells = CellPool()
  }

  /// A row of a slice that is not on time for all its windows, with the watermark before it.
  private typealias OddRow = (row: Int, watermark: Int64)

  private let stage: Stage
  /// Find the windows of a row, or its slice.
  private var windows: [WindowCursor]
  private var slicing: Slicing?
  private var table: SlotTable
  private var groupings: [Grouping]

  public init(_ stage: Stage) {
    self.stage = stage
    slicing = Slicing(stage.windowing)
    windows = WindowCursor.all(slicing?.sliced.slices ?? stage.windowing.windowFn)
    table = SlotTable(groupingCount: stage.groupings.count)
    groupings = zip(stage.groupings, stage.keyBudgets).map { keys, budget in
      Grouping(
        keyColumns: keys, budget: budget,
        table: GroupTable(length: keys.count, budget: budget),
        states: stage.accumulators.map { $0.plan.makeStates() })
    }
  }

  public mutating func process(_ batch: EvaluatedBatch) -> BatchOutcome {
    var outcome = BatchOutcome()
    guard batch.rowCount > 0 else { return outcome }
    var odd: [OddRow] = []
    let lanes = windows.indices.map { assignSlots(batch, lane: $0, &odd, &outcome) }
    for index in groupings.indices { add(batch, lanes, grouping: index) }
    if let sliced = slicing?.sliced, !odd.isEmpty { add(odd, of: batch, sliced, &outcome) }
    if windows.count > 1 || !odd.isEmpty {
      outcome.refused = refusedByAll(outcome.refused, batch)
    }
    return outcome
  }

  /// Adds rows that are not on time for all their windows: to each that has ended, and once for
  /// all the others.
  private mutating func add(
    _ odd: [OddRow], of batch: EvaluatedBatch, _ sliced: SlicedWindows,
    _ outcome: inout BatchOutcome
  ) {
    var rows: [Int] = []
    var runs: [SlotRun] = []
    for (row, watermark) in odd {
      let slice = sliced.slices.window(for: Timestamp(microseconds: batch.times[row]))
      let ended = sliced.windows(
        holding: slice, endingUpTo: Timestamp(microseconds: watermark))
      var slots = ended.map { slot(row, of: $0, watermark, &outcome) }.filter { $0 >= 0 }
      if ended.count < sliced.overlap, let last = ended.last {
        slots.append(table.index(of: SlotKey(window: slice, timing: .after(last.end))))
      }
      for slot in slots {
        runs.append(SlotRun(rows: rows.count..<rows.count + 1, slot: slot))
        table.slots[slot].unreported += 1
        rows.append(row)
      }
    }
    guard !rows.isEmpty else { return }
    let few = EvaluatedBatch(
      columns: batch.columns.map { $0.gathered(rows) }, times: rows.map { batch.times[$0] },
      kept: nil, priorMaximum: batch.priorMaximum,
      outOfOrderness: Interval(microseconds: batch.outOfOrderness))
    for index in groupings.indices { add(few, [runs], grouping: index) }
  }

  /// The rows that stand in `refused` once for each of their windows.
  private func refusedByAll(_ refused: [UInt32], _ batch: EvaluatedBatch) -> [UInt32] {
    var counts: [UInt32: Int] = [:]
    for row in refused { counts[row, default: 0] += 1 }
    return counts.keys.filter { row in
      let time = Timestamp(microseconds: batch.times[Int(row)])
      let windowCount =
        slicing.map { Int($0.sliced.overlap) } ?? stage.windowing.windowFn.windows(for: time).count
      return counts[row] == windowCount
    }.sorted()
  }

  /// Rows that are in slices are counted there.
  public mutating func takeCounts() -> [AdmittedRows] {
    table.takeUnreported().map { AdmittedRows($0.key.slot, count: $0.rows) }.sorted {
      ($0.slot.window, $0.slot.release) < ($1.slot.window, $1.slot.release)
    }
  }

  public mutating func extract(
    _ window: Window, of _: [KeyValue], upTo horizon: Timestamp
  ) -> PaneContent? {
    PaneContent.merged([
      extract(window, .onTime), horizon >= window.end ? extract(window, .behind) : nil,
    ])
  }

  /// Takes out what was collected for `window` since the last time, or `nil` if nothing was.
  ///
  /// - Precondition: Sliding windows are taken out in order, those on time.
  mutating func extract(_ window: Window, _ timing: RowTiming) -> PaneContent? {
    guard timing == .onTime, let taken = slicing?.taken else {
      return take(SlotKey(window: window, timing: timing)).map { paneContent($0) }
    }
    guard window.end > taken else { return nil }
    let due = openSlices.filter { $0.isOnTime(forWindowsEndingAt: window.end) }
    let slices = due.compactMap { key in
      take(key).map { (key.window.start, $0) }
    }
    let ranks = groupings.indices.map { groupings[$0].table.ranks() }
    for (start, content) in slices where start >= window.start {
      slicing?.queue.add(content, start: start, ranks)
    }
    slicing?.queue.drop(before: window.start, ranks)
    slicing?.taken = window.end
    return slicing?.queue.total(ranks).map { paneContent($0) }
  }

  public mutating func extractAll() -> [(slot: RowSlot, content: PaneContent)] {
    let taken = slicing?.taken
    var keys = table.openKeys
    if let slicing {
      let starts = openSlices.map(\.window.start) + slicing.queue.starts
      var windows = Set(keys.filter { !slicing.sliced.isSlice($0.window) })
      windows.formUnion(
        slicing.windows(ofSlices: starts).map { SlotKey(window: $0, timing: .onTime) })
      keys = Array(windows)
    }
    let contents = keys.sorted { $0.isOrdered(before: $1) }.compactMap { key in
      extract(key.window, key.timing).map { (slot: key.slot, content: $0) }
    }
    // What the slices held is now with the windows.
    slicing?.queue.removeAll()
    if let taken { slicing?.taken = taken }
    return contents
  }

  /// The slots of slices, in order of these.
  private var openSlices: [SlotKey] {
    guard let sliced = slicing?.sliced else { return [] }
    return table.openKeys.filter { sliced.isSlice($0.window) }.sorted { $0.window < $1.window }
  }

  private mutating func take(_ key: SlotKey) -> SliceContent? {
    guard let slot = table.remove(key) else { return nil }
    return SliceContent(
      groupings: groupings.indices.map { index in
        let held = slot.groupings[index]
        var groups = groupings[index].table.ordered(held.groups)
        var cells = groups.map { held.cells[Int($0)] }
        for (other, cell) in held.others.enumerated() where cell != 0 {
          groups.append(GroupTable.firstOther + UInt32(other))
          cells.append(cell)
        }
        let states = groupings[index].states.indices.map { state in
          groupings[index].states[state].extractAny(cells)
        }
        groupings[index].cells.free.append(contentsOf: cells)
        return SliceContent.Cells(groups: groups, states: states)
      })
  }

  private func paneContent(_ content: SliceContent) -> PaneContent {
    var pane = PaneContent(groupings: [])
    // A closure would copy all of `self` for each window.
    for (index, cells) in content.groupings.enumerated() {
      var states = GroupedStates(
        keys: groupings[index].table.keys(of: cells.groups), states: cells.states)
      states.budget = groupings[index].budget
      states.keepWithinBudget()
      pane.groupings.append(states)
    }
    return pane
  }

  public var byteCount: Int {
    groupings.reduce(slicing?.queue.byteCount ?? 0) {
      $0 + $1.states.reduce(0) { $0 + $1.byteCount }
    }
  }

  public var spillableByteCount: Int {
    groupings.reduce(slicing?.queue.spillableByteCount ?? 0) { $0 + $1.states.spillableByteCount }
  }

  public mutating func spill(to store: any SpillStore) {
    for index in groupings.indices { groupings[index].states.spill(to: store) }
    slicing?.queue.spill(to: store)
  }

  /// The slots of the rows for one of their windows, in runs that cover the batch.
  ///
  /// Most rows of a batch are in the window of its greatest time, and on time even if that came
  /// first; the others are judged one by one.
  private mutating func assignSlots(
    _ batch: EvaluatedBatch, lane: Int, _ odd: inout [OddRow], _ outcome: inout BatchOutcome
  ) -> [SlotRun] {
    let main = mainSpan(of: batch, lane: lane)
    let (start, end) = (main?.start ?? 0, main?.end ?? 0)
    let times = batch.times.span
    let clock = batch.clock.span
    var runs: [SlotRun] = []
    var mainSlot = SlotRun.none
    var greatest = batch.priorMaximum
    var scanned = 0
    var row = 0
    while row < times.count {
      let first = row
      while row < times.count, start <= times[row], times[row] < end, batch.kept?[row] ?? true {
        row += 1
      }
      if row > first, let main {
        if mainSlot < 0 {
          mainSlot = table.index(of: SlotKey(window: main.window, timing: .onTime))
        }
        runs.append(SlotRun(rows: first..<row, slot: mainSlot))
        continue
      }
      while scanned < row {
        greatest = max(greatest, clock[scanned])
        scanned += 1
      }
      var slot = SlotRun.none
      if batch.kept?[row] ?? true, let window = windows[lane].span(at: times[row])?.window {
        let watermark = batch.watermark(of: row, after: greatest)
        if slicing != nil, watermark >= window.end.microseconds {
          odd.append((row, watermark))
        } else {
          slot = self.slot(row, of: window, watermark, &outcome)
        }
      }
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

  /// The times whose window is that of the greatest time, if each of these rows is certainly on
  /// time for it.
  private mutating func mainSpan(of batch: EvaluatedBatch, lane: Int) -> WindowCursor.Span? {
    guard batch.maximum > .min, let span = windows[lane].span(at: batch.maximum) else { return nil }
    return batch.greatestWatermark < span.window.end.microseconds ? span : nil
  }

  /// The slot of one row in one window, given the watermark before it; none if it is late.
  private mutating func slot(
    _ row: Int, of window: Window, _ watermark: Int64, _ outcome: inout BatchOutcome
  ) -> Int {
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

  /// Adds each row, for each of its windows, to the cell of its group in its slot, or to the
  /// discard cell.
  private mutating func add(_ batch: EvaluatedBatch, _ lanes: [[SlotRun]], grouping index: Int) {
    guard lanes.contains(where: { $0.contains { $0.slot >= 0 } }) else { return }
    let keys = groupings[index].keyColumns.map { batch.columns[$0] }
    if keys.contains(where: \.isList) { return addRepeated(batch, lanes, keys, grouping: index) }
    let groups = groupings[index].table.assign(keys, rowCount: batch.rowCount)
    let keyTable = groupings[index].table
    for runs in lanes where runs.contains(where: { $0.slot >= 0 }) {
      var cells = groups
      for run in runs {
        if run.slot < 0 {
          for row in run.rows { cells[row] = 0 }
          continue
        }
        var taken = CellTaker(grouping: index, slot: run.slot, slots: &table.slots)
        taken.makeRoom(keyTable.count)
        taken.assign(run.rows, &cells, &groupings[index].cells, keyTable)
        taken.putBack(&table.slots)
      }
      let uniform = keys.isEmpty && runs.count == 1 ? cells.first : nil
      accumulate(batch, cells, uniform: uniform, grouping: index)
      if groupings[index].budget != nil {
        for run in runs where run.slot >= 0 { keepWithinBudget(run.slot, grouping: index) }
      }
    }
  }

  /// Puts the cells of groups beyond the budget together when they have become too many.
  private mutating func keepWithinBudget(_ slot: Int, grouping index: Int) {
    guard let budget = groupings[index].budget,
      table.slots[slot].groupings[index].groups.count > budget.mostCells
    else { return }
    let fingerprints = groupings[index].table.fingerprints
    let groups = table.slots[slot].groupings[index].groups
    let limit = budget.limit(of: groups.map { fingerprints[Int($0)] })
    let evicted = groups.filter { fingerprints[Int($0)] > limit }
    guard limit < .max else { return }
    var held = SlotCells()
    swap(&held, &table.slots[slot].groupings[index])
    let cells = evicted.map { held.cells[Int($0)] }
    if held.others.isEmpty { held.others = [UInt32](repeating: 0, count: KeyBudget.otherCount) }
    let others = evicted.map { group in
      let other = Int(groupings[index].table.otherIndices[Int(group)])
      if held.others[other] == 0 { held.others[other] = groupings[index].cells.take() }
      return held.others[other]
    }
    let count = groupings[index].cells.count
    for state in groupings[index].states.indices {
      groupings[index].states[state].grow(to: count)
      let taken = groupings[index].states[state].extractAny(cells)
      groupings[index].states[state].mergeAny(
        taken, mapping: [0] + others)
    }
    groupings[index].cells.free.append(contentsOf: cells)
    for (group, other) in zip(evicted, others) { held.cells[Int(group)] = other }
    held.groups = groups.filter { fingerprints[Int($0)] <= limit }
    held.limit = limit
    swap(&held, &table.slots[slot].groupings[index])
  }

  /// Adds each row once for each of the keys that its lists make.
  private mutating func addRepeated(
    _ batch: EvaluatedBatch, _ lanes: [[SlotRun]], _ keys: [Column], grouping index: Int
  ) {
    let repeated = RepeatedRows(keys, rowCount: batch.rowCount)
    let inputs = Set(stage.accumulators.flatMap(\.inputs))
    let lanes = lanes.map { runs in
      runs.map { run in
        let (start, end) = (run.rows.lowerBound, run.rows.upperBound)
        return SlotRun(rows: repeated.starts[start]..<repeated.starts[end], slot: run.slot)
      }
    }
    add(
      batch.repeated(repeated, keys: groupings[index].keyColumns, inputs: inputs), lanes,
      grouping: index)
  }

  private mutating func accumulate(
    _ batch: EvaluatedBatch, _ cells: [UInt32], uniform: UInt32?, grouping: Int
  ) {
    let count = groupings[grouping].cells.count
    for (index, use) in stage.accumulators.enumerated() {
      if groupings[grouping].states[index].cellCount < count {
        groupings[grouping].states[index].grow(to: count)
      }
      guard use.isFed else { continue }
      let places = use.readsKey ? groupings[grouping].keyColumns : use.inputs
      let inputs = places.map { batch.columns[$0] }
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

/// The cells of one slot and grouping, out of the slot table while rows are assigned.
private struct CellTaker {
  let grouping: Int
  let slot: Int
  private var held = SlotCells()

  init(grouping: Int, slot: Int, slots: inout [SlotTable.Slot]) {
    self.grouping = grouping
    self.slot = slot
    swap(&held, &slots[slot].groupings[grouping])
  }

  mutating func makeRoom(_ groupCount: Int) {
    guard held.cells.count < groupCount else { return }
    held.cells.append(contentsOf: repeatElement(0, count: groupCount - held.cells.count))
  }

  /// Replaces the groups of `rows` by their cells.
  mutating func assign(
    _ rows: Range<Int>, _ targets: inout [UInt32], _ pool: inout CellPool, _ table: GroupTable
  ) {
    for row in rows {
      let group = targets[row]
      let cell = held.cells[Int(group)]
      targets[row] = cell != 0 ? cell : newCell(for: group, &pool, table)
    }
  }

  private mutating func newCell(
    for group: UInt32, _ pool: inout CellPool, _ table: GroupTable
  ) -> UInt32 {
    if !held.others.isEmpty, table.fingerprints[Int(group)] > held.limit {
      let other = Int(table.otherIndices[Int(group)])
      if held.others[other] == 0 { held.others[other] = pool.take() }
      held.cells[Int(group)] = held.others[other]
      return held.others[other]
    }
    let cell = pool.take()
    held.cells[Int(group)] = cell
    held.groups.append(group)
    return cell
  }

  mutating func putBack(_ slots: inout [SlotTable.Slot]) {
    swap(&held, &slots[slot].groupings[grouping])
  }
}
