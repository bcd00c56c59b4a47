/// The yearly change of clocks, as a POSIX `TZ` string tells it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct DaylightRule: Hashable, Codable, Sendable {
  /// The day of a year, and the local second of that day, at which clocks change.
  struct Change: Hashable, Codable, Sendable {
    var day: Day
    var second: Int64
  }

  enum Day: Hashable, Codable, Sendable {
    /// `1...365`, February 29 never counted.
    case julian(Int64)
    /// `0...365`, February 29 counted.
    case ordinal(Int64)
    /// Day of the week `0...6` from Sunday; week `1...5`, 5 being the last of the month.
    case weekday(month: Int64, week: Int64, day: Int64)
  }

  /// Seconds east of Greenwich in winter and summer.
  var standard: Int64
  var daylight: Int64
  /// `nil`: always standard time.
  var start: Change?
  var end: Change?

  /// Seconds east of Greenwich at `seconds` since the epoch.
  func offset(at seconds: Int64) -> Int64 {
    guard let start, let end else { return standard }
    let year = CivilDate(daysSinceEpoch: floorDivide(seconds + standard, by: 86400).quotient).year
    let begins = Self.localSecond(of: start, in: year) - standard
    let ends = Self.localSecond(of: end, in: year) - daylight
    let isDaylight =
      begins < ends
      ? begins <= seconds && seconds < ends : !(ends <= seconds && seconds < begins)
    return isDaylight ? daylight : standard
  }

  private static func localSecond(of change: Change, in year: Int64) -> Int64 {
    let newYear = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
    let day: Int64 =
      switch change.day {
      case .julian(let day): newYear + day - 1 + (CivilDate.isLeap(year) && day >= 60 ? 1 : 0)
      case .ordinal(let day): newYear + day
      case .weekday(let month, let week, let day):
        dayNumber(year: year, month: month, week: week, weekday: day)
      }
    return day * 86400 + change.second
  }

  private static func dayNumber(
    year: Int64, month: Int64, week: Int64, weekday: Int64
  ) -> Int64 {
    let first = CivilDate(year: year, month: month, day: 1).daysSinceEpoch
    // 1970-01-01 was a Thursday.
    let firstWeekday = floorDivide(first + 4, by: 7).remainder
    var day = floorDivide(weekday - firstWeekday, by: 7).remainder + (week - 1) * 7
    if day >= CivilDate.dayCount(ofMonth: month, year: year) { day -= 7 }
    return first + day
  }
}

extension DaylightRule {
  /// The rule that a `TZ` string tells; `nil` if it is not one.
  init?(posix text: [UInt8]) {
    var scanner = Scanner(text: text)
    guard scanner.skipName(), let west = scanner.time() else { return nil }
    standard = -west
    daylight = standard + 3600
    guard !scanner.isAtEnd else { return }
    guard scanner.skipName() else { return nil }
    if scanner.next != UInt8(ascii: ","), let west = scanner.time() { daylight = -west }
    guard let start = scanner.change(), let end = scanner.change(), scanner.isAtEnd else {
      return nil
    }
    self.start = start
    self.end = end
  }

  private struct Scanner {
    let text: [UInt8]
    var offset = 0

    var isAtEnd: Bool { offset == text.count }
    var next: UInt8? { isAtEnd ? nil : text[offset] }

    mutating func accept(_ byte: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: byte) else { return false }
      offset += 1
      return true
    }

    /// Letters, or anything between angle brackets.
    mutating func skipName() -> Bool {
      let start = offset
      if accept("<") {
        while let next, next != UInt8(ascii: ">") { offset += 1 }
        return accept(">")
      }
      while let next, (UInt8(ascii: "A")...UInt8(ascii: "z")).contains(next) { offset += 1 }
      return offset - start >= 3
    }

    mutating func number() -> Int64? {
      let start = offset
      var value: Int64 = 0
      while let next, (48...57).contains(next), offset - start < 4 {
        value = value * 10 + Int64(next) - 48
        offset += 1
      }
      return offset > start ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]`, in seconds.
    mutating func time() -> Int64? {
      let sign: Int64 = accept("-") ? -1 : 1
      if sign > 0 { _ = accept("+") }
      guard var seconds = number().map({ $0 * 3600 }) else { return nil }
      for unit: Int64 in [60, 1] where accept(":") {
        guard let part = number() else { return nil }
        seconds += part * unit
      }
      return sign * seconds
    }

    mutating func change() -> Change? {
      guard accept(","), let day = day() else { return nil }
      guard accept("/") else { return Change(day: day, second: 7200) }
      return time().map { Change(day: day, second: $0) }
    }

    mutating func day() -> Day? {
      if accept("J") { return number().map(Day.julian) }
      guard accept("M") else { return number().map(Day.ordinal) }
      guard let month = number(), accept("."), let week = number(), accept("."),
        let day = number(), (1...12).contains(month), (1...5).contains(week), day <= 6
      else { return nil }
      return .weekday(month: month, week: week, day: day)
    }
  }
}
