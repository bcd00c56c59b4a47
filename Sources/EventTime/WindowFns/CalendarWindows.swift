/// Windows of days, weeks, months or years as clocks and calendars in a time zone show them.
///
/// A day on which clocks are changed is 23 or 25 hours long. Units are counted from 1970-01-01
/// (weeks from Monday, 1970-01-05), so `count: 3, unit: .month` gives calendar quarters.
public struct CalendarWindows: WindowFn {
  public static let name = "calendar"

  public enum Unit: String, Hashable, Codable, Sendable, CaseIterable {
    case day, week, month, year
  }

  public let count: Int
  public let unit: Unit
  /// Added to local midnight: with 6 h, days begin at 06:00 local time.
  public let offset: Interval
  public let timeZone: TimeZoneRules

  /// - Precondition: `count` is in `1 ... 10,000`; `offset` is shorter than 366 days.
  public init(
    count: Int = 1, unit: Unit, offset: Interval = .zero, timeZone: TimeZoneRules = .utc
  ) {
    precondition((1...10_000).contains(count), "calendar windows of \(count) \(unit)s")
    precondition(abs(offset.microseconds) < Interval.days(366).microseconds, "offset \(offset)")
    self.count = count
    self.unit = unit
    self.offset = offset
    self.timeZone = timeZone
  }

  /// The window that holds `time`.
  ///
  /// Times before the year −290,000 or after 290,000 are taken to be at those ends.
  public func window(for time: Timestamp) -> Window {
    let reach = 290_000 * Int64(365 * 86400) * 1_000_000
    let micros = max(-reach, min(reach, time.microseconds))
    let seconds = floorDivide(micros, by: 1_000_000).quotient
    let local = micros + timeZone.offset(at: seconds) * 1_000_000 - offset.microseconds
    let days = floorDivide(local, by: Interval.days(1).microseconds).quotient
    var index = index(ofDay: days)
    // Where clocks are turned back across a start, local time repeats; instants decide.
    while micros < start(ofIndex: index) { index -= 1 }
    while micros >= start(ofIndex: index + 1) { index += 1 }
    return Window(
      start: Timestamp(microseconds: start(ofIndex: index)),
      end: Timestamp(microseconds: start(ofIndex: index + 1)))
  }

  public func windows(for time: Timestamp) -> [Window] { [window(for: time)] }

  /// Which window, counting from the epoch, holds a day since the epoch.
  private func index(ofDay day: Int64) -> Int64 {
    let units: Int64 =
      switch unit {
      case .day: day
      case .week: floorDivide(day - 4, by: 7).quotient
      case .month, .year: months(CivilDate(daysSinceEpoch: day))
      }
    return floorDivide(units, by: stride).quotient
  }

  private var stride: Int64 { Int64(count) * (unit == .year ? 12 : 1) }

  private func months(_ date: CivilDate) -> Int64 { (date.year - 1970) * 12 + date.month - 1 }

  private func start(ofIndex index: Int64) -> Int64 {
    let units = index * stride
    let day: Int64
    switch unit {
    case .day: day = units
    case .week: day = units * 7 + 4
    case .month, .year:
      let (years, months) = floorDivide(units, by: 12)
      day = CivilDate(year: 1970 + years, month: months + 1, day: 1).daysSinceEpoch
    }
    return timeZone.instant(
      ofLocal: day * Interval.days(1).microseconds + offset.microseconds)
  }
}
