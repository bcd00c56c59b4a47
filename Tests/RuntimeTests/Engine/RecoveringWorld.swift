import ByteCoding
import Dataflow
import EventTime
import Snapshots
import Synchronization

/// What survives a crash: checkpoints, the journal, and what a transactional sink has made durable
/// or visible.
///
/// Ends a run in the middle by refusing a checkpoint, before or after it is written; may lose the
/// newest checkpoint although what it let out is visible, as when its bytes are damaged.
final class RecoveringWorld: TransactionalSink, CheckpointStore {
  struct Crash: Error {}

  private struct Saved {
    var checkpoint: SavedCheckpoint
    /// Frames of the journal up to it.
    var frameCount: Int
  }

  private struct State {
    var saved: [Saved] = []
    var frames: [[UInt8]] = []
    var parts: [Int: [UInt8]] = [:]
    var visible = CollectingSink.Contents()
    var staged: [FiredPane] = []
    /// Visible panes that the run does not know it has published.
    var unknown: ArraySlice<FiredPane> = []
    var differences: [String] = []
    /// By the number that is the sink's state.
    var sealed: [(panes: [FiredPane], visibleCount: Int, letterCount: Int)] = []
    var writesLeft = Int.max
    var isLastWritten = false
    var count = 0
  }

  private let state = Mutex(State())

  var contents: CollectingSink.Contents { state.withLock { $0.visible } }
  var saved: SavedCheckpoint? { state.withLock { $0.saved.last?.checkpoint } }
  var frames: [[UInt8]] { state.withLock { $0.frames } }
  var checkpointCount: Int { state.withLock { $0.count } }
  /// How recomputed panes differ from those that were visible already.
  var differences: [String] { state.withLock { $0.differences } }

  /// The next run ends at its checkpoint after `count` more, which is written or not.
  func crash(after count: Int, isWritten: Bool) {
    state.withLock {
      $0.writesLeft = count
      $0.isLastWritten = isWritten
    }
  }

  /// A process begins: what was not durable is gone, what the checkpoint lets out is let out.
  ///
  /// - Parameter isLosing: Whether the newest checkpoint is damaged, if it is not the only one.
  func restart(isLosing: Bool = false) {
    state.withLock { state in
      if isLosing && state.saved.count > 1 { state.saved.removeLast() }
      state.staged = []
      state.parts = [:]
      guard var last = state.saved.popLast(),
        let number = Int(String(decoding: last.checkpoint.sink, as: UTF8.self))
      else {
        state.frames = []
        return
      }
      last.checkpoint.journal = Array(state.frames[last.frameCount...])
      state.saved.append(last)
      let sealed = state.sealed[number]
      let known = sealed.visibleCount + sealed.panes.count
      if state.visible.panes.count < known {
        precondition(state.visible.panes.count == sealed.visibleCount)
        state.visible.panes += sealed.panes
      }
      state.unknown = state.visible.panes[known...]
      state.visible.letters.removeLast(state.visible.letters.count - sealed.letterCount)
    }
  }

  func write(_ checkpoint: Checkpoint) throws {
    try state.withLock { state in
      state.writesLeft -= 1
      state.frames.append(checkpoint.journal)
      if state.writesLeft < 0 && !state.isLastWritten { throw Crash() }
      var parts: [Int: [UInt8]] = [:]
      for part in checkpoint.parts { parts[part.id] = state.parts[part.id] ?? part.encoded() }
      state.parts = parts
      let saved = SavedCheckpoint(
        number: state.count, state: checkpoint.state, parts: parts, sink: checkpoint.sink)
      state.saved.append(Saved(checkpoint: saved, frameCount: state.frames.count))
      state.count += 1
      if state.writesLeft < 0 { throw Crash() }
    }
  }

  func publish(_ panes: [FiredPane]) { preconditionFailure("published without a checkpoint") }
  func quarantine(_ letters: [DeadLetter]) { state.withLock { $0.visible.letters += letters } }
  func finish(_ report: RunReport) { state.withLock { $0.visible.report = report } }

  func stage(_ panes: [FiredPane]) {
    state.withLock { state in
      for pane in panes {
        guard let known = state.unknown.popFirst() else {
          state.staged.append(pane)
          continue
        }
        if Self.text(pane) != Self.text(known), state.differences.isEmpty {
          state.differences.append("\(Self.text(pane)) was \(Self.text(known))")
        }
      }
    }
  }

  func seal(_: [SplitStatus]) -> [UInt8] {
    state.withLock { state in
      // Panes that are still unknown were visible before those that are staged now.
      state.sealed.append(
        (
          state.staged, state.visible.panes.count - state.unknown.count,
          state.visible.letters.count
        ))
      return Array("\(state.sealed.count - 1)".utf8)
    }
  }

  func release() {
    state.withLock { state in
      state.visible.panes += state.staged
      state.staged = []
    }
  }

  /// All that a pane is, with its content as bytes.
  static func text(_ pane: FiredPane) -> String {
    var writer = ByteWriter()
    pane.content.encode(into: &writer)
    let info = "\(pane.pane.index) \(pane.pane.timing) \(pane.pane.isLast)"
    let splits = pane.splits.map { "\($0.offset) \($0.ledger.counts.map(\.count))" }
    let digest = SnapshotStore.digest(writer.bytes).prefix(8)
    return "\(pane.stage) \(pane.window) \(info) \(pane.watermark) \(splits) \(digest)"
  }
}
