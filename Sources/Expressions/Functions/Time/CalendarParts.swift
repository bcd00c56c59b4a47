import Columns

/// Parts of a timestamp's date in the proleptic Gregorian calendar, in UTC.
///
/// Source of the conversion: Howard Hinnant, *chrono-Compatible Low-Level Date Algorithms*,
/// `civil_from_days`.
enum CalendarPart: String, Sendable {
  case year, month, dayOfMonth = "day_of_month", dayOfYear = "day_of_year"
}

extension RowFunction {
  static let year = calendar(.year, "the year, in UTC")
  static let month = calendar(.month, "1…12, in UTC")
  static let dayOfMonth = calendar(.dayOfMonth, "1…31, in UTC")
  static let dayOfYear = calendar(.dayOfYear, "1…366, in UTC")
  static let minuteOfHour = cycle("minute_of_hour", "0…59", unit: 60_000_000, length: 60)
  static let secondOfMinute = cycle("second_of_minute", "0…59", unit: 1_000_000, length: 60)

  private static func calendar(_ part: CalendarPart, _ summary: String) -> RowFunction {
    RowFunction(part.rawValue, [.required("timestamp")], summary) { site in
      _ = try site.type(0, "a timestamp") { $0 == .timestamp }
      return CompiledCall(type: .int64, inputs: [0], kernel: CalendarKernel(part: part))
    }
  }

  private static func cycle(
    _ name: String, _ summary: String, unit: Int64, length: Int64
  ) -> RowFunction {
    RowFunction(name, [.required("timestamp")], summary) { site in
      _ = try site.type(0, "a timestamp") { $0 == .timestamp }
      return CompiledCall(
        type: .int64, inputs: [0], kernel: CycleKernel(unit: unit, offset: 0, length: length))
    }
  }
}

struct CalendarKernel: RowKernel {
  let part: CalendarPart

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let values = inputs[0].integers().map { Self.value(part, microseconds: $0) }
    return .int64(Int64Column(values, validity: inputs[0].validity))
  }

  static func value(_ part: CalendarPart, microseconds: Int64) -> Int64 {
    let day = floorDivide(microseconds, 86_400_000_000)
    // Years of this count begin in March, so that leap days come last.
    let shifted = day + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayFromMarch = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayFromMarch + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    switch part {
    case .year: return year
    case .month: return month
    case .dayOfMonth: return dayFromMarch - (153 * monthFromMarch + 2) / 5 + 1
    case .dayOfYear:
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      return month <= 2 ? dayFromMarch - 305 : dayFromMarch + (isLeap ? 61 : 60)
    }
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }
}
