import Dataflow
import EventTime
import Foundation

/// Panes, dead letters and checkpoints on their way out, in order, on a thread of their own;
/// bounded in number and bytes, so that a slow sink slows the workers.
final class SinkQueue: @unchecked Sendable {
  // Sound: every stored property is touched only between `condition.lock()` and `unlock()`.
  private enum Item {
    case pane(FiredPane, byteCount: Int)
    case letters([DeadLetter], byteCount: Int)
    case checkpoint(@Sendable (_ paneCount: Int) throws -> Checkpoint, since: Date)
  }

  /// How much later a pane may become visible, in seconds.
  private static let gatheringTime = 0.03

  private let condition = NSCondition()
  private let outlet: SinkOutlet
  private let limits: RunOptions
  private var waiting: [Item] = []
  private var paneCount = 0
  private var letterCount = 0
  private var checkpointCount = 0
  private var isBusy = false
  private var isEnded = false
  /// How many wait for everything to be delivered.
  private var drainCount = 0
  private var failure: (any Error)?
  private var published: Int
  private var delivery: DeliveryStatus

  /// `published` is how many panes earlier runs have published.
  init(_ outlet: SinkOutlet, limits: RunOptions, stageCount: Int, published: Int) {
    self.outlet = outlet
    self.limits = limits
    self.published = published
    delivery = DeliveryStatus(stageCount: stageCount)
    outlet.onFailure = { [unowned self] in try wait(after: $0) }
  }

