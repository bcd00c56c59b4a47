public import Dataflow
public import EventTime

/// What a simulated job reads, and how it takes time.
///
/// A random one has splits out of order, paused, idle, ended, appearing late, with rows from the far
/// future and rows that do not decode.
public struct SimulationScript: Sendable {
  /// How all scripts begin.
  public static let start = Timestamp(microseconds: 1_788_220_800_000_000)

  public private(set) var splits: [ScriptedSplit] = []
  public private(set) var windowings: [WindowingStrategy] = []
  public private(set) var policy = Pipeline.EventTimePolicy(column: "at", maxOutOfOrderness: .zero)

  public init(
    splits: [ScriptedSplit], windowings: [WindowingStrategy], policy: Pipeline.EventTimePolicy
  ) {
    self.splits = splits
    self.windowings = windowings
    self.policy = policy
  }

  public init(random generator: inout SeededGenerator) {
    policy = Self.policy(&generator)
    for _ in 0..<Int.random(in: 1...2, using: &generator) {
      windowings.append(Self.windowing(&generator))
    }
    for index in 0..<Int.random(in: 1...4, using: &generator) {
      splits.append(Self.split("split \(index)", policy, &generator))
    }
  }

  private static func seconds(
    _ range: ClosedRange<Int64>, _ generator: inout SeededGenerator
  ) -> Interval { .seconds(Int64.random(in: range, using: &generator)) }

  private static func policy(_ generator: inout SeededGenerator) -> Pipeline.EventTimePolicy {
    let isGuarded = Int.random(in: 0..<3, using: &generator) > 0
    let hasIdle = Int.random(in: 0..<3, using: &generator) > 0
    var policy = Pipeline.EventTimePolicy(
      column: "at", maxOutOfOrderness: seconds(0...8, &generator),
      idleAfter: hasIdle ? seconds(5...40, &generator) : nil,
      maxFutureSkew: isGuarded ? seconds(0...60, &generator) : nil)
    if Int.random(in: 0..<4, using: &generator) == 0 {
      policy.estimator = WholePeriods(period: .seconds(10), bound: .seconds(10))
    }
    if Int.random(in: 0..<4, using: &generator) == 0 { policy.watermarkColumn = "reached" }
    if hasIdle && Bool.random(using: &generator) {
      policy.closeAfterIdle = seconds(0...40, &generator)
    }
    return policy
  }

  private static func windowing(_ generator: inout SeededGenerator) -> WindowingStrategy {
    let size = seconds(1...40, &generator)
    let windowFn: any WindowFn =
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: GlobalWindows()
      case 1: CalendarWindows(unit: .day, offset: size)
      default: FixedWindows(size: size, offset: seconds(0...9, &generator))
      }
    let early = Trigger.afterCount(Int.random(in: 1...9, using: &generator))
    let late = Trigger.afterCount(Int.random(in: 1...3, using: &generator))
    let delay = Trigger.afterProcessingTime(delay: seconds(0...9, &generator))
    // None that may finish before its window closes.
    let triggers: [Trigger] = [
      .default, .default, .afterWatermark(late: late), .afterWatermark(early: early, late: late),
      .afterWatermark(early: delay, late: .afterCount(1)), .always, .never,
      .repeatedly(.afterAny([early, delay])), .orFinally(.repeatedly(delay), until: .never),
    ]
    let modes: [AccumulationMode] = [.discarding, .accumulating, .retracting]
    return WindowingStrategy(
      windowFn: windowFn, trigger: triggers[Int.random(in: 0..<triggers.count, using: &generator)],
      allowedLateness: Bool.random(using: &generator) ? .zero : seconds(1...40, &generator),
      accumulation: modes[Int.random(in: 0..<3, using: &generator)],
      onTimeBehavior: Bool.random(using: &generator) ? .always : .nonEmpty)
  }

  private static func split(
    _ name: String, _ policy: Pipeline.EventTimePolicy, _ generator: inout SeededGenerator
  ) -> ScriptedSplit {
    let isNew = Int.random(in: 0..<4, using: &generator) == 0
    let appearsAt = isNew ? start.advanced(by: seconds(1...120, &generator)) : start
    var clock = appearsAt
    var rows: [ScriptedRow] = []
    let step = Int64.random(in: 1...3_000_000, using: &generator)
    let disorder = policy.maxOutOfOrderness.microseconds * (Bool.random(using: &generator) ? 1 : 4)
    for _ in 0..<Int.random(in: 0...40, using: &generator) {
      clock = clock.advanced(
        by: .microseconds(Int64.random(in: 0...step, using: &generator)))
      if Int.random(in: 0..<20, using: &generator) == 0 {
        clock = clock.advanced(by: seconds(1...90, &generator))
      }
      let behind = Int64.random(in: 0...max(disorder, 1), using: &generator)
      var row = ScriptedRow(
        time: clock.advanced(by: .microseconds(-behind)),
        key: Int64.random(in: 0..<3, using: &generator),
        value: Int64.random(in: 0..<1 << 40, using: &generator), availableAt: clock)
      // What the source says may be wrong, and rows come behind it.
      if Int.random(in: 0..<3, using: &generator) == 0 {
        let lag = Int64.random(in: 0...max(2 * disorder, 1), using: &generator)
        row.reached = clock.advanced(by: .microseconds(-lag))
      }
      switch Int.random(in: 0..<60, using: &generator) {
      case 0: row.isBad = true
      case 3: row.reached = clock.advanced(by: .days(3650))
      case 1, 2: row.time = clock.advanced(by: .days(3650))
      default: break
      }
      rows.append(row)
    }
    return ScriptedSplit(
      name: name, rows: rows, appearsAt: appearsAt, ends: Bool.random(using: &generator))
  }
}
