import ArgumentParser
import Checkpoints
import Dataflow
import Dispatch
import EventTime
import Foundation
import Logging
import Runtime
import Synchronization

/// Ends a run that is asked to: by SIGINT or SIGTERM, or by `limno stop`, which leaves a request in
/// the state directory.
///
/// A run that does not end within its grace time is ended by force. Nothing is lost by that: the
/// next one goes on from the checkpoint before.
final class RunControl: Sendable {
  private struct State {
    var news: RunNews
    var request: StopRequest?
    /// One to an earlier run, which is not for this.
    var ignored: StopRequest?
    var hasEnded = false
    /// Whether the time is running.
    var isTimed = false
  }

  private static let pollInterval = DispatchTimeInterval.milliseconds(200)

  private let runner: Runner
  private let stopReading: @Sendable () -> Void
  /// The state directory, if there is one.
  private let directory: String?
  private let log: Logger
  private let state: Mutex<State>

  /// - Parameters:
  ///   - runner: What is to end.
  ///   - directory: Its state directory.
  ///   - earlier: A request that stood there before the run owned it. A drain that has begun is taken
  ///     up: the run that it was for has ended before it was done.
  ///   - log: Where it says what it does.
  ///   - stopReading: Ends the waiting for input, and for brokers.
  init(
    _ runner: Runner, directory: String?, earlier: StopRequest?, log: Logger,
    stopReading: @escaping @Sendable () -> Void
  ) {
    self.runner = runner
    self.stopReading = stopReading
    self.directory = directory
    self.log = log
    state = Mutex(State(news: RunNews(log)))
    guard let directory, let request = earlier else { return }
    guard request.positions != nil && !runner.progress.isComplete else {
      // It stays until the run ends: another may stand in its place by now.
      state.withLock { $0.ignored = request }
      return
    }
    log.notice(
      "finishing the drain that was asked for before; to go on reading instead, remove stop.json",
      metadata: ["state": "\(directory)"])
    take(request)
  }

  /// Keeps where a run that drains has stopped reading: whoever must finish that, stops there too.
  func noteDrain(at positions: [String: Int]) throws {
    guard let directory else { return }
    var request = try StopRequest.read(in: directory)
    guard request?.drains == true else { return }
    request?.positions = positions
    state.withLock { $0.request = request }
    try request?.write(in: directory, attempt: JobPlan.attempt)
  }

  /// Runs `body` and ends it when that is asked for.
  ///
  /// - Parameters:
  ///   - grace: How long it may take to end after a signal.
  ///   - body: Runs it.
  /// - Returns: What it has done.
  /// - Throws: What `body` throws.
  func run(grace: Interval, _ body: () throws -> RunReport) throws -> RunReport {
    state.withLock { $0.news.begin(runner.progress) }
    let interruption = Interruption { [self] in
      log.info("a signal asks to stop")
      stop()
      limit(to: Double(grace.microseconds) / 1e6)
    }
    defer { interruption.end() }
    // On a thread of its own: that of the run waits for the sink when that is slow.
    let timer = DispatchSource.makeTimerSource(queue: .global(qos: .userInitiated))
    timer.schedule(deadline: .now() + Self.pollInterval, repeating: Self.pollInterval)
    timer.setEventHandler { [self] in
      if let directory { poll(directory) }
      state.withLock { $0.news.update(runner.progress) }
    }
    timer.resume()
    defer {
      timer.cancel()
      state.withLock { $0.hasEnded = true }
    }
    let report = try body()
    state.withLock { state in
      state.news.update(runner.progress)
      state.news.end(report)
    }
    let isPending = !report.isComplete && state.withLock { $0.request?.drains == true }
    if let directory, !isPending { try StopRequest.remove(in: directory) }
    return report
  }

  private func stop() {
    runner.stop()
    stopReading()
  }

  private func poll(_ directory: String) {
    do {
      guard let request = try StopRequest.read(in: directory) else { return }
      guard
        state.withLock({ !$0.hasEnded && $0.request != request && $0.ignored != request })
      else { return }
      log.info(
        request.drains ? "asked to drain" : "asked to stop",
        metadata: ["grace_seconds": .stringConvertible(request.graceSeconds)])
      take(request)
    } catch {
      log.warning("\(error)")
      // Else it would be said again five times a second.
      try? StopRequest.remove(in: directory)
    }
  }

  private func take(_ request: StopRequest) {
    state.withLock { $0.request = request }
    limit(to: request.graceSeconds)
    if request.drains {
      runner.drain(at: request.positions)
      // Up to there it must read.
      if request.positions != nil { return }
    }
    stop()
  }

  /// Ends the process when it has not ended by itself in `seconds`.
  private func limit(to seconds: Double) {
    guard
      state.withLock({ state in
        defer { state.isTimed = true }
        return !state.isTimed
      })
    else { return }
    DispatchQueue.global(qos: .userInitiated).asyncAfter(deadline: .now() + seconds) { [self] in
      guard !state.withLock({ $0.hasEnded }) else { return }
      let rest =
        directory == nil
        ? "what was not published is lost" : "the next one goes on from the last checkpoint"
      log.error("the run did not end in \(seconds) s, and is ended now: \(rest)")
      // Not `exit`: what hangs must not be waited for.
      _exit(ExitStatus.failure.rawValue)
    }
  }
}
