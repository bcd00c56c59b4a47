import Columns
import Dataflow
import EventTime
import Formats

extension DecodedChunk {
  /// Keeps rows that every stage refused, with their bytes and how late they were.
  ///
  /// Decodes the batch once more for where its rows stand; late rows are rare, or the job has other
  /// worries.
  mutating func keepLate(
    _ rows: Set<UInt32>, of part: Part, _ batch: EvaluatedBatch, stages: [Stage],
    _ decoder: inout any RecordDecoder
  ) {
    let ranges = rowRanges(in: part.bytes, &decoder)
    var greatest = batch.priorMaximum
    for row in batch.times.indices {
      let time = batch.times[row]
      defer { greatest = max(greatest, batch.clock[row]) }
      guard rows.contains(UInt32(row)) else { continue }
      let watermark = batch.watermark(after: greatest)
      let refusals = stages.enumerated().flatMap { index, stage in
        stage.windowing.windowFn.windows(for: Timestamp(microseconds: time)).map { window in
          DeadLetter.Refusal(
            stage: index, window: window,
            // It is past the end, so neither is near the ends of time.
            lateness: Interval(microseconds: watermark - window.end.microseconds))
        }
      }
      var letter = DeadLetter(
        split: split, offset: offset + ranges[row].lowerBound, reason: "late",
        eventTime: Timestamp(microseconds: time), bytes: buffer.copy(ranges[row]))
      letter.refusals = refusals
      deadLetters.append(letter)
    }
  }
}
