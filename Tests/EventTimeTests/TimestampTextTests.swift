import EventTime
import Testing

@Suite struct TimestampTextTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00Z"),
      (1_788_256_800_000_000, "2026-09-01T10:00:00Z"),
      (1_788_256_800_250_000, "2026-09-01T10:00:00.250Z"),
      (1_788_256_800_000_001, "2026-09-01T10:00:00.000001Z"),
      (-1, "1969-12-31T23:59:59.999999Z"),
      (951_782_400_000_000, "2000-02-29T00:00:00Z"),
      (-62_167_219_200_000_000, "0000-01-01T00:00:00Z"),
      (-62_167_219_200_000_001, "-0001-12-31T23:59:59.999999Z"),
      (253_402_300_800_000_000, "+10000-01-01T00:00:00Z"),
      (.min, "-infinity"), (.max, "+infinity"),
    ] as [(Int64, String)])
  func `text and instant name each other`(microseconds: Int64, text: String) {
    #expect(Timestamp(microseconds: microseconds).description == text)
    #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
  }

  @Test func `any instant is read back from its text`() {
    var random = SeededRandom(seed: 7)
    for magnitude in 0..<64 {
      for _ in 0..<20 {
        let time = Timestamp(microseconds: random.next(bits: magnitude))
        #expect(Timestamp(rfc3339: time.description) == time)
      }
    }
    for edge: Int64 in [.min + 1, .max - 1] {
      let time = Timestamp(microseconds: edge)
      #expect(Timestamp(rfc3339: time.description) == time)
    }
  }

  @Test(
    arguments: [
      ("2026-09-01T12:00:00+02:00", 1_788_256_800_000_000),
      ("2026-09-01t05:30:00.5-04:30", 1_788_256_800_500_000),
      ("2026-09-01 10:00:00.1234567z", 1_788_256_800_123_456),
      ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
    ] as [(String, Int64)])
  func `offsets, long fractions and leap seconds are read`(text: String, microseconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    "", "2026-09-01", "2026-09-01T10:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-09-01T24:00:00Z", "2026-09-01T10:00:00.Z", "2026-09-01T10:00:00Z ", "26-09-01T10:00:00Z",
    "2026-09-01T10:00:00+2:00", "2026-9-01T10:00:00Z", "+999999-01-01T00:00:00Z", "now",
  ])
  func `what is not a date-time is refused`(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test(
    arguments: [
      ("10s", 10_000_000), ("5m", 300_000_000), ("1h", 3_600_000_000), ("1d", 86_400_000_000),
      ("250ms", 250_000), ("500us", 500), ("0s", 0), ("-5s", -5_000_000), ("90s", 90_000_000),
    ] as [(String, Int64)])
  func `intervals name each other`(text: String, microseconds: Int64) {
    #expect(Interval(text)?.microseconds == microseconds)
    #expect(Interval(microseconds: microseconds).description == text)
  }

  @Test(arguments: ["", "10", "s", "1.5s", "10 s", "5min", "--5s", "999999999999d", "1_0s"])
  func `what is not an interval is refused`(text: String) {
    #expect(Interval(text) == nil)
  }

  @Test func `a window is named by its ends`() {
    let start = Timestamp(microseconds: 1_788_256_800_000_000)
    let window = FixedWindows(size: .minutes(1)).window(for: start)
    #expect(window.description == "2026-09-01T10:00:00Z--2026-09-01T10:01:00Z")
    #expect(Window.global.description == "global")
  }
}

/// SplitMix64.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// A number of either sign below 2^`bits`.
  mutating func next(bits: Int) -> Int64 {
    let magnitude = Int64(bitPattern: next() >> 1) >> Int64(63 - bits)
    return next() & 1 == 0 ? magnitude : -magnitude
  }
}
