import Dataflow
import EventTime
import Formats

/// A run's status as JSON.
struct StatusJSON {
  private var writer = JSONWriter(style: .indented)

  var text: String { writer.text + "\n" }

  init(_ status: RunStatus) {
    let report = status.report
    writer.beginObject()
    writer.member("job", status.job)
    writer.member("version", status.version)
    writer.member("phase", report.phase.rawValue)
    member("is_ready", status.isReady)
    member("is_complete", report.isComplete)
    member("is_drained", report.isDrained)
    writer.member("started_at", status.startedAt.description)
    writer.member("now", status.now.description)
    time("watermark", report.watermark)
    number("watermark_lag_seconds", status.watermarkLag)
    writer.key("held_by")
    if let holder = report.holder { writer.value(holder) } else { writer.null() }
    ledger("ledger", report.total)
    writer.member("ledger_imbalance", status.ledgerImbalance)
    writer.member("panes", report.paneCount)
    splits(status)
    stages(status)
    publishing(report.delivery)
    if let buffers = status.buffers {
      writer.key("buffers")
      writer.beginObject()
      writer.member("limit_bytes", buffers.byteCount)
      for share in buffers.shares { writer.member("\(share.name)_limit_bytes", share.byteCount) }
      writer.endObject()
    }
    if let interval = status.checkpointInterval {
      writer.key("checkpoints")
      writer.beginObject()
      number("every_seconds", interval)
      writer.member("written", report.delivery.checkpoints.count)
      number("age_seconds", status.checkpointAge)
      number("last_seconds", report.delivery.checkpoints.last)
      writer.member("held_bytes", report.delivery.heldByteCount)
      writer.endObject()
    }
    process(status.process)
    writer.endObject()
  }

  private mutating func splits(_ status: RunStatus) {
    writer.key("splits")
    writer.beginArray()
    for (index, split) in status.report.splits.enumerated() {
      writer.beginObject()
      writer.member("split", split.name)
      writer.member("offset", split.offset)
      switch index < status.remaining.count ? status.remaining[index] : nil {
      case .records(let count)?: writer.member("lag_records", count)
      case .bytes(let count)?: writer.member("lag_bytes", count)
      case nil: break
      }
      ledger("ledger", split.ledger)
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func stages(_ status: RunStatus) {
    let report = status.report
    writer.key("stages")
    writer.beginArray()
    for (index, stage) in status.stages.enumerated() {
      writer.beginObject()
      writer.member("kind", stage.kind)
      writer.member("stage", stage.name)
      if index < report.openWindowCounts.count {
        writer.member("open_windows", report.openWindowCounts[index])
      }
      if index < report.delivery.paneCounts.count {
        writer.member("panes", report.delivery.paneCounts[index])
      }
      if index < report.refused.count {
        writer.member("refused_rows", report.refused[index].values.reduce(0, +))
      }
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func publishing(_ delivery: DeliveryStatus) {
    writer.key("publishing")
    writer.beginObject()
    writer.member("queued_panes", delivery.queuedPaneCount)
    writer.member("queued_bytes", delivery.queuedByteCount)
    writer.member("groups", delivery.deliveries.count)
    number("last_seconds", delivery.deliveries.last)
    writer.member("retries", delivery.retryCount)
    if let failure = delivery.failure {
      writer.member("fails_with", failure.reason)
      writer.member("fails_since", failure.since.description)
    }
    writer.endObject()
  }

  private mutating func process(_ process: RunStatus.Process?) {
    guard let process else { return }
    writer.key("process")
    writer.beginObject()
    writer.member("resident_bytes", process.residentByteCount)
    number("cpu_seconds", process.cpuSeconds)
    writer.member("open_files", process.openFileCount)
    writer.endObject()
  }

  private mutating func ledger(_ name: String, _ ledger: Ledger) {
    writer.key(name)
    writer.beginObject()
    writer.member("read", ledger.read)
    for fate in ledger.fates { writer.member(fate.name, fate.count) }
    writer.endObject()
  }

  private mutating func member(_ name: String, _ value: Bool) {
    writer.key(name)
    writer.value(value)
  }

  private mutating func number(_ name: String, _ value: Double?) {
    writer.key(name)
    if let value { writer.value(value) } else { writer.null() }
  }

  /// A time, or `null` at the ends of time.
  private mutating func time(_ name: String, _ value: Timestamp) {
    writer.key(name)
    if value > .distantPast && value < .distantFuture {
      writer.value(value.description)
    } else {
      writer.null()
    }
  }
}
