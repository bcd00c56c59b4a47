public import EventTime
public import Expressions

/// A window and the one before it, in one pane: where rows are told apart.
///
/// Rows are counted by stretches of time in which no window begins or ends; a pane puts those of
/// either window together.
public struct PreviousWindow: Sendable {
  private enum Windows: Sendable {
    /// `lag` is how much earlier the last window starts that ends before this one starts.
    case regular(SlidingWindows, lag: Int64)
    /// The times of day, in microseconds UTC, at which windows may start; ascending.
    case calendar(CalendarWindows, starts: [Int64])
  }

  private static let day = Interval.days(1).microseconds

  private let windows: Windows
  private let time: Expression

  /// - Parameters:
  ///   - windowFn: Fixed, sliding or calendar windows; `nil` of others, which follow no order.
  ///   - time: The event time in microseconds.
  public init?(_ windowFn: any WindowFn, time: Expression) {
    self.time = time
    switch windowFn {
    case let fixed as FixedWindows:
      let size = fixed.size.microseconds
      windows = .regular(
        SlidingWindows(size: fixed.size, period: fixed.size, offset: fixed.offset), lag: size)
    case let sliding as SlidingWindows:
      let (size, period) = (sliding.size.microseconds, sliding.period.microseconds)
      windows = .regular(sliding, lag: (size + period - 1) / period * period)
    case let calendar as CalendarWindows:
      windows = .calendar(calendar, starts: Self.starts(of: calendar))
    default: return nil
    }
  }

  /// The times of day at which windows of the years 1970 to 2100 start.
  private static func starts(of calendar: CalendarWindows) -> [Int64] {
    var starts: Set<Int64> = []
    var window = calendar.window(for: Timestamp(microseconds: 0))
    while window.start.microseconds < 131 * 366 * day {
      let start = window.start.microseconds
      starts.insert(start - (Double(start) / Double(day)).rounded(.down).asInteger * day)
      window = calendar.window(for: window.end)
    }
    return starts.sorted()
  }

  /// The windows of the panes, each of two.
  public var paneWindows: any WindowFn {
    switch windows {
    case .regular(let sliding, let lag):
      SlidingWindows(
        size: .microseconds(sliding.size.microseconds + lag), period: sliding.period,
        offset: sliding.offset)
    case .calendar(let calendar, _): PrecededCalendarWindows(calendar)
    }
  }

  /// The number of the stretch of time that a row is in.
  var stretch: Expression {
    switch windows {
    case .regular(let sliding, _):
      return Self.floor(
        .of("subtract", time, .integer(sliding.offset.microseconds)), Self.step(of: sliding))
    case .calendar(_, let starts):
      let shifted = Expression.of("subtract", time, .integer(starts[0]))
      let days = Self.floor(shifted, Self.day)
      let rest = Expression.of("subtract", shifted, .of("multiply", days, .integer(Self.day)))
      return starts.dropFirst().reduce(.of("multiply", days, .integer(Int64(starts.count)))) {
        let isAfter = Expression.of("greater_equal", rest, .integer($1 - starts[0]))
        return .of("add", $0, .of("int", isAfter))
      }
    }
  }

  /// Whether a stretch is in the window of a pane, in the one before, or in neither.
  func isCurrent(_ stretch: Int64, in pane: Window) -> Bool? {
    switch windows {
    case .regular(let sliding, let lag):
      let start = stretch * Self.step(of: sliding) + sliding.offset.microseconds
      let place = start - pane.start.microseconds
      if (lag..<lag + sliding.size.microseconds).contains(place) { return true }
      return (0..<sliding.size.microseconds).contains(place) ? false : nil
    case .calendar(let calendar, let starts):
      let days = (Double(stretch) / Double(starts.count)).rounded(.down).asInteger
      let start = days * Self.day + starts[Int(stretch - days * Int64(starts.count))]
      return start >= calendar.window(for: pane.maxTimestamp).start.microseconds
    }
  }

  /// The longest time of which both the size and the period are multiples.
  private static func step(of sliding: SlidingWindows) -> Int64 {
    var (one, two) = (sliding.size.microseconds, sliding.period.microseconds)
    while two != 0 { (one, two) = (two, one % two) }
    return one
  }

  private static func floor(_ value: Expression, _ divisor: Int64) -> Expression {
    .of("int", .of("floor", .of("divide", value, .number(Double(divisor)))))
  }
}

extension Double {
  fileprivate var asInteger: Int64 { Int64(self) }
}
