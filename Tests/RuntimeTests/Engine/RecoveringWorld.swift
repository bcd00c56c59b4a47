import Dataflow
import EventTime
import Synchronization

/// What survives a crash: checkpoints, and what a transactional sink has made durable or visible.
///
/// Ends a run in the middle by refusing a checkpoint, before or after it is written.
final class RecoveringWorld: TransactionalSink, CheckpointStore {
  struct Crash: Error {}

  private struct State {
    var saved: SavedCheckpoint?
    var parts: [Int: [UInt8]] = [:]
    var visible = CollectingSink.Contents()
    var staged: [FiredPane] = []
    /// By the number of the seal, which is the sink's state.
    var sealed: [(panes: [FiredPane], visibleCount: Int, letterCount: Int)] = []
    var writesLeft = Int.max
    var writesBeforeCrash = false
    var count = 0
  }

  private let state = Mutex(State())

  var contents: CollectingSink.Contents { state.withLock { $0.visible } }
  var saved: SavedCheckpoint? { state.withLock { $0.saved } }
  var checkpointCount: Int { state.withLock { $0.count } }

  /// The next run ends at its checkpoint after `count` more, which is written or not.
  func crash(after count: Int, isWritten: Bool) {
    state.withLock {
      $0.writesLeft = count
      $0.writesBeforeCrash = isWritten
    }
  }

  /// A process begins: what was not durable is gone, what the checkpoint lets out is let out.
  func restart() {
    state.withLock { state in
      state.staged = []
      state.parts = [:]
      guard let saved = state.saved, let number = Int(String(decoding: saved.sink, as: UTF8.self))
      else {
        state.visible = CollectingSink.Contents()
        return
      }
      let sealed = state.sealed[number]
      precondition(
        [0, sealed.panes.count].contains(state.visible.panes.count - sealed.visibleCount),
        "\(state.visible.panes.count) visible, \(sealed.visibleCount) + \(sealed.panes.count) known"
      )
      if state.visible.panes.count == sealed.visibleCount { state.visible.panes += sealed.panes }
      state.visible.letters.removeLast(state.visible.letters.count - sealed.letterCount)
    }
  }

  func write(_ checkpoint: Checkpoint) throws {
    try state.withLock { state in
      state.writesLeft -= 1
      if state.writesLeft < 0 && !state.writesBeforeCrash { throw Crash() }
      var parts: [Int: [UInt8]] = [:]
      for part in checkpoint.parts { parts[part.id] = state.parts[part.id] ?? part.encode() }
      state.parts = parts
      state.saved = SavedCheckpoint(
        number: state.count, state: checkpoint.state, parts: parts, sink: checkpoint.sink)
      state.count += 1
      if state.writesLeft < 0 { throw Crash() }
    }
  }

  func publish(_ panes: [FiredPane]) { preconditionFailure("published without a checkpoint") }
  func quarantine(_ letters: [DeadLetter]) { state.withLock { $0.visible.letters += letters } }
  func finish(_ report: RunReport) { state.withLock { $0.visible.report = report } }
  func stage(_ panes: [FiredPane]) { state.withLock { $0.staged += panes } }

  func seal() -> [UInt8] {
    state.withLock { state in
      state.sealed.append(
        (state.staged, state.visible.panes.count, state.visible.letters.count))
      return Array("\(state.sealed.count - 1)".utf8)
    }
  }

  func release() {
    state.withLock { state in
      state.visible.panes += state.staged
      state.staged = []
    }
  }
}
