import EventTime
import Foundation
import Testing

@Suite struct WindowFnTests {
  static func at(_ micros: Int64) -> Timestamp { Timestamp(microseconds: micros) }

  @Test(arguments: [0, 3, -4, 25])
  func `a fixed window is the multiple of the size at or before a time`(offset: Int64) {
    let windows = FixedWindows(size: .microseconds(10), offset: .microseconds(offset))
    for micros in Int64(-45)...45 {
      // The only start in (micros − 10, micros] that is `offset` modulo 10.
      let start = (micros - 9...micros).first { ($0 - offset) % 10 == 0 }
      #expect(windows.start(for: micros) == start)
      #expect(windows.window(for: Self.at(micros)).start.microseconds == start)
    }
  }

  @Test(arguments: [Int64.min, .min + 1, .max - 1, .max], [Int64(1), 7, 86_400_000_000, .max])
  func `fixed windows saturate at the ends of time`(micros: Int64, size: Int64) {
    for offset in [0, size / 2, size - 1] {
      let windows = FixedWindows(size: .microseconds(size), offset: .microseconds(offset))
      let time = Self.at(micros)
      let window = windows.window(for: time)
      #expect(windows.start(for: micros) <= micros)
      #expect(window.contains(min(time, Window.global.maxTimestamp)))
    }
  }

  @Test(arguments: [(15, 5, 2), (20, 10, 0), (10, 3, 1), (4, 10, 0), (7, 7, -3)])
  func `sliding windows are all that hold a time`(size: Int64, period: Int64, offset: Int64) {
    let windows = SlidingWindows(
      size: .microseconds(size), period: .microseconds(period), offset: .microseconds(offset))
    for micros in Int64(-40)...40 {
      let starts = (micros - size + 1...micros).filter { ($0 - offset) % period == 0 }
      #expect(
        windows.windows(for: Self.at(micros))
          == starts.map { Window(start: Self.at($0), end: Self.at($0 + size)) })
    }
    #expect(windows.windows(for: .distantPast).allSatisfy { $0.contains(.distantPast) })
  }

  @Test func `sliding windows share slices when the period divides the size`() {
    #expect(
      SlidingWindows(size: .hours(1), period: .minutes(5), offset: .minutes(1)).slices
        == FixedWindows(size: .minutes(5), offset: .minutes(1)))
    #expect(SlidingWindows(size: .minutes(5), period: .minutes(2)).slices == nil)
  }

  static let examples: [any WindowFn] = [
    FixedWindows(size: .minutes(1), offset: .seconds(5)),
    SlidingWindows(size: .hours(1), period: .minutes(5)), Sessions(gap: .minutes(30)),
    GlobalWindows(), CalendarWindows(count: 3, unit: .month),
    PrecededCalendarWindows(CalendarWindows(unit: .week)),
  ]

  @Test func `every window function of the catalogue is read back by its name`() throws {
    #expect(WindowFnCatalog.all.map { $0.name } == Self.examples.map { type(of: $0).name })
    for example in Self.examples {
      let type = try #require(WindowFnCatalog.type(named: type(of: example).name))
      let bytes = try JSONEncoder().encode(example)
      let decoded = try JSONDecoder().decode(type, from: bytes)
      #expect(AnyHashable(decoded) == AnyHashable(example))
      #expect(example.windows(for: Self.at(5)).allSatisfy { $0.contains(Self.at(5)) })
    }
    let bad = Data(#"{"gap": {"microseconds": 0}}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Sessions.self, from: bad) }
  }
}
