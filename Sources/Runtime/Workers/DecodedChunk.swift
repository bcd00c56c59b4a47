import ByteCoding
import Columns
import Dataflow
import EventTime
import Expressions
import Formats

/// The batches of one chunk, with the records that cannot be used taken out.
struct DecodedChunk {
  /// One batch, and which of its rows have a usable event time.
  struct Part {
    var batch: RecordBatch
    /// Where its records stand in the buffer.
    var bytes: Range<Int>
    /// Event times; `Int64.min` for an unusable row, so that it moves no watermark.
    var times: [Int64]
    /// What moves the watermark, if not the event times; `Int64.min` where nothing does.
    var clock: [Int64]?
    /// `nil` when every row is usable.
    var usable: [Bool]?

    var usableCount: Int { usable?.count { $0 } ?? times.count }

    /// The rows that are usable and that the filter keeps; a missing condition keeps nothing.
    func kept(by condition: Column?) -> (rows: [Bool]?, filteredCount: Int) {
      guard case .bool(let condition)? = condition else { return (usable, 0) }
      var kept = usable ?? [Bool](repeating: true, count: times.count)
      var filtered = 0
      for row in kept.indices where kept[row] {
        if condition.validity.isPresent(row) && condition.values[row] { continue }
        kept[row] = false
        filtered += 1
      }
      return filtered == 0 ? (usable, 0) : (kept, filtered)
    }
  }

  let buffer: PaddedBuffer
  let split: String
  let offset: Int
  let policy: Pipeline.EventTimePolicy
  let now: Timestamp?
  /// Whether batches get the column ``RowIdentity``.
  let identifiesRows: Bool
  private(set) var parts: [Part] = []
  var deadLetters: [DeadLetter] = []
  private(set) var recordCount = 0
  /// The greatest of what moves the watermark, `Int64.min` if there is none.
  private(set) var maximum = Int64.min

  init(
    buffer: PaddedBuffer, split: String, offset: Int, policy: Pipeline.EventTimePolicy,
    now: Timestamp?, identifiesRows: Bool = false
  ) {
    self.buffer = buffer
    self.split = split
    self.offset = offset
    self.policy = policy
    self.now = now
    self.identifiesRows = identifiesRows
  }

  mutating func decode(_ decoder: inout any RecordDecoder, batchRows: Int) {
    var position = 0
    while position < buffer.count {
      let start = position
      var decoded = decoder.decode(buffer, from: start, limit: batchRows)
      precondition(decoded.end > start, "the decoder stands still at byte \(offset + start)")
      position = decoded.end
      recordCount += decoded.recordCount
      for bad in decoded.badRecords { quarantine(bad.range, bad.reason, time: nil) }
      guard decoded.batch.rowCount > 0 else { continue }
      if identifiesRows { decoded.batch = identified(decoded, start: start, &decoder) }
      addPart(decoded, start: start, &decoder)
    }
  }

  /// The batch with the column ``RowIdentity``.
  private func identified(
    _ decoded: DecodedBatch, start: Int, _ decoder: inout any RecordDecoder
  ) -> RecordBatch {
    let batch = decoded.batch
    let seed = fingerprint64(split)
    let rows = rowRanges(in: start..<decoded.end, &decoder).map { range in
      // Spread by an odd number, so that offsets and seeds do not meet; wraps by design.
      Int64(bitPattern: seed &+ UInt64(offset + range.lowerBound) &* 0x9E37_79B9_7F4A_7C15)
    }
    return RecordBatch(
      schema: Schema(batch.schema.fields + [Field(RowIdentity.columnName, .int64)]),
      rowCount: batch.rowCount, columns: batch.columns + [.int64(Int64Column(rows))])
  }

  private mutating func addPart(
    _ decoded: DecodedBatch, start: Int, _ decoder: inout any RecordDecoder
  ) {
    let bytes = start..<decoded.end
    guard let name = policy.column else {
      let times = [Int64](repeating: 0, count: decoded.batch.rowCount)
      parts.append(Part(batch: decoded.batch, bytes: bytes, times: times, usable: nil))
      return
    }
    let column = times(name, of: decoded.batch)
    var part = Part(
      batch: decoded.batch, bytes: bytes, times: column.values,
      clock: policy.watermarkColumn.map { presentTimes(times($0, of: decoded.batch)) })
    let greatest = part.times.max() ?? .min
    let reached = part.clock.map { $0.max() ?? .min } ?? greatest
    if !column.validity.allPresent || max(greatest, reached) > futureLimit {
      let isPresent = part.times.indices.map { column.validity.isPresent($0) }
      setApartUnusable(&part, isPresent: isPresent, name, &decoder)
    } else {
      maximum = max(maximum, reached)
    }
    parts.append(part)
  }

