import Columns
import Dataflow
import EventTime
import Expressions

/// How a worker takes rows of one side of a label join in.
struct JoinIntake {
  var reader: JoinReader
  let filter: RowEvaluator?
  let eventTime: Pipeline.EventTimePolicy
  var closings: ClosingTimes

  init(_ side: JoinSide, _ plan: JoinPlan, _ stages: [Stage]) {
    closings = ClosingTimes(stages)
    reader = JoinReader(side, of: plan, closings)
    filter = plan.input(side).filter?.makeEvaluator()
    eventTime = plan.input(side).eventTime
  }
}

extension Worker {
  /// Takes the rows of a chunk out for the label join, which is the coordinator's.
  func join(
    _ chunk: inout DecodedChunk, prior: Int64, lease: Lease, end: Int, _ state: inout State
  ) -> ChunkReport {
    var report = report(of: chunk, prior: prior, lease: lease, end: end)
    let side = lease.side.rawValue
    var rows = JoinRows(side: lease.side, split: lease.split)
    var greatest = prior
    var position = lease.chunk.offset
    for part in chunk.parts {
      let kept = part.kept(by: state.joins[side].filter.map { $0.evaluate(part.batch)[0] })
      let policy = state.joins[side].eventTime
      let batch = EvaluatedBatch(
        columns: [], times: part.times, clock: part.clock, kept: kept.rows, priorMaximum: greatest,
        outOfOrderness: policy.maxOutOfOrderness, watermarkFloor: lease.watermarkFloor,
        estimator: policy.estimator)
      greatest = max(greatest, batch.clockMaximum)
      let late = state.joins[side].reader.read(part.batch, batch, position: position, into: &rows)
      position += part.times.count
      for row in late {
        for stage in pipeline.stages.indices {
          let time = batch.times[Int(row)]
          guard let window = state.joins[side].closings.window(of: time, stage: stage) else {
            continue
          }
          report.refused[stage][window, default: 0] += 1
        }
      }
      if !late.isEmpty, policy.keepsLateRows {
        chunk.keepLate(
          Set(late), of: part, batch, stages: pipeline.stages, &state.decoders[side])
      }
      report.ledger.filtered += kept.filteredCount
      report.ledger.late += late.count
      report.ledger.held += part.usableCount - kept.filteredCount - late.count
    }
    report.joining = rows
    return report
  }
}
