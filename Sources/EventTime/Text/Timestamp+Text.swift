extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC, with the shortest fraction of 0, 3 or 6 digits that is exact.
  ///
  /// `-infinity` and `+infinity` are the two ends of time; a year outside `0 … 9999` has a sign
  /// (ISO 8601, expanded representation).
  public var description: String {
    if self == .distantPast { return "-infinity" }
    if self == .distantFuture { return "+infinity" }
    let (seconds, fraction) = floorDivide(microseconds, by: 1_000_000)
    let (days, second) = floorDivide(seconds, by: 86400)
    let date = CivilDate(daysSinceEpoch: days)
    var text = Self.text(ofYear: date.year)
    text += "-" + Self.padded(date.month, 2) + "-" + Self.padded(date.day, 2)
    text += "T" + Self.padded(second / 3600, 2)
    text += ":" + Self.padded(second / 60 % 60, 2) + ":" + Self.padded(second % 60, 2)
    if fraction % 1000 != 0 {
      text += "." + Self.padded(fraction, 6)
    } else if fraction != 0 {
      text += "." + Self.padded(fraction / 1000, 3)
    }
    return text + "Z"
  }

  /// The instant that an RFC 3339 date-time names, such as `2026-09-01T10:00:00+02:00`.
  ///
  /// Accepts what ``description`` writes, any numeric offset, `t`, `z` or a space as RFC 3339
  /// allows, and a fraction of any length, of which digits beyond microseconds are cut off. A leap
  /// second (`:60`) is the first instant of the next minute. Anything else, a date that does
  /// not exist and an instant outside the representable range are `nil`.
  public init?(rfc3339 text: String) {
    switch text {
    case "-infinity": self = .distantPast
    case "+infinity": self = .distantFuture
    default:
      var scanner = RFC3339Scanner(Array(text.utf8))
      guard let microseconds = scanner.scan() else { return nil }
      self.init(microseconds: microseconds)
    }
  }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func text(ofYear year: Int64) -> String {
    switch year {
    case 0...9999: padded(year, 4)
    case ..<0: "-" + padded(-year, 4)
    default: "+" + padded(year, 5)
    }
  }
}

/// Reads one date-time from bytes.
private struct RFC3339Scanner {
  let bytes: [UInt8]
  var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Microseconds since the epoch.
  mutating func scan() -> Int64? {
    guard let days = scanDate(), accept("Tt ") != nil, let time = scanTime(),
      let zone = scanZone(), offset == bytes.count
    else { return nil }
    let seconds = days * 86400 + time.seconds - zone
    // The last second before the start of the range needs its fraction to be inside it.
    let (scaled, overflow) = (seconds + 1).multipliedReportingOverflow(by: 1_000_000)
    if overflow {
      let (low, lowOverflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
      let (sum, sumOverflow) = low.addingReportingOverflow(time.fraction)
      return lowOverflow || sumOverflow ? nil : sum
    }
    let (result, underflow) = scaled.addingReportingOverflow(time.fraction - 1_000_000)
    return underflow ? nil : result
  }

  private mutating func scanDate() -> Int64? {
    let sign = accept("+-")
    let yearStart = offset
    var year: Int64 = 0
    while offset < bytes.count, let digit = digit(bytes[offset]), offset - yearStart < 7 {
      year = year * 10 + digit
      offset += 1
    }
    let width = offset - yearStart
    guard sign == nil ? width == 4 : width >= 4, accept("-") != nil, let month = number(2),
      accept("-") != nil, let day = number(2), (1...12).contains(month)
    else { return nil }
    if sign == UInt8(ascii: "-") { year = -year }
    guard (1...CivilDate.dayCount(ofMonth: month, year: year)).contains(day) else { return nil }
    return CivilDate(year: year, month: month, day: day).daysSinceEpoch
  }

  private mutating func scanTime() -> (seconds: Int64, fraction: Int64)? {
    guard let hour = number(2), accept(":") != nil, let minute = number(2), accept(":") != nil,
      let second = number(2), hour < 24, minute < 60, second <= 60
    else { return nil }
    var fraction: Int64 = 0
    if accept(".") != nil {
      var scale: Int64 = 100_000
      let start = offset
      while offset < bytes.count, let digit = digit(bytes[offset]) {
        fraction += digit * scale
        scale /= 10
        offset += 1
      }
      guard offset > start else { return nil }
    }
    return (hour * 3600 + minute * 60 + second, fraction)
  }

  /// Seconds east of Greenwich.
  private mutating func scanZone() -> Int64? {
    if accept("Zz") != nil { return 0 }
    guard let sign = accept("+-"), let hour = number(2), accept(":") != nil,
      let minute = number(2), hour < 24, minute < 60
    else { return nil }
    return (hour * 3600 + minute * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
  }

  private mutating func accept(_ choices: String) -> UInt8? {
    guard offset < bytes.count, choices.utf8.contains(bytes[offset]) else { return nil }
    offset += 1
    return bytes[offset - 1]
  }

  private mutating func number(_ width: Int) -> Int64? {
    guard offset + width <= bytes.count else { return nil }
    var value: Int64 = 0
    for byte in bytes[offset..<offset + width] {
      guard let digit = digit(byte) else { return nil }
      value = value * 10 + digit
    }
    offset += width
    return value
  }

  private func digit(_ byte: UInt8) -> Int64? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int64(byte) - 48 : nil
  }
}