  /// Quarantines the rows of `part` without a usable time.
  private mutating func setApartUnusable(
    _ part: inout Part, isPresent: [Bool], _ name: String, _ decoder: inout any RecordDecoder
  ) {
    let limit = futureLimit
    var usable = [Bool](repeating: true, count: part.times.count)
    var reasons: [(row: Int, reason: String, time: Int64?)] = []
    for row in part.times.indices {
      let time = part.times[row]
      let reached = part.clock?[row] ?? time
      if !isPresent[row] {
        reasons.append((row, "\(name): the event time is missing", nil))
      } else if time > limit {
        reasons.append((row, Self.isAhead(name, time), time))
      } else if reached > limit {
        reasons.append((row, Self.isAhead(policy.watermarkColumn ?? name, reached), time))
      } else {
        maximum = max(maximum, reached)
        continue
      }
      usable[row] = false
      part.times[row] = .min
      part.clock?[row] = .min
    }
    let ranges = rowRanges(in: part.bytes, &decoder)
    for (row, reason, time) in reasons { quarantine(ranges[row], reason, time: time) }
    if !reasons.isEmpty { part.usable = usable }
  }

  private static func isAhead(_ name: String, _ time: Int64) -> String {
    "\(name): \(Timestamp(microseconds: time)) is too far ahead of the clock"
  }

  private func times(_ name: String, of batch: RecordBatch) -> Int64Column {
    guard case .int64(let column)? = batch.column(name) else {
      preconditionFailure("no column of times '\(name)' in the batch")
    }
    return column
  }

  /// The times of `column`, `Int64.min` where there is none.
  private func presentTimes(_ column: Int64Column) -> [Int64] {
    guard !column.validity.allPresent else { return column.values }
    return column.values.indices.map { column.validity.isPresent($0) ? column.values[$0] : .min }
  }

  /// Sets rows aside that lack one of the columns named.
  ///
  /// Their times are known, so these move watermarks as others do.
  mutating func require(_ names: [String], _ decoder: inout any RecordDecoder) {
    for index in parts.indices {
      let part = parts[index]
      var reasons: [(row: Int, reason: String)] = []
      for name in names {
        guard let column = part.batch.column(name), !column.validity.allPresent else { continue }
        for row in part.times.indices
        where !column.validity.isPresent(row) && part.usable?[row] ?? true
          && !reasons.contains(where: { $0.row == row })
        {
          reasons.append((row, "\(name): the key is missing"))
        }
      }
      guard !reasons.isEmpty else { continue }
      var usable = part.usable ?? [Bool](repeating: true, count: part.times.count)
      let ranges = rowRanges(in: part.bytes, &decoder)
      for (row, reason) in reasons.sorted(by: { $0.row < $1.row }) {
        usable[row] = false
        quarantine(ranges[row], reason, time: part.times[row])
      }
      parts[index].usable = usable
    }
  }

  /// Rows later than this are too far ahead.
  private var futureLimit: Int64 {
    now.map { policy.futureSkew.latestAccepted(ingestedAt: $0).microseconds } ?? .max
  }

  /// Where each row of a batch stands in the buffer: decoded once more, one by one, since this is
  /// rare.
  ///
  /// At the start of a split the decoder must look for what may stand only there a second time.
  func rowRanges(in bytes: Range<Int>, _ decoder: inout any RecordDecoder) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var position = bytes.lowerBound
    if offset + position == 0 { decoder.beginFile() }
    while position < bytes.upperBound {
      let one = decoder.decode(buffer, from: position, limit: 1)
      if one.batch.rowCount == 1 { ranges.append(one.records) }
      position = one.end
    }
    return ranges
  }

  /// Takes the rows of `part` on which a model failed out, but for those that the filter, where it
  /// has a value, takes out anyway.
  ///
  /// - Returns: How many rows that are.
  mutating func quarantine(
    _ failures: [RowFailure], of part: inout Part, filter: Column?,
    _ decoder: inout any RecordDecoder
  ) -> Int {
    let wanted = failures.filter { failure in
      guard part.usable?[failure.row] ?? true else { return false }
      guard case .bool(let filter)? = filter, filter.validity.isPresent(failure.row) else {
        return true
      }
      return filter.values[failure.row]
    }
    guard !wanted.isEmpty else { return 0 }
    let ranges = rowRanges(in: part.bytes, &decoder)
    var usable = part.usable ?? [Bool](repeating: true, count: part.times.count)
    for failure in wanted {
      usable[failure.row] = false
      quarantine(ranges[failure.row], failure.reason, time: part.times[failure.row])
    }
    part.usable = usable
    return wanted.count
  }

  private mutating func quarantine(_ range: Range<Int>, _ reason: String, time: Int64?) {
    deadLetters.append(
      DeadLetter(
        split: split, offset: offset + range.lowerBound, reason: reason,
        eventTime: time.map { Timestamp(microseconds: $0) }, bytes: buffer.copy(range)))
  }
}
