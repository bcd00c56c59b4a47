import Dataflow
import Foundation

/// Panes, dead letters and checkpoints on their way out, in order, on a thread of their own;
/// bounded, so that a slow sink slows the workers.
final class SinkQueue: @unchecked Sendable {
  // Sound: every stored property is touched only between `condition.lock()` and `unlock()`.
  private enum Item {
    case pane(FiredPane)
    case letters([DeadLetter])
    case checkpoint(@Sendable (_ paneCount: Int) throws -> Checkpoint)
  }

  private let condition = NSCondition()
  private let outlet: SinkOutlet
  private let capacity: Int
  private var waiting: [Item] = []
  private var paneCount = 0
  private var letterCount = 0
  private var checkpointCount = 0
  private var isBusy = false
  private var isEnded = false
  private var failure: (any Error)?
  private var published: Int

  /// `published` is how many panes earlier runs have published.
  init(_ outlet: SinkOutlet, capacity: Int, published: Int) {
    self.outlet = outlet
    self.capacity = capacity
    self.published = published
  }

  func start() {
    let thread = Thread { [self] in
      while let items = take() { deliver(items) }
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

  /// Whether a checkpoint is on its way.
  var isCheckpointing: Bool {
    condition.lock()
    defer { condition.unlock() }
    return checkpointCount > 0
  }

  func publish(_ pane: FiredPane) {
    condition.lock()
    defer { condition.unlock() }
    while paneCount >= capacity && failure == nil { condition.wait() }
    paneCount += 1
    waiting.append(.pane(pane))
    condition.broadcast()
  }

  func quarantine(_ more: [DeadLetter]) throws {
    condition.lock()
    defer { condition.unlock() }
    while letterCount >= 10_000 && failure == nil { condition.wait() }
    if let failure { throw failure }
    letterCount += more.count
    waiting.append(.letters(more))
    condition.broadcast()
  }

  /// Queues a checkpoint behind all that was handed in; never waits.
  ///
  /// - Parameter make: Makes it, given how many panes will be visible with it.
  func checkpoint(_ make: @escaping @Sendable (_ paneCount: Int) throws -> Checkpoint) {
    condition.lock()
    defer { condition.unlock() }
    checkpointCount += 1
    waiting.append(.checkpoint(make))
    condition.broadcast()
  }

  /// Waits until everything handed in has been delivered.
  func drain() throws {
    condition.lock()
    defer { condition.unlock() }
    while failure == nil && (!waiting.isEmpty || isBusy) { condition.wait() }
    if let failure { throw failure }
  }

  func finish(_ report: RunReport) throws {
    abandon()
    try outlet.finish(report)
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
  private func take() -> [Item]? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty && !isEnded && failure == nil { condition.wait() }
    guard !isEnded, failure == nil else { return nil }
    let items = waiting
    waiting = []
    paneCount = 0
    letterCount = 0
    isBusy = true
    condition.broadcast()
    return items
  }

  private func deliver(_ items: [Item]) {
    var thrown: (any Error)?
    var panes: [FiredPane] = []
    var letters: [DeadLetter] = []
    do {
      for item in items {
        switch item {
        case .pane(let pane): panes.append(pane)
        case .letters(let more): letters += more
        case .checkpoint(let make):
          try outlet.deliver(take(&panes), take(&letters))
          let checkpoint = try make(publishedCount + outlet.stagedCount)
          note(published: try outlet.write(checkpoint), checkpoints: 1)
        }
      }
      note(published: try outlet.deliver(panes, letters))
    } catch {
      thrown = error
    }
    condition.lock()
    defer { condition.unlock() }
    isBusy = false
    if let thrown { failure = failure ?? thrown }
    condition.broadcast()
  }

  private func take<Element>(_ elements: inout [Element]) -> [Element] {
    defer { elements = [] }
    return elements
  }

  private func note(published count: Int, checkpoints: Int = 0) {
    condition.lock()
    defer { condition.unlock() }
    published += count
    checkpointCount -= checkpoints
  }
}
