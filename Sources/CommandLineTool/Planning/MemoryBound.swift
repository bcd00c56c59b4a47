import Accumulators
import Dataflow
import EventTime
import FileIO

/// The most memory that the states of a job can take, as far as the plan tells.
///
/// A cell is one key of one grouping in one window. States exist once a worker, and once more when
/// a pane is merged.
struct MemoryBound {
  struct StageBound {
    /// `aggregate companies`.
    var name: String
    /// Bytes of one cell, distinct values apart.
    var cellBytes: Int
    /// Bytes of each distinct value where a state keeps them all; 0 where it does not.
    var valueBytes: Int
    /// The cells that are there whatever the data: those of groupings without a key.
    var fixedCellCount: Int
    var keyedGroupingCount: Int
    /// Whether keys may be many: those beyond a budget have no cell, but are known.
    var hasKeyBudget = false
    var openWindowCount: Int
    /// Whether `openWindowCount` holds however the files are read.
    var isWindowCountCertain: Bool
    /// Whether each session is a window of its own.
    var isSessions: Bool
    var copyCount: Int

    /// What one cell takes in all windows and copies.
    var bytesEverywhere: Int { cellBytes * openWindowCount * copyCount }

    /// What the cells of keys beyond a budget take besides, in one window and copy.
    var otherBytes = 0

    /// What the cells that are there whatever the data take, distinct values apart.
    var leastBytes: Int {
      fixedCellCount * bytesEverywhere + otherBytes * openWindowCount * copyCount
    }

    /// Whether `leastBytes` is all there can be.
    var isComplete: Bool {
      keyedGroupingCount == 0 && !hasKeyBudget && valueBytes == 0 && isWindowCountCertain
    }
  }

  private let limit: JobConfiguration.MemoryLimit?
  private let spillBudget: Int
  /// Parallel to the stages of the pipeline.
  let stages: [StageBound]
  /// What rows of a label join may take while they wait for each other.
  let joinBytes: Int

  init(_ plan: JobPlan, workers: Int) {
    limit = plan.configuration.memoryLimit
    spillBudget = plan.configuration.spillBudget
    joinBytes = plan.pipeline.join?.memoryLimit ?? 0
    let splitCount = plan.splits.count
    let outOfOrderness = plan.pipeline.eventTime.maxOutOfOrderness
    let isUnbounded = plan.source.isUnbounded
    stages = zip(plan.configuration.stages, plan.pipeline.stages).map { stage, bound in
      let windowing = bound.windowing
      let isGlobal = windowing.windowFn is GlobalWindows
      return StageBound(
        name: stage.title,
        cellBytes: Self.cellBytes(bound), valueBytes: Self.valueBytes(bound),
        fixedCellCount: zip(bound.groupings, bound.keyBudgets).reduce(0) { count, grouping in
          // The cells of a budget, and the one of all other keys.
          count + (grouping.1.map { $0.mostCells + 1 } ?? (grouping.0.isEmpty ? 1 : 0))
        },
        keyedGroupingCount: zip(bound.groupings, bound.keyBudgets).count {
          !$0.isEmpty && $1 == nil
        },
        hasKeyBudget: bound.keyBudgets.contains { $0 != nil },
        openWindowCount: Self.openWindowCount(windowing, outOfOrderness),
        isWindowCountCertain: isGlobal
          || (splitCount <= 1 && !isUnbounded && !windowing.windowFn.isMerging),
        isSessions: windowing.windowFn is Sessions,
        copyCount: workers + 1, otherBytes: Self.otherBytes(bound))
    }
  }

  /// Windows that take rows at one time: the watermark is behind the greatest time by the
  /// out-of-orderness, and a window stays for the lateness after its end.
  static func openWindowCount(_ windowing: WindowingStrategy, _ outOfOrderness: Interval) -> Int {
    guard let size = shortestWindow(windowing.windowFn)?.microseconds else { return 1 }
    let span = [windowing.allowedLateness.microseconds, outOfOrderness.microseconds]
      .reduce(size) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
    return Int(span / size + (span % size == 0 ? 0 : 1))
  }

  /// The length of the shortest window, or `nil` for the global one.
  private static func shortestWindow(_ windowFn: any WindowFn) -> Interval? {
    switch windowFn {
    case let fixed as FixedWindows: return fixed.size
    case let calendar as CalendarWindows:
      let days: [CalendarWindows.Unit: Int64] = [.day: 1, .week: 7, .month: 28, .year: 365]
      // Less an hour: clocks may be turned forward inside.
      return .hours(24 * (days[calendar.unit] ?? 1) * Int64(calendar.count) - 1)
    default: return nil
    }
  }

