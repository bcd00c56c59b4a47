import Accumulators
import ByteCoding
public import Columns
import Expressions

/// Takes the rows of one input of a label join out of batches, on one worker.
///
/// A row is late, as in every job, when the watermark of its own split was past the closing of all
/// its windows before it came.
public struct JoinReader: Sendable {
  private let side: JoinSide
  private let input: JoinPlan.Input
  private var closings: ClosingTimes

  public init(_ side: JoinSide, of plan: JoinPlan, _ closings: ClosingTimes) {
    self.side = side
    input = plan.input(side)
    self.closings = closings
  }

  /// Appends the kept rows of `batch`, whose times and watermarks are those of `rows`.
  ///
  /// - Parameters:
  ///   - batch: The columns, and those of the key present in every kept row.
  ///   - rows: Event times, which rows are kept, and the watermark before each.
  ///   - position: Of the first row, in the order of its split.
  ///   - taken: Gets the rows.
  /// - Returns: The late rows; ascending.
  public mutating func read(
    _ batch: RecordBatch, _ rows: EvaluatedBatch, position: Int, into taken: inout JoinRows
  ) -> [UInt32] {
    let key = input.key.map { column($0, of: batch) }
    let payload = input.payload.map { column($0.name, of: batch) }
    var late: [UInt32] = []
    var writer = ByteWriter()
    let base = taken.bytes.count
    var greatest = rows.priorMaximum
    var watermark = rows.watermark(after: greatest)
    for row in rows.times.indices {
      let time = rows.times[row]
      if rows.kept?[row] ?? true {
        if watermark >= closings.closing(of: time) {
          late.append(UInt32(row))
        } else {
          let start = writer.bytes.count
          for column in key { RecordBytes.append(column, row, to: &writer) }
          let end = writer.bytes.count
          for column in payload { RecordBytes.append(column, row, to: &writer) }
          taken.rows.append(
            JoinRows.Row(
              release: max(time, watermark), time: time, position: Int64(position + row),
              hash: fingerprint64(writer.bytes[start..<end]), start: UInt32(base + start),
              keyLength: UInt32(end - start), payloadLength: UInt32(writer.bytes.count - end)))
        }
      }
      if rows.clock[row] > greatest {
        greatest = rows.clock[row]
        watermark = rows.watermark(after: greatest)
      }
    }
    taken.bytes += writer.bytes
    return late
  }

  private func column(_ name: String, of batch: RecordBatch) -> Column {
    guard let column = batch.column(name) else {
      preconditionFailure("the batch has no column '\(name)'")
    }
    return column
  }
}
