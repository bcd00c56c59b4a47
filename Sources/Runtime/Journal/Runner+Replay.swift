public import Dataflow

extension Runner {
  /// Does again what a whole journal says, in place of ``run(onTick:)``: publishes every pane of the
  /// run that wrote it, early and late ones too.
  ///
  /// - Parameter journal: Its frames from the first on.
  /// - Returns: What was done.
  /// - Throws: `JournalError` if they do not go with the source; what the sink throws.
  public func replayRun(_ journal: [[UInt8]]) throws -> RunReport {
    queue.start()
    let hasEnded: Bool
    do {
      hasEnded = try replay(journal)
      try queue.drain()
    } catch {
      queue.abandon()
      throw error
    }
    let report = report(isComplete: hasEnded)
    try queue.finish(report)
    return report
  }

  /// Does again what the journal says.
  ///
  /// - Returns: Whether it comes to the end of the input.
  @discardableResult
  func replay(_ journal: [[UInt8]]) throws -> Bool {
    let records = try journal.flatMap { try JournalRecord.all(in: $0) }
    guard !records.isEmpty else { return false }
    var replay = try JournalReplay(
      records, pipeline, source, batchRows: options.batchRows, coordinator: coordinator,
      collector: collector, queue: queue)
    try replay.run(records)
    return records.contains(.endOfInput)
  }
}
