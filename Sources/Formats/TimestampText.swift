/// RFC 3339 and the common ISO 8601 forms of a point in time.
///
/// `YYYY-MM-DD`, then optionally `T`, `t` or a space and `HH:MM[:SS[.fraction]]`, then optionally
/// `Z`, `z`, `±HH`, `±HHMM` or `±HH:MM`. Without a zone the time is UTC, without a time it is
/// midnight. A fraction is cut to microseconds toward the past; second 60 is the first of the
/// next minute.
struct TimestampText {
  private let bytes: PaddedBytes
  private var at: Int
  private let end: Int
  /// Whether a time of day is given.
  private(set) var hasTime = false

  /// Microseconds since the epoch of the text in `start..<end`, or `nil` when it is none.
  static func microseconds(_ bytes: PaddedBytes, _ start: Int, _ end: Int) -> Int64? {
    var text = TimestampText(bytes: bytes, at: start, end: end)
    return text.parse()
  }

  /// Whether the text is a date with a time of day.
  static func isDateTime(_ bytes: PaddedBytes, _ start: Int, _ end: Int) -> Bool {
    var text = TimestampText(bytes: bytes, at: start, end: end)
    return text.parse() != nil && text.hasTime
  }

  private init(bytes: PaddedBytes, at: Int, end: Int) {
    self.bytes = bytes
    self.at = at
    self.end = end
  }

  private mutating func parse() -> Int64? {
    guard let year = number(4), take(0x2D), let month = number(2), take(0x2D),
      let day = number(2), let days = Self.days(year: year, month: month, day: day)
    else { return nil }
    let date = Int64(days) * 86_400_000_000
    if at == end { return date }
    guard take(0x54) || take(0x74) || take(0x20) else { return nil }
    hasTime = true
    guard let time = timeOfDay(), let offset = zone(), at == end else { return nil }
    return date + time - offset
  }

  private mutating func timeOfDay() -> Int64? {
    guard let hour = number(2), hour < 24, take(0x3A), let minute = number(2), minute < 60 else {
      return nil
    }
    var time = Int64(hour * 3600 + minute * 60) * 1_000_000
    guard take(0x3A) else { return time }
    guard let second = number(2), second <= 60 else { return nil }
    time += Int64(second) * 1_000_000
    guard take(0x2E) || take(0x2C) else { return time }
    guard let tenths = digit() else { return nil }
    var unit: Int64 = 100_000
    time += Int64(tenths) * unit
    while let next = digit() {
      unit /= 10
      time += Int64(next) * unit
    }
    return time
  }

  /// The offset from UTC, in microseconds.
  private mutating func zone() -> Int64? {
    if at == end || take(0x5A) || take(0x7A) { return 0 }
    let isNegative = take(0x2D)
    guard isNegative || take(0x2B), let hours = number(2), hours < 24 else { return nil }
    var minutes = 0
    if at < end {
      _ = take(0x3A)
      guard let given = number(2), given < 60 else { return nil }
      minutes = given
    }
    let offset = Int64(hours * 60 + minutes) * 60_000_000
    return isNegative ? -offset : offset
  }

  private mutating func digit() -> Int? {
    guard at < end, case let digit = bytes.byte(at) &- 0x30, digit < 10 else { return nil }
    at += 1
    return Int(digit)
  }

  private mutating func number(_ length: Int) -> Int? {
    var value = 0
    for _ in 0..<length {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < end, bytes.byte(at) == byte else { return false }
    at += 1
    return true
  }

  /// Days since the epoch in the proleptic Gregorian calendar, or `nil` for no such day.
  ///
  /// Source: H. Hinnant, *chrono-compatible low-level date algorithms*, `days_from_civil`.
  private static func days(year: Int, month: Int, day: Int) -> Int? {
    guard month >= 1, month <= 12, day >= 1 else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let length = month == 2 ? (isLeap ? 29 : 28) : 30 + (month + month / 8) % 2
    guard day <= length else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
