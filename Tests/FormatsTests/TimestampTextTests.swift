import Columns
import Testing

@testable import Formats

@Suite struct TimestampTextTests {
  private func microseconds(_ text: String) -> Int64? {
    unsafe PaddedBuffer(text.utf8).withBytes { raw in
      guard let base = raw.baseAddress else { return nil }
      return unsafe TimestampText.microseconds(
        PaddedBytes(base: base, count: raw.count), 0, raw.count)
    }
  }

  @Test func `days follow one another over 400 years and more`() {
    var expected: Int64? = nil
    for year in 1899...2301 {
      for month in 1...12 {
        for day in 1...31 {
          let text =
            "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
          guard let found = microseconds(text) else {
            #expect(day > 28, "\(text)")
            continue
          }
          if let expected { #expect(found == expected, "\(text)") }
          expected = found + 86_400_000_000
        }
      }
    }
    #expect(microseconds("1970-01-01") == 0)
  }

  @Test(arguments: [
    ("1970-01-01T00:00:01.5Z", 1_500_000), ("1970-01-01 00:00:00.000001", 1),
    ("1970-01-01T00:00:00.0000019Z", 1), ("1969-12-31T23:59:59.9999999Z", -1),
    ("1970-01-01T01:00:00+01:00", 0), ("1970-01-01T01:00+0030", 1_800_000_000),
    ("1969-12-31T23:00:00-01", 0), ("1970-01-01t00:00:60z", 60_000_000),
  ])
  func `zones, fractions and short forms are read`(text: String, expected: Int64) {
    #expect(microseconds(text) == expected)
  }

  @Test(arguments: [
    "", "1970", "1970-01", "1970-13-01", "1970-02-29", "1970-01-01T", "1970-01-01T24:00",
    "1970-01-01T00:60", "1970-01-01T00:00:61", "1970-01-01T00:00:00.", "1970-01-01T00:00:00+1",
    "1970-01-01T00:00:00Zx", "1970-1-1", "1970-01-01Z",
  ])
  func `what is no point in time is none`(text: String) {
    #expect(microseconds(text) == nil)
  }
}
