public import ByteCoding
import Columns
public import EventTime

/// Joins predictions and labels by key, as the watermark passes.
///
/// Rows take part in one order, which their splits alone decide: by *release* (the event time, or
/// the watermark of the row's split before it if that was later), then event time, side, split and
/// position. So what is joined is a function of the rows.
///
/// - A prediction is its key's until its windows are closed; another one of the key meanwhile is a
///   duplicate.
/// - A label fits a prediction of its key whose event time is at most `labelWait` earlier, and not
///   later. The first that fits is the prediction's label, further ones are duplicates. One that
///   fits none waits for one, until its own windows are closed; then it is unmatched, as is a
///   prediction without a label when its windows are closed.
/// - A joined row has the event time of its prediction, and takes part when both do.
///
/// Memory: a prediction until its windows are closed, a label until it is joined or its own are; rows
/// that were read in one chunk are let go together.
public struct LabelJoin: Sendable {
  private let plan: JoinPlan
  private var closings: ClosingTimes
  /// By number; the last resort of the order.
  private var splits: [String] = []
  private var waiting = JoinQueue()
  private var table = JoinTable()
  private var announced: JoinedBatchBuilder
  private var labelled: JoinedBatchBuilder
  private var outcome = Outcome()
  static let batchRows = 2048

  /// What an advance brought about.
  public struct Outcome: Sendable {
    public var batches: [JoinedBatch] = []
    /// How the books of each split change.
    public var ledgers: [Int: Ledger] = [:]

    fileprivate mutating func settle(_ row: JoinTable.Row, as fate: WritableKeyPath<Ledger, Int>) {
      ledgers[Int(row.split), default: Ledger()].held -= 1
      ledgers[Int(row.split), default: Ledger()][keyPath: fate] += 1
    }
  }

  public init(_ plan: JoinPlan, _ stages: [Stage]) {
    self.plan = plan
    closings = ClosingTimes(stages)
    let dictionaries = plan.schema.fields.map { _ in StringDictionary() }
    announced = JoinedBatchBuilder(plan, isLabelled: false, dictionaries: dictionaries)
    labelled = JoinedBatchBuilder(plan, isLabelled: true, dictionaries: dictionaries)
  }

  /// Says what the split is called that comes next.
  public mutating func addSplit(_ name: String) { splits.append(name) }

  /// Takes rows that have been read; they take part when the watermark has passed their release.
  public mutating func add(_ rows: JoinRows) {
    guard rows.count > 0 else { return }
    waiting.add(table.hold(rows), splits)
  }

  /// Lets all rows take part that are released before `watermark`.
  public mutating func advance(to watermark: Timestamp) -> Outcome {
    let time = watermark.microseconds
    for row in waiting.take(before: time, splits) {
      switch row.side {
      case .predictions: predict(row)
      case .labels: label(row)
      }
    }
    for row in table.expire(upTo: time) { outcome.settle(row, as: \.unmatched) }
    for batch in [announced.take(), labelled.take()].compactMap(\.self) {
      outcome.batches.append(batch)
    }
    defer { outcome = Outcome() }
    return outcome
  }

  private mutating func predict(_ row: JoinTable.Row) {
    guard table.prediction(ofKeyOf: row) == nil else {
      outcome.settle(row, as: \.duplicate)
      return table.release(row)
    }
    announced.append(
      time: row.time, release: row.release, table.payload(of: row), nil)
    if announced.count == Self.batchRows, let batch = announced.take() {
      outcome.batches.append(batch)
    }
    let entry = table.insert(row, closing: closings.closing(of: row.time))
    let wait = plan.labelWait
    for label in table.takeLabels(ofKeyOf: row, where: { $0.fits(row, within: wait) }, splits) {
      match(label, entry, release: row.release)
    }
  }

  private mutating func label(_ row: JoinTable.Row) {
    if let entry = table.prediction(ofKeyOf: row),
      row.fits(table.entries[entry].row, within: plan.labelWait)
    {
      match(row, entry, release: row.release)
    } else {
      _ = table.insert(row, closing: closings.closing(of: row.time))
    }
  }

  /// A label that fits the prediction at `entry`.
  private mutating func match(_ label: JoinTable.Row, _ entry: Int, release: Int64) {
    defer { table.release(label) }
    guard !table.entries[entry].isLabelled else {
      return outcome.settle(label, as: \.duplicate)
    }
    let prediction = table.entries[entry].row
    labelled.append(
      time: prediction.time, release: release, table.payload(of: prediction),
      table.payload(of: label))
    if labelled.count == Self.batchRows, let batch = labelled.take() {
      outcome.batches.append(batch)
    }
    table.markLabelled(entry)
    outcome.settle(prediction, as: \.aggregated)
    outcome.settle(label, as: \.emitted)
  }

  /// Bytes held by rows and tables.
  public var byteCount: Int { table.byteCount + waiting.byteCount }

  /// The watermark at which all rows held have had their chance, apart from global windows.
  public mutating func closingTime() -> Timestamp? {
    var times = [table.latestClosing].compactMap(\.self)
    if let latest = waiting.latest { times.append(closings.closing(of: latest)) }
    return times.filter { $0 < .max }.max().map { Timestamp(microseconds: $0) }
  }
}

extension LabelJoin {
  /// Appends all that the join holds.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | format version, 1 |
  /// | varint, rows | rows that have not taken part |
  /// | varint, entries | rows that wait for each other: the row, closing, whether it is labelled |
  public func encode(into writer: inout ByteWriter) {
    writer.append(UInt8(1))
    let rows = waiting.rows
    writer.append(varint: UInt64(rows.count))
    for row in rows { table.encode(row, isWhole: true, into: &writer) }
    let entries = table.open
    writer.append(varint: UInt64(entries.count))
    for entry in entries {
      table.encode(entry.row, isWhole: !entry.isLabelled, into: &writer)
      writer.append(littleEndian: entry.closing)
      writer.append(UInt8(entry.isLabelled ? 1 : 0))
    }
  }

  /// Takes back what ``encode(into:)`` wrote.
  ///
  /// - Precondition: The join is new, and knows its splits.
  /// - Throws: `ByteCodingError` if the bytes are not that.
  public mutating func decode(from reader: inout ByteReader) throws(ByteCodingError) {
    let version = try reader.readByte()
    guard version == 1 else { throw ByteCodingError("join format \(version)", at: 0) }
    var rows: [JoinTable.Row] = []
    for _ in 0..<(try reader.readVarint()) { rows.append(try table.decode(from: &reader)) }
    waiting.add(rows, splits)
    for _ in 0..<(try reader.readVarint()) {
      let row = try table.decode(from: &reader)
      let entry = table.insert(row, closing: try reader.readLittleEndian(Int64.self))
      if try reader.readByte() == 1 { table.markLabelled(entry) }
    }
  }
}
