import Dataflow
import EventTime
import Synchronization

/// Keeps everything that a run delivers.
final class CollectingSink: PaneSink {
  struct Contents: Sendable {
    var panes: [FiredPane] = []
    var letters: [DeadLetter] = []
    var report: RunReport?
  }

  private let state = Mutex(Contents())

  var contents: Contents { state.withLock { $0 } }

  func publish(_ panes: [FiredPane]) { state.withLock { $0.panes += panes } }
  func quarantine(_ letters: [DeadLetter]) { state.withLock { $0.letters += letters } }
  func finish(_ report: RunReport) { state.withLock { $0.report = report } }
}
