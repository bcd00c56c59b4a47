import Columns
import Dataflow
import EventTime
import Foundation

/// A chunk of a split in the hands of one worker.
struct Lease {
  var split: Int
  var sequence: Int
  var chunk: SplitChunk
  var watermarkFloor: Timestamp
  var side = JoinSide.predictions
  /// The first bytes of the split, if the decoder comes from another one and needs them.
  var head: PaddedBuffer?
}

/// Hands the splits to the workers, chunk by chunk: the one furthest behind in event time first.
///
/// A reader is used by one worker at a time; reading is short against decoding, so workers share
/// even a single large file.
final class LeaseBoard: @unchecked Sendable {
  // Sound: every stored property is touched only between `condition.lock()` and `unlock()`,
  // except the reader of a split marked `isReading`, which its one worker owns meanwhile.
  private struct Entry {
    let name: String
    let side: JoinSide
    /// Where reading starts.
    let start: Int
    var reader: (any SplitReader)?
    var head: PaddedBuffer?
    var isReading = false
    var isEnded: Bool
    var sequence: Int
    /// The greatest event time seen so far, to choose the split furthest behind.
    var progress: Int64
    var pollAt = Date.distantPast
    /// Up to where it has been read.
    var position: Int
  }

  private let condition = NSCondition()
  private let source: any Source
  private let coordinator: Locked<Coordinator>
  private let journal: RunJournal?
  private var entries: [Entry] = []
  private var isStopped = false
  /// Up to where splits are read, if that is set: one that is not named, not at all.
  private var limits: [String: Int]?
  private let alignment: SplitAlignment
  private var isPaused = false
  /// Splits being read, and chunks handed out and not done.
  private var busyCount = 0
  private static let pollInterval = 0.05

  init(
    source: any Source, coordinator: Locked<Coordinator>, journal: RunJournal?,
    alignment: SplitAlignment
  ) {
    self.source = source
    self.alignment = alignment
    self.coordinator = coordinator
    self.journal = journal
  }

  /// Adds a split, to be read from where `state` was left.
  func add(_ state: SplitState) {
    condition.lock()
    defer { condition.unlock() }
    entries.append(
      Entry(
        name: state.name, side: state.side, start: state.offset, isEnded: state.isFinished,
        sequence: state.next, progress: state.maximum, position: state.offset))
    condition.broadcast()
  }

  /// Runs `body` while no chunk is in work: those handed out are waited for, no others are.
  func whileIdle<Result>(_ body: () throws -> Result) rethrows -> Result {
    condition.lock()
    isPaused = true
    while busyCount > 0 { condition.wait() }
    condition.unlock()
    defer {
      condition.lock()
      isPaused = false
      condition.broadcast()
      condition.unlock()
    }
    return try body()
  }

  /// Says that everything about a chunk has been done and reported.
  func finish(_: Lease) { endWork() }

