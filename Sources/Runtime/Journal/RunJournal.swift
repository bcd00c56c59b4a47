import ByteCoding
import EventTime

/// Collects the records of a run between two checkpoints; the checkpoint writes them down.
///
/// What a run does over and over while nothing comes (looking at a file that does not grow, the
/// clock ticking) leaves no record.
final class RunJournal: Sendable {
  private struct State {
    var writer = ByteWriter()
    /// Not off while a journal is replayed, which is written already.
    var isOn = false
    /// The last tick, if it did nothing so far.
    var tick: Timestamp?
    /// A lease that was begun and after which nothing has happened.
    var lease: Int?

    mutating func write(_ record: JournalRecord) {
      flush()
      record.encode(into: &writer)
    }

    mutating func flush() {
      if let tick { JournalRecord.tick(now: tick).encode(into: &writer) }
      if let lease { JournalRecord.beginLease(split: lease).encode(into: &writer) }
      tick = nil
      lease = nil
    }
  }

  private let state = Locked(State())

  /// From here on what happens is noted.
  func begin() { state.withLock { $0.isOn = true } }

  func note(_ record: JournalRecord) {
    state.withLock { state in
      guard state.isOn else { return }
      if case .beginLease(let split) = record {
        if state.lease != nil { state.flush() }
        state.lease = split
      } else {
        state.write(record)
      }
    }
  }

  /// Notes a step, if it `isEffective`: if it changed more than the time.
  func note(_ step: CoordinatorStep, isEffective: Bool) {
    switch step {
    case .start(let now): note(.start(now: now))
    case .report(let report, let now):
      note(.report(split: report.split, offset: report.start, now: now))
    case .endOfInput: note(.endOfInput)
    case .drain: note(.drain)
    case .tick(let now): note(tick: now, isEffective: isEffective)
    case .endLease(let split, let isCaughtUp, let isFinished):
      let isNothing = state.withLock { state in
        guard !isEffective, state.lease == split else { return false }
        state.lease = nil
        return true
      }
      guard !isNothing else { return }
      note(.endLease(split: split, isCaughtUp: isCaughtUp, isFinished: isFinished))
    }
  }

  private func note(tick now: Timestamp, isEffective: Bool) {
    state.withLock { state in
      guard state.isOn else { return }
      if isEffective {
        state.write(.tick(now: now))
      } else {
        if state.lease != nil { state.flush() }
        state.tick = now
      }
    }
  }

  /// The records since the last call.
  func take() -> [UInt8] {
    state.withLock { state in
      state.flush()
      defer { state.writer = ByteWriter() }
      return state.writer.bytes
    }
  }
}
