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
    var decoder: any RecordDecoder
    var evaluator: RowEvaluator
    var stages: [any StageOperator]
  }

  let state: Locked<State>
  private let pipeline: Pipeline
  private let batchRows: Int
  /// Among the workers of the run.
  private let number: Int
  private let journal: RunJournal?

  init(
    _ number: Int, pipeline: Pipeline, decoder: any RecordDecoder, batchRows: Int,
    journal: RunJournal?
  ) {
    self.number = number
    self.pipeline = pipeline
    self.batchRows = batchRows
    self.journal = journal
    state = Locked(
      State(
        decoder: decoder, evaluator: pipeline.program.makeEvaluator(),
        stages: pipeline.stages.map { $0.makeOperator() }))
  }

  /// Decodes and accumulates one chunk.
  ///
  /// - Parameters:
  ///   - lease: The chunk.
  ///   - buffer: Its bytes.
  ///   - split: The name of its split.
  ///   - now: The processing time rows are held against, if the job guards against future rows.
  ///   - pass: Exchanges the chunk's greatest event time for the greatest before it; `nil` when
  ///     the run was stopped.
  /// - Returns: The report, and the records to quarantine or keep as late; `nil` when the run was
  ///   stopped.
  func process(
    _ lease: Lease, _ buffer: PaddedBuffer, split: String, now: Timestamp?,
    pass: (Int64) -> Int64?
  ) -> (ChunkReport, [DeadLetter])? {
    var chunk = DecodedChunk(
      buffer: buffer, split: split, offset: lease.chunk.offset, policy: pipeline.eventTime,
      now: now, identifiesRows: pipeline.needsRowIdentity)
    state.withLock { state in
      if lease.chunk.isStartOfSplit {
        state.decoder.beginFile()
      } else if let head = lease.head {
        state.decoder.resumeFile(head: head)
      }
      chunk.decode(&state.decoder, batchRows: batchRows)
    }
    guard let prior = pass(chunk.maximum) else { return nil }
    let end = lease.chunk.offset + buffer.count
    let report = state.withLock { state in
      journal?.note(
        .chunk(
          JournalRecord.Chunk(
            worker: number, split: lease.split, bytes: lease.chunk.offset..<end,
            isCaughtUp: lease.chunk.isCaughtUp, priorMaximum: prior,
            watermarkFloor: lease.watermarkFloor, now: now)))
      return accumulate(&chunk, prior: prior, lease: lease, end: end, &state)
    }
    return (report, chunk.deadLetters)
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

  private func accumulate(
    _ chunk: inout DecodedChunk, prior: Int64, lease: Lease, end: Int, _ state: inout State
  ) -> ChunkReport {
    var report = ChunkReport(
      split: lease.split, sequence: lease.sequence, maximum: max(prior, chunk.maximum),
      offset: end, admitted: [], refused: Array(repeating: [:], count: state.stages.count))
    report.start = lease.chunk.offset
    report.isCaughtUp = lease.chunk.isCaughtUp
    report.ledger.read = chunk.recordCount
    report.ledger.quarantined = chunk.deadLetters.count
    var greatest = prior
    for part in chunk.parts {
      let columns = state.evaluator.evaluate(part.batch)
      let kept = part.kept(by: pipeline.filter.map { columns[$0] })
      let batch = EvaluatedBatch(
        columns: columns, times: part.times, kept: kept.rows, priorMaximum: greatest,
        outOfOrderness: pipeline.eventTime.maxOutOfOrderness, watermarkFloor: lease.watermarkFloor,
        estimator: pipeline.eventTime.estimator)
      greatest = max(greatest, batch.maximum)
      var late: Set<UInt32>?
      for index in state.stages.indices {
        let outcome = state.stages[index].process(batch)
        report.refused[index].merge(outcome.refusedByWindow, uniquingKeysWith: +)
        late = late.map { $0.intersection(outcome.refused) } ?? Set(outcome.refused)
      }
      if let late, !late.isEmpty, pipeline.eventTime.keepsLateRows {
        chunk.keepLate(late, of: part, batch, stages: pipeline.stages, &state.decoder)
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
