import EventTime
import Foundation
import Testing

/// Held to Foundation's calendar, which has its own copy of the time zone database.
@Suite struct CalendarWindowsTests {
  static let zones = [
    "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
    "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns",
  ]

  static func rules(_ name: String) throws -> TimeZoneRules {
    let path = URL(fileURLWithPath: "/usr/share/zoneinfo").appendingPathComponent(name)
    return try TimeZoneRules(name: name, tzif: Array(Data(contentsOf: path)))
  }

  static let hasDatabase = FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/UTC")

  private func calendar(_ zone: String) throws -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: zone))
    calendar.firstWeekday = 2
    calendar.minimumDaysInFirstWeek = 4
    return calendar
  }

  @Test(.enabled(if: hasDatabase), arguments: zones)
  func `days, weeks, months and years are those of the calendar`(zone: String) throws {
    let rules = try Self.rules(zone)
    let calendar = try calendar(zone)
    let units: [(CalendarWindows.Unit, Calendar.Component)] = [
      (.day, .day), (.week, .weekOfYear), (.month, .month), (.year, .year),
    ]
    var random = SeededRandom(seed: 11)
    for (unit, component) in units {
      let windows = CalendarWindows(unit: unit, timeZone: rules)
      for _ in 0..<300 {
        // 1990 to 2060, so from the table and from the rule behind it.
        let second = Int64.random(in: 631_152_000..<2_840_140_800, using: &random)
        let expected = try #require(
          calendar.dateInterval(
            of: component, for: Date(timeIntervalSince1970: Double(second))))
        let window = windows.window(for: Timestamp(microseconds: second * 1_000_000))
        #expect(window.start.microseconds == expected.start.microseconds, "\(unit) of \(second)")
        #expect(window.end.microseconds == expected.end.microseconds, "\(unit) of \(second)")
      }
    }
  }

  @Test(.enabled(if: hasDatabase)) func `clock changes make days of 23 and 25 hours`() throws {
    let windows = CalendarWindows(unit: .day, timeZone: try Self.rules("Europe/Berlin"))
    func hours(_ text: String) throws -> Int64 {
      let window = windows.window(for: try #require(Timestamp(rfc3339: text)))
      return (window.end.microseconds - window.start.microseconds) / 3_600_000_000
    }
    #expect(try hours("2026-03-29T12:00:00Z") == 23)
    #expect(try hours("2026-10-25T12:00:00Z") == 25)
    #expect(try hours("2055-10-31T12:00:00Z") == 25)
    #expect(try hours("2026-06-01T12:00:00Z") == 24)
  }

  @Test func `quarters, and days that begin at six`() throws {
    func window(_ windows: CalendarWindows, _ text: String) throws -> String {
      windows.window(for: try #require(Timestamp(rfc3339: text))).description
    }
    #expect(
      try window(CalendarWindows(count: 3, unit: .month), "2026-08-15T00:00:00Z")
        == "2026-07-01T00:00:00Z--2026-10-01T00:00:00Z")
    let early = CalendarWindows(unit: .day, offset: .hours(6))
    #expect(
      try window(early, "2026-08-15T05:59:59Z") == "2026-08-14T06:00:00Z--2026-08-15T06:00:00Z")
    let india = TimeZoneRules(name: "+05:30", fixedOffset: .minutes(330))
    #expect(
      try window(CalendarWindows(unit: .day, timeZone: india), "2026-08-15T00:00:00Z")
        == "2026-08-14T18:30:00Z--2026-08-15T18:30:00Z")
  }

  @Test func `damaged files are refused`() throws {
    #expect(throws: TimeZoneError.self) { try TimeZoneRules(name: "x", tzif: []) }
    #expect(throws: TimeZoneError.self) {
      try TimeZoneRules(name: "x", tzif: Array("TZif2".utf8))
    }
    guard Self.hasDatabase else { return }
    let bytes = Array(
      try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Berlin")))
    for count in stride(from: 0, to: bytes.count, by: 37) {
      #expect(throws: TimeZoneError.self) {
        try TimeZoneRules(name: "x", tzif: Array(bytes[..<count]))
      }
    }
  }
}

extension Date {
  fileprivate var microseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) * 1000 }
}
