public import Accumulators
import Columns
public import EventTime

/// Adds batches to the sessions of one stage on one worker.
///
/// A row goes, for each grouping, to one cell: that of its session and group. Sessions here are
/// those of the worker's own rows: whoever takes content out for a window of all rows gets what
/// lies in it.
///
/// A row is late when its split's watermark is past the end of the session it would make alone, and
/// the lateness. It is *behind* when that watermark is past the row itself: then it is counted, and
/// may join sessions, only once the job's watermark has come there. So which sessions there are is
/// a function of the rows, not of when they came.
public struct SessionCombine: StageOperator {
  private let stage: Stage
  private let windows: Sessions
  private var keys: GroupTable
  /// The ids of keys; shape `[keys]`.
  private var idsOfKeys: [[KeyValue]: UInt32] = [:]
  private var table = SessionTable()
  private var groupings: [SessionCells]
  /// What sessions held that became part of others.
  private var parked: [Int32: PaneContent] = [:]

  /// - Precondition: The windows of `stage` are sessions, and rows reach all its states.
  public init(_ stage: Stage) {
    guard let windows = stage.windowing.windowFn as? Sessions else {
      preconditionFailure("\(stage.windowing.windowFn) are no sessions")
    }
    precondition(stage.accumulators.allSatisfy(\.isFed), "sessions end, and do not lag")
    self.stage = stage
    self.windows = windows
    keys = GroupTable(length: stage.windowKey.count)
    groupings = stage.groupings.map { columns in
      SessionCells(
        keyColumns: columns, states: stage.accumulators.map { $0.plan.makeStates() })
    }
  }

  public mutating func process(_ batch: EvaluatedBatch) -> BatchOutcome {
    var outcome = BatchOutcome()
    guard batch.rowCount > 0 else { return outcome }
    var items = assign(batch, &outcome)
    for (item, target) in table.takeAbsorbed() {
      for row in items.indices where items[row] == item { items[row] = target }
      park(item, in: target)
    }
    guard items.contains(where: { $0 != SessionTable.none }) else { return outcome }
    for index in groupings.indices { add(batch, items, grouping: index) }
    return outcome
  }

  /// The item of each row, or `none` for rows that are filtered or refused.
  private mutating func assign(
    _ batch: EvaluatedBatch, _ outcome: inout BatchOutcome
  ) -> [Int32] {
    let rowKeys = keys.assign(
      stage.windowKey.map { batch.columns[$0] }, rowCount: batch.rowCount)
    table.grow(toKeys: keys.count)
    nameNewKeys()
    var items = [Int32](repeating: SessionTable.none, count: batch.rowCount)
    var greatest = batch.priorMaximum
    var watermark = batch.watermark(after: greatest)
    for row in batch.times.indices {
      let time = batch.times[row]
      if batch.kept?[row] ?? true {
        let window = windows.window(for: Timestamp(microseconds: time))
        let closing = window.end.advanced(by: stage.windowing.allowedLateness)
        if watermark >= closing.microseconds {
          outcome.refused.append(UInt32(row))
          outcome.refusedByWindow[windows.span(of: window.start), default: 0] += 1
        } else {
          items[row] = table.add(
            key: rowKeys[row], start: window.start.microseconds, end: window.end.microseconds,
            release: watermark > time ? watermark : .min)
        }
      }
      if batch.clock[row] > greatest {
        greatest = batch.clock[row]
        watermark = batch.watermark(after: greatest)
      }
    }
    return items
  }

  private mutating func nameNewKeys() {
    for id in idsOfKeys.count..<keys.count {
      idsOfKeys[keys.keys(of: [UInt32(id)])[0]] = UInt32(id)
    }
  }

  /// Adds each row to the cell of its item and group, or to the discard cell.
  private mutating func add(_ batch: EvaluatedBatch, _ items: [Int32], grouping index: Int) {
    let columns = groupings[index].keyColumns
    let keys = columns.map { batch.columns[$0] }
    if keys.contains(where: \.isList) {
      let repeated = RepeatedRows(keys, rowCount: batch.rowCount)
      let inputs = Set(stage.accumulators.flatMap(\.inputs))
      let items = repeated.rows.map { items[$0] }
      return add(
        batch.repeated(repeated, keys: columns, inputs: inputs), items, grouping: index)
    }
    groupings[index].add(
      items, keys, itemCount: table.items.count,
      inputs: stage.accumulators.map { use in use.inputs.map { batch.columns[$0] } })
  }

  public mutating func takeCounts() -> [AdmittedRows] {
    table.takeUnreported().map { AdmittedRows(slot(of: $0.item), count: $0.rows) }
  }

  public mutating func extract(
    _ window: Window, of key: [KeyValue], upTo horizon: Timestamp
  ) -> PaneContent? {
    guard let id = idsOfKeys[key] else { return nil }
    let (start, end) = (window.start.microseconds, window.end.microseconds)
    let items = table.remove(key: id) {
      $0.start < end && start < $0.end && $0.release <= horizon.microseconds
    }
    return PaneContent.merged(items.map { take($0) })
  }

  public mutating func extractAll() -> [(slot: RowSlot, content: PaneContent)] {
    var contents: [(slot: RowSlot, content: PaneContent)] = []
    for key in table.openKeys {
      for item in table.remove(key: key, { _ in true }) {
        let slot = slot(of: table.items[Int(item)])
        if let content = take(item) { contents.append((slot, content)) }
      }
    }
    return contents.sorted { $0.slot < $1.slot }
  }

  public var byteCount: Int {
    groupings.reduce(parked.values.reduce(0) { $0 + $1.byteCount }) { $0 + $1.byteCount }
  }

  public var spillableByteCount: Int {
    groupings.reduce(parked.values.reduce(0) { $0 + $1.spillableByteCount }) {
      $0 + $1.spillableByteCount
    }
  }

  public mutating func spill(to store: any SpillStore) {
    for index in groupings.indices { groupings[index].spill(to: store) }
    for item in parked.keys { parked[item]?.spill(to: store) }
  }

  private func slot(of item: SessionTable.Item) -> RowSlot {
    RowSlot(
      key: keys.keys(of: [item.key])[0],
      window: Window(
        start: Timestamp(microseconds: item.start), end: Timestamp(microseconds: item.end)),
      release: Timestamp(microseconds: item.release))
  }

  /// Puts aside what `item` held, for `target`.
  private mutating func park(_ item: Int32, in target: Int32) {
    guard let content = take(item) else { return }
    parked[target] = PaneContent.merged([parked[target], content])
  }

  /// Takes out what an item holds.
  private mutating func take(_ item: Int32) -> PaneContent? {
    let held = groupings.contains { !$0.isEmpty(item) }
    let own =
      held ? PaneContent(groupings: groupings.indices.map { groupings[$0].take(item) }) : nil
    return PaneContent.merged([parked.removeValue(forKey: item), own])
  }
}
