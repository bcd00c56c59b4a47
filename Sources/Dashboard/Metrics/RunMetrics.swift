import Dataflow
import EventTime

/// A run's status as metrics.
struct RunMetrics {
  /// Splits that have series of their own.
  static let splitLimit = 200

  let status: RunStatus

  var text: String { families.map(\.text).joined() }

  var families: [MetricFamily] { run + rows + lags + panes + delivery + process }

  private var report: RunReport { status.report }

  private var run: [MetricFamily] {
    var info = MetricFamily("limno_info", .gauge, "The job and the version that runs it.")
    info.add([("job", status.job), ("version", status.version)], 1)
    return [
      info,
      MetricFamily(
        "limno_ready", .gauge, "Whether the run reads and publishes.", status.isReady ? 1 : 0),
      MetricFamily(
        "limno_ledger_imbalance", .gauge,
        "Rows read that have no fate, or two: anything but 0 is a defect.",
        Double(status.ledgerImbalance)),
    ]
  }

  /// Splits by name, and what is left over as one.
  private var splits: [(name: String, ledger: Ledger)] {
    let all = report.splits
    var named = all.prefix(Self.splitLimit).map { (name: $0.name, ledger: $0.ledger) }
    if all.count > Self.splitLimit {
      let rest = all[Self.splitLimit...].reduce(into: Ledger()) { $0 += $1.ledger }
      named.append(("__other__", rest))
    }
    return named
  }

  private var rows: [MetricFamily] {
    var read = MetricFamily("limno_records_read_total", .counter, "Records read.")
    var fates = MetricFamily(
      "limno_rows_total", .counter, "Rows by what became of them: each has exactly one fate.")
    for split in splits {
      read.add([("split", split.name)], Double(split.ledger.read))
      for fate in split.ledger.fates {
        fates.add([("split", split.name), ("fate", fate.name)], Double(fate.count))
      }
    }
    var refused = MetricFamily(
      "limno_refused_rows_total", .counter,
      "Rows that came after their window of a stage had closed.")
    for (stage, windows) in zip(status.stages, report.refused) {
      refused.add([("stage", stage.title)], Double(windows.values.reduce(0, +)))
    }
    return [
      read, fates, refused,
      MetricFamily(
        "limno_input_bytes_total", .counter,
        "Positions processed: bytes, decompressed, of files; offsets of topics.",
        Double(report.byteCount)),
    ]
  }

  private var lags: [MetricFamily] {
    let watermark: Double? = status.watermarkLag.map { _ in
      Double(report.watermark.microseconds) / 1e6
    }
    var records = MetricFamily(
      "limno_consumer_lag_records", .gauge, "Records of a partition that are not processed yet.")
    var bytes = MetricFamily(
      "limno_source_lag_bytes", .gauge, "Bytes of a file that are not processed yet.")
    var others: (records: Int?, bytes: Int?)
    for (index, (split, rest)) in zip(report.splits, status.remaining).enumerated() {
      switch (rest, index < Self.splitLimit) {
      case (.records(let count)?, true): records.add([("split", split.name)], Double(count))
      case (.bytes(let count)?, true): bytes.add([("split", split.name)], Double(count))
      case (.records(let count)?, false): others.records = (others.records ?? 0) + count
      case (.bytes(let count)?, false): others.bytes = (others.bytes ?? 0) + count
      case (nil, _): break
      }
    }
    if let count = others.records { records.add([("split", "__other__")], Double(count)) }
    if let count = others.bytes { bytes.add([("split", "__other__")], Double(count)) }
    return [
      MetricFamily(
        "limno_watermark_timestamp_seconds", .gauge,
        "The job's watermark, in seconds since the epoch.", watermark),
      MetricFamily(
        "limno_watermark_lag_seconds", .gauge, "How far the job's watermark is behind the clock.",
        status.watermarkLag),
      records, bytes,
    ]
  }

  private var panes: [MetricFamily] {
    var published = MetricFamily(
      "limno_panes_published_total", .counter, "Panes published since the process started.")
    for (stage, count) in zip(status.stages, report.delivery.paneCounts) {
      published.add([("stage", stage.title)], Double(count))
    }
    var open = MetricFamily("limno_open_windows", .gauge, "Windows with rows that have not closed.")
    for (stage, count) in zip(status.stages, report.openWindowCounts) {
      open.add([("stage", stage.title)], Double(count))
    }
    return [published, open]
  }

  private var delivery: [MetricFamily] {
    let delivery = report.delivery
    var families = [
      MetricFamily(
        "limno_queued_panes", .gauge, "Panes that wait for the sink, or are with it.",
        Double(delivery.queuedPaneCount)),
      MetricFamily(
        "limno_queued_bytes", .gauge, "Bytes of panes and dead letters that wait for the sink.",
        Double(delivery.queuedByteCount)),
      MetricFamily(
        "limno_publish_seconds", "Time the sink took for each group of panes and dead letters.",
        delivery.deliveries),
      MetricFamily(
        "limno_publish_retries_total", .counter,
        "How often something that could not be written has been tried again.",
        Double(delivery.retryCount)),
      MetricFamily(
        "limno_publish_blocked_seconds", .gauge,
        "Since when something cannot be written; 0 when all is well.",
        delivery.failure.map { RunStatus.seconds(from: $0.since, to: status.now) } ?? 0),
    ]
    if let buffers = status.buffers {
      var shares = MetricFamily(
        "limno_buffer_limit_bytes", .gauge, "What data on their way may take, by where they are.")
      for share in buffers.shares { shares.add([("share", share.name)], Double(share.byteCount)) }
      families.append(shares)
    }
    guard let interval = status.checkpointInterval else { return families }
    families += [
      MetricFamily(
        "limno_checkpoint_seconds", "Time from the barrier until a checkpoint's panes are visible.",
        delivery.checkpoints),
      MetricFamily(
        "limno_checkpoint_age_seconds", .gauge,
        "Time since the last checkpoint was durable, or since the start.", status.checkpointAge),
      MetricFamily(
        "limno_checkpoint_interval_seconds", .gauge, "Time between checkpoints, as configured.",
        interval),
      MetricFamily(
        "limno_state_bytes", .gauge, "What windows held at the last checkpoint.",
        Double(delivery.heldByteCount)),
    ]
    return families
  }

  private var process: [MetricFamily] {
    let start = Double(status.startedAt.microseconds) / 1e6
    var families = [
      MetricFamily(
        "process_start_time_seconds", .gauge, "When the process started, since the epoch.", start)
    ]
    guard let process = status.process else { return families }
    families += [
      MetricFamily(
        "process_resident_memory_bytes", .gauge, "Resident memory.",
        Double(process.residentByteCount)),
      MetricFamily(
        "process_cpu_seconds_total", .counter, "User and system CPU time.", process.cpuSeconds),
      MetricFamily(
        "process_open_fds", .gauge, "Open file descriptors.", Double(process.openFileCount)),
    ]
    return families
  }
}
