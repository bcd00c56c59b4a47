import Accumulators
import Columns
import Dataflow
import EventTime
import Expressions
import Formats

/// One thread's share of the work: it reads, decodes and accumulates whole chunks.
///
/// Nothing is shared on the way of a row. The lock on the state is taken twice a chunk, and by
/// others only to collect the windows that fire.
final class Worker: Sendable {
  /// What only the holder of the lock touches.
  ///
  /// The decoder and the evaluator are inside because their dictionaries are read when states are
  /// collected.
  struct State: @unchecked Sendable {
    // Sound: decoder and evaluator never leave the lock; see `Worker.state`.
    /// By side of a label join; one for a job of one input.
    var decoders: [any RecordDecoder]
    var evaluator: RowEvaluator
    var stages: [any StageOperator]
    /// By side, of a label join; then `stages` do nothing.
    var joins: [JoinIntake]
    /// Of the columns of the latest batch, which all live as long as the worker.
    var dictionaryByteCount = 0
  }

  let state: Locked<State>
  let pipeline: Pipeline
  private let batchRows: Int
  /// Among the workers of the run.
  let number: Int
  private let journal: RunJournal?

  init(
    _ number: Int, pipeline: Pipeline, decoders: [any RecordDecoder], batchRows: Int,
    journal: RunJournal?
  ) {
    self.number = number
    self.pipeline = pipeline
    self.batchRows = batchRows
    self.journal = journal
    state = Locked(
      State(
        decoders: decoders, evaluator: pipeline.program.makeEvaluator(),
        stages: pipeline.stages.map { $0.makeOperator() },
        joins: pipeline.join.map { plan in
          JoinSide.allCases.map { JoinIntake($0, plan, pipeline.stages) }
        } ?? []))
  }

  /// Decodes and accumulates one chunk.
  ///
  /// - Parameters:
  ///   - lease: The chunk.
  ///   - buffer: Its bytes.
  ///   - split: The name of its split.
  ///   - now: The processing time rows are held against, if the job guards against future rows.
  ///   - pass: Exchanges the chunk's greatest `clock` for the greatest before it; `nil` when
  ///     the run was stopped.
  /// - Returns: The report, and the records to quarantine or keep as late; `nil` when the run was
  ///   stopped.
  func process(
    _ lease: Lease, _ buffer: PaddedBuffer, split: String, now: Timestamp?,
    pass: (Int64) -> Int64?
  ) -> (ChunkReport, [DeadLetter])? {
    var chunk = DecodedChunk(
      buffer: buffer, split: split, offset: lease.chunk.offset,
      policy: pipeline.eventTime(of: lease.side), now: now,
      identifiesRows: pipeline.needsRowIdentity && lease.side == .predictions)
    let side = lease.side.rawValue
    state.withLock { state in
      if lease.chunk.isStartOfSplit {
        state.decoders[side].beginFile()
      } else if let head = lease.head {
        state.decoders[side].resumeFile(head: head)
      }
      chunk.decode(&state.decoders[side], batchRows: batchRows)
      if let join = pipeline.join { chunk.require(join.inputs[side].key, &state.decoders[side]) }
    }
    guard let prior = pass(chunk.maximum) else { return nil }
    let end = lease.chunk.offset + buffer.count
    let report = state.withLock { state in
      journal?.note(
        .chunk(
          JournalRecord.Chunk(
            worker: number, split: lease.split, bytes: lease.chunk.offset..<end,
            isCaughtUp: lease.chunk.isCaughtUp, priorMaximum: prior,
            watermarkFloor: lease.watermarkFloor, now: now, goneCount: lease.chunk.goneCount)))
      return pipeline.join == nil
        ? accumulate(&chunk, prior: prior, lease: lease, end: end, &state)
        : join(&chunk, prior: prior, lease: lease, end: end, &state)
    }
    return (report, chunk.deadLetters)
  }

  /// What the worker holds.
  var memoryUse: MemoryWatch.Use {
    state.withLock { state in
      MemoryWatch.Use(
        stages: state.stages.map(\.byteCount), dictionaries: state.dictionaryByteCount)
    }
  }

