import Dataflow
import Foundation
import KafkaIO
import Synchronization

/// A sink whose run tells, after each checkpoint, how far it has read of topics: lag tools see it.
///
/// For topics whose positions are not part of a transaction. Nothing waits for it: what cannot be
/// told is told with a later checkpoint.
final class PositionSink: TransactionalSink {
  private struct State {
    var positions: [String: Int] = [:]
    /// After a failure.
    var silentUntil = Date.distantPast
    var hasWarned = false
  }

  private static let milliseconds = 1000
  private static let pause = 30.0

  private let base: any TransactionalSink
  private let tell: @Sendable (_ positions: [String: Int], _ milliseconds: Int) throws -> Void
  private let warn: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - base: The sink of the run.
  ///   - tell: Tells the brokers positions by split, and waits at most so long for an answer.
  ///   - warn: Told once that they cannot be told.
  init(
    _ base: any TransactionalSink,
    tell: @escaping @Sendable (_ positions: [String: Int], _ milliseconds: Int) throws -> Void,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.base = base
    self.tell = tell
    self.warn = warn
  }

  func publish(_ panes: [FiredPane]) throws { try base.publish(panes) }
  func quarantine(_ letters: [DeadLetter]) throws { try base.quarantine(letters) }
  func finish(_ report: RunReport) throws { try base.finish(report) }
  func stage(_ panes: [FiredPane]) throws { try base.stage(panes) }

  func seal(_ splits: [SplitStatus]) throws -> [UInt8] {
    let sealed = try base.seal(splits)
    state.withLock { state in
      state.positions = Dictionary(splits.map { ($0.name, $0.offset) }) { max($0, $1) }
    }
    return sealed
  }

  func release() throws {
    try base.release()
    guard let positions = state.withLock({ $0.silentUntil < Date() ? $0.positions : nil }) else {
      return
    }
    do {
      try tell(positions, Self.milliseconds)
    } catch {
      let isNew = state.withLock { state in
        defer { state.hasWarned = true }
        state.silentUntil = Date(timeIntervalSinceNow: Self.pause)
        return !state.hasWarned
      }
      if isNew { warn("\(error); lag tools do not see how far the job is") }
    }
  }
}
