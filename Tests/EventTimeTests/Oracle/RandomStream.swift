import DataflowTesting
import EventTime

/// A window function of a user's own: `[k², (k + 1)²)`, and an overlapping one at even `k`.
///
/// It moves the timestamps of panes.
struct SquareWindows: WindowFn {
  static let name = "squares"

  func outputTime(of time: Timestamp, in window: Window) -> Timestamp {
    time.advanced(by: .microseconds(5))
  }

  func windows(for time: Timestamp) -> [Window] {
    var root: Int64 = 0
    while (root + 1) * (root + 1) <= time.microseconds { root += 1 }
    let start = Timestamp(microseconds: root * root)
    let end = Timestamp(microseconds: (root + 1) * (root + 1))
    let wide = Window(start: start, end: end.advanced(by: .microseconds(3)))
    return root % 2 == 0
      ? [Window(start: start, end: end), wide] : [Window(start: start, end: end)]
  }
}

/// A random strategy and random events, from a seed; times have no unit.
struct RandomStream {
  var strategy: WindowingStrategy
  var events: [PaneOracle.Event] = []
  private var generator: SeededGenerator
  private var unit: Int64 = 1
  private var nextValue = 0

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    strategy = WindowingStrategy(windowFn: GlobalWindows())
    setStrategy()
    addEvents()
  }

  private mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
    Int64.random(in: range, using: &generator)
  }

  private mutating func chance(_ share: Int64) -> Bool { number(1...share) == 1 }

  private mutating func interval(_ range: ClosedRange<Int64>) -> Interval {
    Interval(microseconds: number(range))
  }

  private mutating func setStrategy() {
    strategy = WindowingStrategy(windowFn: windowFn(), trigger: trigger(depth: 3))
    strategy.allowedLateness =
      chance(3) ? .zero : Interval(microseconds: number(1...25) * unit)
    strategy.accumulation = [.discarding, .accumulating, .retracting][Int(number(0...2))]
    strategy.timestampCombiner = TimestampCombiner.allCases[Int(number(0...3))]
    strategy.closingBehavior = chance(2) ? .always : .nonEmpty
    strategy.onTimeBehavior = chance(2) ? .always : .nonEmpty
  }

  private mutating func windowFn() -> any WindowFn {
    switch number(0...6) {
    case 0, 1: return FixedWindows(size: interval(1...15), offset: interval(-4...7))
    case 2:
      return SlidingWindows(
        size: interval(2...15), period: interval(1...9), offset: interval(0...4))
    case 3, 4: return Sessions(gap: interval(1...10))
    case 5:
      guard chance(2) else { return GlobalWindows() }
      unit = Interval.hours(6).microseconds
      return CalendarWindows(count: Int(number(1...3)), unit: .day, offset: .hours(number(0...5)))
    default: return SquareWindows()
    }
  }

  private mutating func trigger(depth: Int) -> Trigger {
    guard depth > 0, !chance(4) else { return leaf() }
    switch number(0...8) {
    case 0, 1: return .repeatedly(trigger(depth: depth - 1))
    case 2, 3: return .afterWatermark(early: optional(depth), late: optional(depth))
    case 4: return .afterAll(list(depth))
    case 5: return .afterAny(list(depth))
    case 6: return .afterEach(list(depth))
    case 7: return .orFinally(trigger(depth: depth - 1), until: trigger(depth: depth - 1))
    default: return leaf()
    }
  }

  private mutating func optional(_ depth: Int) -> Trigger? {
    chance(3) ? nil : trigger(depth: depth - 1)
  }

  private mutating func list(_ depth: Int) -> [Trigger] {
    (0..<number(1...3)).map { _ in trigger(depth: depth - 1) }
  }

  private mutating func leaf() -> Trigger {
    switch number(0...7) {
    case 0: return .default
    case 1: return .never
    case 2: return chance(3) ? .always : .afterCount(1)
    case 3: return .afterWatermark()
    case 4:
      let alignment = Trigger.Alignment(period: interval(1...9), offset: interval(0...9))
      return .afterProcessingTime(delay: interval(0...9), alignment: chance(2) ? alignment : nil)
    default: return .afterCount(Int(number(1...5)))
    }
  }

  private mutating func addEvents() {
    var watermark: Int64 = 0
    var processingTime: Int64 = 0
    events.append(.processingTime(Timestamp(microseconds: 0)))
    for _ in 0..<number(3...24) {
      switch number(0...4) {
      case 0:
        watermark += number(0...12)
        events.append(.watermark(Timestamp(microseconds: watermark * unit)))
      case 1:
        processingTime += number(0...8)
        events.append(.processingTime(Timestamp(microseconds: processingTime)))
      default:
        let rows = (0..<number(0...4)).map { _ in
          nextValue += 1
          let time = max(0, watermark + number(-20...20)) * unit
          return (value: nextValue, time: Timestamp(microseconds: time))
        }
        events.append(.rows(rows))
      }
    }
    events.append(.watermark(.distantFuture))
  }
}