  /// Puts away what states can have outside of memory, if it is over the budget.
  func spill(_ spilling: Spilling) {
    state.withLock { state in
      guard state.stages.reduce(0, { $0 + $1.spillableByteCount }) > spilling.budget else { return }
      for index in state.stages.indices { state.stages[index].spill(to: spilling.store) }
    }
  }

  /// Takes out what is held for a pane that is due, or `nil` if nothing is.
  ///
  /// `isLast` says that no other worker will be asked for the same.
  func extract(_ due: DueFiring, isLast: Bool) -> PaneContent? {
    state.withLock { state in
      // Both under one lock: a chunk is in the pane with all its rows or with none.
      journal?.note(.extraction(worker: number, isLast: isLast))
      return state.stages[due.stage].extract(
        due.firing.window, of: due.key, upTo: due.horizon)
    }
  }

  private static func dictionaryByteCount(_ columns: [Column]) -> Int {
    // There are few: no set.
    var dictionaries: [StringDictionary] = []
    func note(_ column: Column) {
      switch column {
      case .string(let strings):
        if !dictionaries.contains(where: { $0 === strings.dictionary }) {
          dictionaries.append(strings.dictionary)
        }
      case .list(let list): note(list.elements)
      default: break
      }
    }
    for column in columns { note(column) }
    return dictionaries.reduce(0) { $0 + $1.byteCount }
  }

  /// What a report says before the rows have been looked at.
  func report(of chunk: DecodedChunk, prior: Int64, lease: Lease, end: Int) -> ChunkReport {
    var report = ChunkReport(
      split: lease.split, sequence: lease.sequence, maximum: max(prior, chunk.maximum),
      offset: end, admitted: pipeline.stages.map { _ in [] },
      refused: Array(repeating: [:], count: pipeline.stages.count))
    report.start = lease.chunk.offset
    report.isCaughtUp = lease.chunk.isCaughtUp
    report.ledger.read = chunk.recordCount
    report.ledger.gone = lease.chunk.goneCount
    report.ledger.quarantined = chunk.deadLetters.count
    return report
  }

  private func accumulate(
    _ chunk: inout DecodedChunk, prior: Int64, lease: Lease, end: Int, _ state: inout State
  ) -> ChunkReport {
    var report = report(of: chunk, prior: prior, lease: lease, end: end)
    var greatest = prior
    for (index, part) in chunk.parts.enumerated() {
      var part = part
      let columns = state.evaluator.evaluate(part.batch)
      if index == 0 {
        state.dictionaryByteCount = Self.dictionaryByteCount(part.batch.columns + columns)
      }
      let failures = state.evaluator.takeFailures()
      if !failures.isEmpty {
        let condition = pipeline.filter.map { columns[$0] }
        report.ledger.quarantined += chunk.quarantine(
          failures, of: &part, filter: condition, &state.decoders[0])
      }
      let kept = part.kept(by: pipeline.filter.map { columns[$0] })
      let batch = EvaluatedBatch(
        columns: columns, times: part.times, clock: part.clock, kept: kept.rows,
        priorMaximum: greatest,
        outOfOrderness: pipeline.eventTime.maxOutOfOrderness, watermarkFloor: lease.watermarkFloor,
        estimator: pipeline.eventTime.estimator)
      greatest = max(greatest, batch.clockMaximum)
      var late: Set<UInt32>?
      for index in state.stages.indices {
        let outcome = state.stages[index].process(batch)
        report.refused[index].merge(outcome.refusedByWindow, uniquingKeysWith: +)
        late = late.map { $0.intersection(outcome.refused) } ?? Set(outcome.refused)
      }
      if let late, !late.isEmpty, pipeline.eventTime.keepsLateRows {
        chunk.keepLate(late, of: part, batch, stages: pipeline.stages, &state.decoders[0])
      }
      report.ledger.filtered += kept.filteredCount
      report.ledger.late += late?.count ?? 0
      report.ledger.aggregated +=
        part.usableCount - kept.filteredCount - (late?.count ?? 0)
    }
    report.admitted = state.stages.indices.map { state.stages[$0].takeCounts() }
    return report
  }
}
