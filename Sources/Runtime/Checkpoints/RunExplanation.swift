public import Dataflow
public import EventTime

/// Where a run stands and what it waits for, from a checkpoint of it.
public struct RunExplanation: Sendable {
  public struct Split: Sendable {
    public enum Status: String, Sendable {
      /// There is more to read.
      case reading
      /// Read to the end of what there is.
      case caughtUp = "caught_up"
      /// Caught up, and quiet for so long that the watermark does not wait for it.
      case idle
      case finished
    }

    public var name: String
    public var status: Status
    /// Whether the job's watermark waits for it.
    public var holds: Bool
    /// By its own rows.
    public var watermark: Timestamp
    /// When rows last came; `nil` before the first.
    public var lastDelivery: Timestamp?
    public var offset: Int
    public var ledger: Ledger
  }

  public struct Window: Sendable {
    public var key: [KeyValue]
    public var window: EventTime.Window
    /// Rows that no pane has shown.
    public var rowsWaiting: Int
    /// Rows behind that are counted when the watermark has come further.
    public var rowsBehind: Int
    public var lastPane: PaneInfo?
    /// The watermark at which it closes.
    public var closingTime: Timestamp
    /// What would fire the next pane, in words.
    public var firesWhen: String
  }

  public struct Stage: Sendable {
    public var name: String
    public var kind: StageKind
    public var windowing: WindowingStrategy
    /// In order of window and key.
    public var windows: [Window]
  }

  /// The time of the process at the checkpoint.
  public var time: Timestamp
  public var watermark: Timestamp
  /// Since when the watermark has been there; `nil` in checkpoints of earlier versions.
  public var watermarkSince: Timestamp?
  /// The split that the watermark waits for, or `nil` if for none.
  public var holder: Int?
  public var splits: [Split]
  public var stages: [Stage]
  public var paneCount: Int
  /// Whether the input has ended and every window closed.
  public var isComplete: Bool
  /// Whether the run was ended before the end of its input, with every window closed.
  public var isDrained: Bool

  /// - Parameter state: The `state` of a checkpoint.
  /// - Throws: A decoding error, or `CheckpointStateError` for another format or one that does not
  ///   say what its stages are.
  public init(state: [UInt8]) throws {
    let run = try RunState(state)
    guard let plans = run.stages, plans.count == run.coordinator.stages.count else {
      throw CheckpointStateError("it is of an earlier version and does not name its stages")
    }
    let coordinator = run.coordinator
    time = coordinator.now
    watermark = coordinator.watermark
    watermarkSince = coordinator.movedAt
    let progress = coordinator.progress ?? []
    holder = WatermarkTracker(watermark: watermark, splits: progress).holder
    paneCount = run.paneCount
    isComplete = run.isComplete
    isDrained = run.isDrained ?? false
    splits = zip(coordinator.splits, progress).map { split, progress in
      Split(
        name: split.name, status: Self.status(progress), holds: progress.holds,
        watermark: progress.watermark, lastDelivery: split.lastDelivery, offset: split.offset,
        ledger: split.ledger)
    }
    stages = zip(plans, coordinator.stages).map { plan, state in
      Stage(
        name: plan.name, kind: plan.kind, windowing: plan.windowing,
        windows: plan.makeProgress(restoring: state).openWindows)
    }
  }

  private static func status(_ progress: SplitProgress) -> Split.Status {
    if progress.isFinished { return .finished }
    if progress.isIdle { return .idle }
    return progress.isCaughtUp ? .caughtUp : .reading
  }
}

/// What a checkpoint says of a stage, so that it can be read without the job file.
struct StagePlan: Hashable, Codable, Sendable {
  var name: String
  var kind: StageKind
  var windowing: WindowingStrategy

  init(_ stage: Stage) {
    name = stage.name
    kind = stage.kind
    windowing = stage.windowing
  }

  func makeProgress(restoring state: StageState?) -> any StageProgress {
    if windowing.windowFn is Sessions {
      return state.map { SessionProgress(windowing, restoring: $0) } ?? SessionProgress(windowing)
    }
    return state.map { WindowProgress(windowing, restoring: $0) } ?? WindowProgress(windowing)
  }
}

extension WindowProgress {
  var openWindows: [RunExplanation.Window] {
    var behind = waiting
    var untold = untoldRows
    var windows = machine.openWindows.map { open in
      RunExplanation.Window(
        key: [], window: open.window,
        rowsWaiting: open.rowsWaiting + (untold.removeValue(forKey: open.window) ?? 0),
        rowsBehind: behind.removeValue(forKey: open.window) ?? 0, lastPane: open.lastPane,
        closingTime: open.closingTime, firesWhen: open.firesWhen)
    }
    windows += Set(behind.keys).union(untold.keys).map { window in
      RunExplanation.Window(
        key: [], window: window, rowsWaiting: untold[window] ?? 0,
        rowsBehind: behind[window] ?? 0, lastPane: nil,
        closingTime: machine.strategy.closingTime(of: window),
        firesWhen: "watermark \(window.end)")
    }
    return windows.sorted { $0.window < $1.window }
  }
}
