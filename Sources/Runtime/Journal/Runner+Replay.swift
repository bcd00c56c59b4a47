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
    let ending: JournalRecord?
    do {
      ending = try replay(journal)
      try queue.drain()
    } catch {
      queue.abandon()
      throw error
    }
    var report = report(isComplete: ending != nil)
    report.isDrained = ending == .drain
    try queue.finish(report)
    return report
  }

  /// Does again what the journal says.
  ///
  /// - Returns: How it came to the end of the input: `endOfInput`, `drain`, or `nil` if it did not.
  @discardableResult
  func replay(_ journal: [[UInt8]]) throws -> JournalRecord? {
    let frames = try journal.map { try JournalRecord.all(in: $0) }
    let records = frames.joined()
    guard !records.isEmpty else { return nil }
    var replay = try JournalReplay(
      frames, pipeline, source, batchRows: options.batchRows, coordinator: coordinator,
      collector: collector, queue: queue)
    try replay.run()
    return records.last { $0 == .endOfInput || $0 == .drain }
  }
}
