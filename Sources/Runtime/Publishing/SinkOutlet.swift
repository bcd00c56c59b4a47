import Dataflow

/// The sink of a run, and its checkpoints if it has any: then panes wait for the next one.
final class SinkOutlet: @unchecked Sendable {
  // Sound: used by the queue's thread, and by the run's once that has ended.
  private let sink: any PaneSink
  private let transaction: (sink: any TransactionalSink, store: any CheckpointStore)?
  /// Panes that wait for a checkpoint.
  private(set) var stagedCount = 0

  init(_ sink: any PaneSink) {
    self.sink = sink
    transaction = nil
  }

  init(_ sink: any TransactionalSink, _ store: any CheckpointStore) {
    self.sink = sink
    transaction = (sink, store)
  }

  /// - Returns: How many panes are visible now that were not before.
  @discardableResult
  func deliver(_ panes: [FiredPane], _ letters: [DeadLetter]) throws -> Int {
    if !letters.isEmpty { try sink.quarantine(letters) }
    guard !panes.isEmpty else { return 0 }
    guard let transaction else {
      try sink.publish(panes)
      return panes.count
    }
    try transaction.sink.stage(panes)
    stagedCount += panes.count
    return 0
  }

  /// Writes a checkpoint of all that was delivered, and makes that visible.
  ///
  /// - Returns: How many panes are visible now that were not before.
  func write(_ checkpoint: Checkpoint) throws -> Int {
    guard let transaction else { preconditionFailure("a checkpoint of a run without a store") }
    var checkpoint = checkpoint
    checkpoint.sink = try transaction.sink.seal()
    try transaction.store.write(checkpoint)
    try transaction.sink.release()
    defer { stagedCount = 0 }
    return stagedCount
  }

  func finish(_ report: RunReport) throws { try sink.finish(report) }
}
