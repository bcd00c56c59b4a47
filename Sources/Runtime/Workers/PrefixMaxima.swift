import Foundation

/// Passes the greatest event time of a split from chunk to chunk.
///
/// Chunks are decoded in parallel; each waits here for the maximum over all chunks before it, so
/// that lateness is that of reading the split from start to end. Never deadlocks: a worker
/// publishes a chunk's maximum before it waits for anything but the chunk before.
final class PrefixMaxima: Sendable {
  private let condition = NSCondition()
  private let table = Locked<[Key: Int64]>([:])

  /// Says what a split's maximum is before chunk `sequence`, the first that comes.
  func begin(split: Int, sequence: Int, at maximum: Int64) {
    table.withLock { $0[Key(split: split, sequence: sequence)] = maximum }
  }

  private struct Key: Hashable {
    var split: Int
    var sequence: Int
  }

  /// Waits for the maximum before chunk `sequence`, and publishes the one after it.
  ///
  /// - Parameters:
  ///   - split: The split of the chunk.
  ///   - sequence: The chunk's number in its split.
  ///   - own: The greatest event time in the chunk, `Int64.min` if it has none.
  ///   - isStopped: Whether the run was given up.
  /// - Returns: The greatest event time before the chunk, or `nil` when the run was stopped.
  func pass(split: Int, sequence: Int, own: Int64, isStopped: () -> Bool) -> Int64? {
    condition.lock()
    defer { condition.unlock() }
    let key = Key(split: split, sequence: sequence)
    while true {
      if let prior = table.take(key) ?? (sequence == 0 ? .min : nil) {
        table.withLock { $0[Key(split: split, sequence: sequence + 1)] = max(prior, own) }
        condition.broadcast()
        return prior
      }
      if isStopped() { return nil }
      _ = condition.wait(until: Date(timeIntervalSinceNow: 0.05))
    }
  }
}

extension Locked {
  fileprivate func take<Key: Hashable, Element>(_ key: Key) -> Element?
  where Value == [Key: Element], Element: Sendable {
    withLock { $0.removeValue(forKey: key) }
  }
}
