import Dataflow

/// The sink of a run, and its checkpoints if it has any: then panes wait for the next one.
///
/// What fails and may pass is tried again. So everything is asked of the sink in pieces that are done
/// whole or not at all.
final class SinkOutlet: @unchecked Sendable {
  // Sound: used by the queue's thread, and by the run's once that has ended.
  private let sink: any PaneSink
  private let transaction: (sink: any TransactionalSink, store: any CheckpointStore)?
  /// Panes that wait for a checkpoint, by stage.
  private(set) var staged: [Int: Int] = [:]
  /// Waits for a while after a failure, or throws it if it is final.
  var onFailure: (any Error) throws -> Void = { throw $0 }

  init(_ sink: any PaneSink) {
    self.sink = sink
    transaction = nil
  }

  init(_ sink: any TransactionalSink, _ store: any CheckpointStore) {
    self.sink = sink
    transaction = (sink, store)
  }

  var stagedCount: Int { staged.values.reduce(0, +) }

  /// - Returns: How many panes are visible now that were not before, by stage.
  @discardableResult
  func deliver(_ panes: [FiredPane], _ letters: [DeadLetter]) throws -> [Int: Int] {
    for group in [letters.filter(\.refusals.isEmpty), letters.filter { !$0.refusals.isEmpty }]
    where !group.isEmpty {
      try retrying { try sink.quarantine(group) }
    }
    guard !panes.isEmpty else { return [:] }
    guard let transaction else {
      try retrying { try sink.publish(panes) }
      return Self.counts(panes)
    }
    for pane in panes {
      try retrying { try transaction.sink.stage([pane]) }
      staged[pane.stage, default: 0] += 1
    }
    return [:]
  }

  /// Writes a checkpoint of all that was delivered, and makes that visible.
  ///
  /// - Parameters:
  ///   - checkpoint: What is written.
  ///   - onDurable: Called when it is on disk.
  /// - Returns: How many panes are visible now that were not before, by stage.
  /// - Throws: What failed for good.
  func write(_ checkpoint: Checkpoint, onDurable: () -> Void) throws -> [Int: Int] {
    guard let transaction else { preconditionFailure("a checkpoint of a run without a store") }
    var checkpoint = checkpoint
    let splits = checkpoint.splits
    try retrying { checkpoint.sink = try transaction.sink.seal(splits) }
    try retrying { try transaction.store.write(checkpoint) }
    onDurable()
    try retrying { try transaction.sink.release() }
    defer { staged = [:] }
    return staged
  }

  func finish(_ report: RunReport) throws { try retrying { try sink.finish(report) } }

  private func retrying(_ body: () throws -> Void) throws {
    while true {
      do {
        return try body()
      } catch {
        try onFailure(error)
      }
    }
  }

  static func counts(_ panes: [FiredPane]) -> [Int: Int] {
    panes.reduce(into: [:]) { $0[$1.stage, default: 0] += 1 }
  }
}