  /// So many distinct values that every bounded state has reached its bound.
  private static let many = 1 << 32

  private static func valueBytes(_ stage: Stage) -> Int {
    stage.accumulators.reduce(0) { total, accumulator in
      let plan = accumulator.plan
      return total
        + (plan.byteBound(distinctCount: 2 * many) - plan.byteBound(distinctCount: many)) / many
    }
  }

  /// Of each grouping with a budget, the keys told of the cell of all others.
  private static func otherBytes(_ stage: Stage) -> Int {
    guard stage.accumulators.contains(where: \.readsKey) else { return 0 }
    return stage.keyBudgets.reduce(0) { total, budget in
      total + (budget.map { max(1, $0.sampleCount) * GroupedHeavyKeys.otherBound } ?? 0)
    }
  }

  private static func cellBytes(_ stage: Stage) -> Int {
    stage.accumulators.reduce(0) { total, accumulator in
      let plan = accumulator.plan
      let bounded = plan.byteBound(distinctCount: many)
      let isBounded = plan.byteBound(distinctCount: 2 * many) == bounded
      return total + (isBounded ? bounded : plan.byteBound(distinctCount: 0))
    }
  }

  /// What is there whatever the data.
  private var leastBytes: Int { stages.reduce(joinBytes) { $0 + $1.leastBytes } }

  /// Refuses a job that is sure to need more than its limit.
  func check() throws(ConfigurationError) {
    guard let limit else { return }
    let least = leastBytes
    guard least <= limit.byteCount else {
      throw limit.node.error(
        "the states that are there whatever the data may take \(ByteCount(least)), which is over "
          + "the limit of \(ByteCount(limit.byteCount)); raise it, use fewer --workers, shorter "
          + "allowed_lateness or fewer values" + (joinBytes > 0 ? ", or a smaller join.memory" : "")
      )
    }
  }
}

extension MemoryBound {
  /// The bound of the whole job, for people.
  var lines: [String] {
    let least = leastBytes
    let isComplete = stages.allSatisfy(\.isComplete)
    var lines = [
      isComplete
        ? "at most \(ByteCount(least)) of states in all"
        : "\(ByteCount(least)) of states whatever the data, and what is said above for each key, "
          + "distinct value and window"
    ]
    if stages.contains(where: { $0.valueBytes > 0 }) {
      lines.append(
        "vocabularies and rows kept for later phases: \(ByteCount(spillBudget)) in memory "
          + "(memory.vocabularies), the rest on disk")
    }
    guard let limit else { return lines + ["no limit is set (memory.limit)"] }
    guard least <= limit.byteCount else { return lines }
    let room = limit.byteCount - least
    lines.append("limit \(ByteCount(limit.byteCount))")
    for stage in stages where stage.keyedGroupingCount > 0 && stage.bytesEverywhere > 0 {
      let keys = room / stage.bytesEverywhere
      lines.append(
        "room for \(keys.grouped) keys a window in \(stage.name), if it had all the rest")
    }
    if !isComplete {
      lines.append(
        "the limit is checked at start, as far as can be computed; a run that holds more ends")
    }
    return lines
  }
}

extension MemoryBound.StageBound {
  /// What one stage may take, for people.
  var lines: [String] {
    var cell = "\(ByteCount(cellBytes)) a cell"
    if valueBytes > 0 { cell += " and \(valueBytes) B for each distinct value in it" }
    let windows =
      isSessions
      ? "each open session"
      : "\(openWindowCount.grouped) open window\(openWindowCount == 1 ? "" : "s")"
    let copies = "\(windows) × \(copyCount) copies (\(copyCount - 1) of workers, 1 merged)"
    var lines: [String] = []
    if keyedGroupingCount > 0 {
      lines.append(
        "\(cell); \(copies): \(ByteCount(bytesEverywhere)) a key; how many keys is not known")
    }
    if fixedCellCount > 0 {
      let more = valueBytes > 0 ? ", and its distinct values" : ""
      lines.append(
        "\(cell); \(fixedCellCount) cell\(fixedCellCount == 1 ? "" : "s") × \(copies): "
          + "\(ByteCount(leastBytes))\(more)")
    }
    if hasKeyBudget {
      lines.append("and for each distinct key 160 B and its text, once a worker")
    }
    if isSessions {
      lines.append("how many sessions are open at a time is not known")
    } else if !isWindowCountCertain {
      lines.append("more windows are open while one file is behind another in event time")
    }
    return lines
  }
}

/// A number of bytes for people: `1.5 kB`.
struct ByteCount: CustomStringConvertible {
  private let bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  var description: String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 999.95 && unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return unit == 0 ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(units[unit])"
  }
}
