import Dataflow
import Logging

/// Logs what a run has done since it was looked at last.
struct RunNews {
  private let log: Logger
  private var last: RunReport?

  init(_ log: Logger) { self.log = log }

  mutating func begin(_ resumed: RunReport) {
    // What fails before the first look is news too.
    last = resumed
    log.info(
      resumed.total.read > 0 ? "run taken up" : "run started",
      metadata: [
        "rows": .stringConvertible(resumed.total.read),
        "panes": .stringConvertible(resumed.paneCount),
      ])
  }

  mutating func update(_ report: RunReport) {
    defer { last = report }
    guard let last else { return }
    tell(checkpoints: report, since: last)
    tell(failures: report.delivery, since: last.delivery)
    for split in report.splits.dropFirst(last.splits.count) {
      log.info("split found", metadata: ["split": "\(split.name)"])
    }
    let panes = report.paneCount - last.paneCount
    if panes > 0 {
      log.debug(
        "panes published",
        metadata: [
          "panes": .stringConvertible(panes), "watermark": "\(report.watermark)",
        ])
    }
  }

  private func tell(checkpoints report: RunReport, since last: RunReport) {
    let checkpoints = report.delivery.checkpoints
    guard checkpoints.count > last.delivery.checkpoints.count else { return }
    log.info(
      "checkpoint written",
      metadata: [
        "seconds": .stringConvertible(checkpoints.last ?? 0),
        "rows": .stringConvertible(report.total.read),
        "quarantined": .stringConvertible(report.total.quarantined),
        "late": .stringConvertible(report.total.late),
        "panes": .stringConvertible(report.paneCount),
        "watermark": "\(report.watermark)",
        "open_windows": .stringConvertible(report.openWindowCount),
        "held_bytes": .stringConvertible(report.delivery.heldByteCount),
      ])
  }

  private func tell(failures delivery: DeliveryStatus, since last: DeliveryStatus) {
    switch (last.failure, delivery.failure) {
    case (nil, let failure?):
      log.warning(
        "publishing fails and is tried again: \(failure.reason)",
        metadata: ["queued_bytes": .stringConvertible(delivery.queuedByteCount)])
    case (let failure?, nil):
      log.notice("publishing goes on", metadata: ["failed_since": "\(failure.since)"])
    default: break
    }
  }

  func end(_ report: RunReport) {
    log.info(
      report.isDrained ? "run drained" : report.isComplete ? "run complete" : "run stopped",
      metadata: [
        "rows": .stringConvertible(report.total.read),
        "quarantined": .stringConvertible(report.total.quarantined),
        "late": .stringConvertible(report.total.late),
        "panes": .stringConvertible(report.paneCount),
      ])
  }
}
