import Dataflow
import Foundation

/// Panes on their way to the sink, on a thread of their own; bounded, so that a slow sink slows the
/// workers.
final class SinkQueue: @unchecked Sendable {
  // Sound: every stored property is touched only between `condition.lock()` and `unlock()`.
  private let condition = NSCondition()
  private let sink: any PaneSink
  private let capacity: Int
  private var waiting: [FiredPane] = []
  private var letters: [DeadLetter] = []
  private var isBusy = false
  private var isEnded = false
  private var failure: (any Error)?
  private var published = 0

  init(_ sink: any PaneSink, capacity: Int) {
    self.sink = sink
    self.capacity = capacity
  }

  func start() {
    let thread = Thread { [self] in
      while let (panes, letters) = take() { deliver(panes, letters) }
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  var error: (any Error)? {
    condition.lock()
    defer { condition.unlock() }
    return failure
  }

  var publishedCount: Int {
    condition.lock()
    defer { condition.unlock() }
    return published
  }

  func publish(_ pane: FiredPane) {
    condition.lock()
    defer { condition.unlock() }
    while waiting.count >= capacity && failure == nil { condition.wait() }
    waiting.append(pane)
    condition.broadcast()
  }

  func quarantine(_ more: [DeadLetter]) throws {
    condition.lock()
    defer { condition.unlock() }
    while letters.count >= 10_000 && failure == nil { condition.wait() }
    if let failure { throw failure }
    letters.append(contentsOf: more)
    condition.broadcast()
  }

  /// Waits until everything handed in has been delivered.
  func drain() throws {
    condition.lock()
    defer { condition.unlock() }
    while failure == nil && (!waiting.isEmpty || !letters.isEmpty || isBusy) { condition.wait() }
    if let failure { throw failure }
  }

  func finish(_ report: RunReport) throws {
    abandon()
    try sink.finish(report)
  }

  /// Ends the thread; what waits is dropped.
  func abandon() {
    condition.lock()
    defer { condition.unlock() }
    isEnded = true
    condition.broadcast()
    while isBusy { condition.wait() }
  }

  /// What waits; `nil` at the end, and after a failure: what comes after a pane that could not be
  /// published is not published either.
  private func take() -> ([FiredPane], [DeadLetter])? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty && letters.isEmpty && !isEnded && failure == nil { condition.wait() }
    guard !isEnded, failure == nil else { return nil }
    let work = (waiting, letters)
    waiting = []
    letters = []
    isBusy = true
    condition.broadcast()
    return work
  }

  private func deliver(_ panes: [FiredPane], _ letters: [DeadLetter]) {
    var thrown: (any Error)?
    do {
      if !letters.isEmpty { try sink.quarantine(letters) }
      if !panes.isEmpty { try sink.publish(panes) }
    } catch {
      thrown = error
    }
    condition.lock()
    defer { condition.unlock() }
    isBusy = false
    published += panes.count
    if let thrown { failure = failure ?? thrown }
    condition.broadcast()
  }
}
