import EventTime

/// What a coordinator is told; all that it does follows from these, in their order.
enum CoordinatorStep: Sendable {
  /// A process begins or takes up the run.
  case start(at: Timestamp)
  /// A worker found nothing to read.
  case endLease(split: Int, isCaughtUp: Bool, isFinished: Bool)
  /// A worker has processed a chunk.
  case report(ChunkReport, at: Timestamp)
  /// Time passes.
  case tick(Timestamp)
  /// Every window fires and closes.
  case endOfInput
  /// The same, although there may be more to read: the run is to end here.
  case drain
}

extension Coordinator {
  /// - Returns: The panes that are due.
  mutating func take(_ step: CoordinatorStep) -> [DueFiring] {
    switch step {
    case .start(let now): restart(at: now)
    case .endLease(let split, let isCaughtUp, let isFinished):
      endLease(split: split, isCaughtUp: isCaughtUp, isFinished: isFinished)
    case .report(let report, let now): record(report, at: now)
    case .tick(let now): tick(now)
    case .endOfInput, .drain: endOfInput()
    }
  }

  /// Takes a step and has the journal, if there is one, take note of it.
  mutating func take(_ step: CoordinatorStep, notedBy journal: RunJournal?) -> [DueFiring] {
    guard let journal else { return take(step) }
    let before = watermark
    var isChange = false
    if case .endLease(let split, let isCaughtUp, let isFinished) = step {
      isChange = splits[split].isChanged(byCatchingUp: isCaughtUp) || isFinished
    }
    let due = take(step)
    let isEffective = isChange || !due.isEmpty || watermark != before
    journal.note(step, isEffective: isEffective)
    return due
  }
}
