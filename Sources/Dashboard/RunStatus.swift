public import Dataflow
public import EventTime

/// All that a run tells of itself at one moment.
public struct RunStatus: Sendable {
  public struct Stage: Hashable, Sendable {
    public var kind: String
    public var name: String

    public init(kind: String, name: String) {
      self.kind = kind
      self.name = name
    }

    /// `aggregate`, or `aggregate companies` for a named stage.
    var title: String { name.isEmpty ? kind : "\(kind) \(name)" }
  }

  /// What the operating system says of the process.
  public struct Process: Hashable, Sendable {
    public var residentByteCount: Int
    public var cpuSeconds: Double
    public var openFileCount: Int

    public init(residentByteCount: Int, cpuSeconds: Double, openFileCount: Int) {
      self.residentByteCount = residentByteCount
      self.cpuSeconds = cpuSeconds
      self.openFileCount = openFileCount
    }
  }

  /// How many bytes data on their way may take, and the shares of that.
  public struct Buffers: Hashable, Sendable {
    public var byteCount: Int
    /// By clients of topics ahead of the reading; by workers; by what waits for the sink; by records
    /// on their way to topics.
    public var fetched, inWork, queued, produced: Int

    public init(byteCount: Int, fetched: Int, inWork: Int, queued: Int, produced: Int) {
      self.byteCount = byteCount
      self.fetched = fetched
      self.inWork = inWork
      self.queued = queued
      self.produced = produced
    }

    /// The shares by name.
    var shares: [(name: String, byteCount: Int)] {
      [("fetched", fetched), ("in_work", inWork), ("queued", queued), ("produced", produced)]
    }
  }

  public var job: String
  public var version: String
  /// Of the job, in order.
  public var stages: [Stage]
  public var report: RunReport
  /// What each split still has, as far as that is known; shape `[splits]`.
  public var remaining: [SourceRemainder?]
  public var startedAt: Timestamp
  public var now: Timestamp
  /// Seconds between checkpoints; `nil` without.
  public var checkpointInterval: Double?
  public var buffers: Buffers?
  public var process: Process?

  public init(
    job: String, version: String, stages: [Stage], report: RunReport,
    remaining: [SourceRemainder?], startedAt: Timestamp, now: Timestamp
  ) {
    self.job = job
    self.version = version
    self.stages = stages
    self.report = report
    self.remaining = remaining
    self.startedAt = startedAt
    self.now = now
  }
}

extension RunStatus {
  /// Whether the run reads and publishes.
  var isReady: Bool { report.phase == .running && report.delivery.failure == nil }

  /// What it does, in one word.
  var condition: String {
    report.delivery.failure != nil && report.phase == .running
      ? "blocked" : report.phase.rawValue
  }

  /// Seconds that the watermark is behind the clock; `nil` before there is one and at the end of
  /// time.
  var watermarkLag: Double? {
    guard report.watermark > .distantPast, report.watermark < .distantFuture else { return nil }
    return Self.seconds(from: report.watermark, to: now)
  }

  /// Seconds since a checkpoint was durable, or since the start when none was; `nil` without
  /// checkpoints.
  var checkpointAge: Double? {
    checkpointInterval.map { _ in
      max(0, Self.seconds(from: report.delivery.lastCheckpoint ?? startedAt, to: now))
    }
  }

  /// Rows that have no fate, or two: never anything but 0.
  var ledgerImbalance: Int {
    report.splits.reduce(0) { sum, split in
      let ledger = split.ledger
      return sum + abs(ledger.read - ledger.fates.reduce(0) { $0 + $1.count })
    }
  }

  static func seconds(from start: Timestamp, to end: Timestamp) -> Double {
    (Double(end.microseconds) - Double(start.microseconds)) / 1e6
  }
}

extension Ledger {
  /// What becomes of rows, by name.
  var fates: [(name: String, count: Int)] {
    [
      ("aggregated", aggregated), ("emitted", emitted), ("filtered", filtered), ("late", late),
      ("quarantined", quarantined), ("duplicate", duplicate), ("unmatched", unmatched),
      ("held", held),
    ]
  }
}