  func start() {
    let thread = Thread { [self] in
      while let items = take() { deliver(items) }
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  private func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    condition.lock()
    defer { condition.unlock() }
    return try body()
  }

  var error: (any Error)? { locked { failure } }

  var publishedCount: Int { locked { published } }

  var status: DeliveryStatus { locked { delivery } }

  /// Whether a checkpoint is on its way.
  var isCheckpointing: Bool { locked { checkpointCount > 0 } }

  func publish(_ pane: FiredPane) {
    let byteCount = pane.content.byteCount
    locked {
      while (paneCount >= limits.maxQueuedPanes || isFull(with: byteCount)) && failure == nil {
        condition.wait()
      }
      paneCount += 1
      delivery.queuedPaneCount += 1
      delivery.queuedByteCount += byteCount
      waiting.append(.pane(pane, byteCount: byteCount))
      condition.broadcast()
    }
  }

  func quarantine(_ more: [DeadLetter]) throws {
    // What a letter holds beside its bytes is about this much.
    let byteCount = more.reduce(0) { $0 + $1.bytes.count + 200 }
    try locked {
      while (letterCount >= 10_000 || isFull(with: byteCount)) && failure == nil {
        condition.wait()
      }
      if let failure { throw failure }
      letterCount += more.count
      delivery.queuedByteCount += byteCount
      waiting.append(.letters(more, byteCount: byteCount))
      condition.broadcast()
    }
  }

  /// Whether `byteCount` more would be too many; what is larger than all room may come alone.
  private func isFull(with byteCount: Int) -> Bool {
    delivery.queuedByteCount > 0
      && delivery.queuedByteCount + byteCount > limits.maxQueuedBytes
  }

  /// Queues a checkpoint behind all that was handed in; never waits.
  ///
  /// - Parameters:
  ///   - heldByteCount: What windows hold at it.
  ///   - make: Makes it, given how many panes will be visible with it.
  func checkpoint(
    heldByteCount: Int, _ make: @escaping @Sendable (_ paneCount: Int) throws -> Checkpoint
  ) {
    locked {
      checkpointCount += 1
      delivery.heldByteCount = heldByteCount
      waiting.append(.checkpoint(make, since: Date()))
      condition.broadcast()
    }
  }

  /// Waits until everything handed in has been delivered.
  func drain() throws {
    try locked {
      drainCount += 1
      defer { drainCount -= 1 }
      condition.broadcast()
      while failure == nil && (!waiting.isEmpty || isBusy) { condition.wait() }
      if let failure { throw failure }
    }
  }

  func finish(_ report: RunReport) throws {
    abandon()
    locked { isEnded = false }
    try outlet.finish(report)
  }

  /// Ends the thread; what waits is dropped.
  func abandon() {
    locked {
      isEnded = true
      condition.broadcast()
      while isBusy { condition.wait() }
    }
  }

  /// What waits; `nil` at the end, and after a failure: what comes after a pane that could not be
  /// published is not published either.
  private func take() -> [Item]? {
    locked {
      while waiting.isEmpty && !isEnded && failure == nil { condition.wait() }
      gatherPanes()
      guard !isEnded, failure == nil else { return nil }
      let items = waiting
      waiting = []
      paneCount = 0
      letterCount = 0
      isBusy = true
      condition.broadcast()
      return items
    }
  }

  /// Waits a moment for more panes: those delivered together are made durable together, by fewer
  /// calls of the system.
  private func gatherPanes() {
    let deadline = Date(timeIntervalSinceNow: Self.gatheringTime)
    while !isEnded && failure == nil && drainCount == 0 && checkpointCount == 0
      && paneCount < limits.maxQueuedPanes / 2
    {
      guard condition.wait(until: deadline) else { return }
    }
  }

  private func deliver(_ items: [Item]) {
    var thrown: (any Error)?
    var panes: [FiredPane] = []
    var letters: [DeadLetter] = []
    var byteCount = 0
    do {
      for item in items {
        switch item {
        case .pane(let pane, let count):
          panes.append(pane)
          byteCount += count
        case .letters(let more, let count):
          letters += more
          byteCount += count
        case .checkpoint(let make, let since):
          try deliver(&panes, &letters, &byteCount)
          let checkpoint = try make(publishedCount + outlet.stagedCount)
          let visible = try outlet.write(checkpoint) {
            locked { delivery.lastCheckpoint = Self.now }
          }
          note(visible)
          locked {
            checkpointCount -= 1
            delivery.failure = nil
            delivery.checkpoints.add(seconds: -since.timeIntervalSinceNow)
          }
        }
      }
      try deliver(&panes, &letters, &byteCount)
    } catch {
      thrown = error
    }
    locked {
      isBusy = false
      if let thrown { failure = failure ?? thrown }
      condition.broadcast()
    }
  }

  /// Hands over what was collected, which leaves the queue by that.
  private func deliver(
    _ panes: inout [FiredPane], _ letters: inout [DeadLetter], _ byteCount: inout Int
  ) throws {
    guard !(panes.isEmpty && letters.isEmpty) else { return }
    let start = Date()
    note(try outlet.deliver(panes, letters))
    locked {
      delivery.deliveries.add(seconds: -start.timeIntervalSinceNow)
      delivery.queuedPaneCount -= panes.count
      delivery.queuedByteCount -= byteCount
      delivery.failure = nil
      condition.broadcast()
    }
    panes = []
    letters = []
    byteCount = 0
  }

  private func note(_ visible: [Int: Int]) {
    locked {
      for (stage, count) in visible {
        published += count
        delivery.paneCounts[stage] += count
      }
    }
  }

  /// Waits a while after a failure that may pass, and returns to have it tried again.
  ///
  /// - Throws: The failure if it is final, or the run was given up meanwhile.
  private func wait(after error: any Error) throws {
    guard limits.retriesDelivery, (error as? any TransientError)?.isTransient == true else {
      throw error
    }
    try locked {
      delivery.retryCount += 1
      let since = delivery.failure?.since ?? Self.now
      delivery.failure = DeliveryStatus.Failure(reason: "\(error)", since: since)
      let end = Date(timeIntervalSinceNow: Self.retryInterval)
      while Date() < end {
        guard !isEnded else { throw error }
        _ = condition.wait(until: end)
      }
    }
  }

  private static let retryInterval = 0.25

  private static var now: Timestamp {
    Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
  }
}