  private func endWork() {
    condition.lock()
    busyCount -= 1
    condition.broadcast()
    condition.unlock()
  }

  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    condition.broadcast()
  }

  /// Reads each split up to the position given, a position that a chunk of it ended at, and no split
  /// that is not named; then there is no more to do.
  func stop(at positions: [String: Int]) {
    condition.lock()
    defer { condition.unlock() }
    limits = positions
    condition.broadcast()
  }

  /// Whether all that is to be read before a drain has been read.
  var isAtLimits: Bool {
    condition.lock()
    defer { condition.unlock() }
    return limits == nil || entries.allSatisfy { $0.isEnded || allowance($0) == 0 }
  }

  /// How much may still be read of a split.
  private func allowance(_ entry: Entry) -> Int {
    guard let limits else { return .max }
    return max(0, limits[entry.name, default: 0] - entry.position)
  }

  var hasStopped: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isStopped
  }

  func noteProgress(split: Int, maximum: Int64) {
    condition.lock()
    defer { condition.unlock() }
    entries[split].progress = max(entries[split].progress, maximum)
    if alignment.maxDrift != nil { condition.broadcast() }
  }

  /// Reads the next chunk into `buffer`, waiting for one if need be; ``finish(_:)`` ends it.
  ///
  /// - Parameters:
  ///   - buffer: Where the bytes go.
  ///   - targetBytes: About how many.
  ///   - last: The split this worker had before.
  ///   - onEmpty: Called when a split was polled and had nothing.
  /// - Returns: The chunk, or `nil` when there is no more to do for this worker.
  /// - Throws: What the reader throws.
  func next(
    into buffer: PaddedBuffer, targetBytes: Int, last: Int?,
    onEmpty: (CoordinatorStep) -> Void
  ) throws -> Lease? {
    while let split = chooseSplit() {
      let floor = coordinator.withLock { coordinator in
        journal?.note(.beginLease(split: split))
        return coordinator.beginLease(split: split)
      }
      buffer.removeAll()
      let chunk: SplitChunk?
      var head: PaddedBuffer?
      do {
        chunk = try read(split, into: buffer, targetBytes)
        if split != last, source.decodersNeedHead, chunk?.isStartOfSplit == false {
          head = try self.head(of: split)
        }
      } catch {
        finishReading(split, isEnded: true, delivered: false)
        // A checkpoint that is being made must find no chunk in work.
        onEmpty(.endLease(split: split, isCaughtUp: false, isFinished: false))
        endWork()
        throw error
      }
      let isEnded = chunk == nil
      guard let chunk, buffer.count > 0 else {
        finishReading(split, isEnded: isEnded, delivered: false)
        onEmpty(
          .endLease(
            split: split, isCaughtUp: chunk?.isCaughtUp ?? false, isFinished: isEnded))
        endWork()
        continue
      }
      let sequence = finishReading(
        split, isEnded: false, delivered: true, position: chunk.offset + buffer.count)
      return Lease(
        split: split, sequence: sequence, chunk: chunk, watermarkFloor: floor,
        side: side(of: split), head: head)
    }
    return nil
  }

  private func side(of split: Int) -> JoinSide {
    condition.lock()
    defer { condition.unlock() }
    return entries[split].side
  }

  private func read(
    _ split: Int, into buffer: PaddedBuffer, _ targetBytes: Int
  ) throws -> SplitChunk? {
    condition.lock()
    let (opened, name, start) = (entries[split].reader, entries[split].name, entries[split].start)
    let targetBytes = min(targetBytes, allowance(entries[split]))
    condition.unlock()
    if let opened { return try opened.nextChunk(into: buffer, targetBytes: targetBytes) }
    let reader = try source.makeReader(of: name, from: start)
    condition.lock()
    entries[split].reader = reader
    condition.unlock()
    return try reader.nextChunk(into: buffer, targetBytes: targetBytes)
  }

  private func head(of split: Int) throws -> PaddedBuffer? {
    condition.lock()
    let (known, reader) = (entries[split].head, entries[split].reader)
    condition.unlock()
    if let known { return known }
    let head = try reader?.head()
    condition.lock()
    entries[split].head = head
    condition.unlock()
    return head
  }

  /// - Returns: The number of the chunk just read.
  @discardableResult
  private func finishReading(
    _ split: Int, isEnded: Bool, delivered: Bool, position: Int? = nil
  ) -> Int {
    condition.lock()
    defer { condition.unlock() }
    entries[split].isReading = false
    if let position { entries[split].position = position }
    if isEnded {
      entries[split].isEnded = true
      entries[split].reader = nil
    }
    // What does not grow was read to its end, and says so at the next call.
    if !delivered && source.isUnbounded {
      entries[split].pollAt = Date(timeIntervalSinceNow: Self.pollInterval)
    }
    let sequence = entries[split].sequence
    if delivered { entries[split].sequence += 1 }
    condition.broadcast()
    return sequence
  }

  private func chooseSplit() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while !isStopped {
      guard !isPaused else {
        condition.wait()
        continue
      }
      let now = Date()
      let choices = entries.map { entry in
        SplitChoice(
          latest: Timestamp(microseconds: entry.progress), isFree: !entry.isReading,
          isDue: !entry.isEnded && entry.pollAt <= now && allowance(entry) > 0)
      }
      if let best = SplitChoice.next(choices, alignment) {
        entries[best].isReading = true
        busyCount += 1
        return best
      }
      let isMore = entries.contains { !$0.isEnded && allowance($0) > 0 }
      guard isMore || (source.isUnbounded && limits == nil) else { return nil }
      _ = condition.wait(until: Date(timeIntervalSinceNow: Self.pollInterval))
    }
    return nil
  }
}
