import Columns
import Testing

@testable import Formats

@Suite struct DecimalTextTests {
  private func double(_ text: String) -> Double {
    unsafe PaddedBuffer(text.utf8).withBytes { raw in
      guard let base = raw.baseAddress else { return .nan }
      return unsafe DecimalText(PaddedBytes(base: base, count: raw.count), 0, raw.count).double
    }
  }

  private func fast(_ text: String) -> Double? {
    unsafe PaddedBuffer(text.utf8).withBytes { raw in
      guard let base = raw.baseAddress else { return nil }
      return unsafe DecimalText(PaddedBytes(base: base, count: raw.count), 0, raw.count)
        .eiselLemire()
    }
  }

  @Test func `random decimals round as the standard library rounds them`() {
    let seed: UInt64 = 20_260_901
    var generator = SeededGenerator(state: seed)
    var decided = 0
    for _ in 0..<8_000 {
      let digits = generator.next() >> UInt64.random(in: 0..<64, using: &generator)
      let exponent = Int.random(in: -130...70, using: &generator)
      let text = "\(digits)e\(exponent)"
      let expected = Double(text) ?? .nan
      #expect(double(text) == expected, "seed \(seed): \(text)")
      if let value = fast(text) {
        decided += 1
        #expect(value == expected, "seed \(seed): \(text)")
      }
    }
    #expect(decided > 4_000)
  }

  @Test func `every double reads back from its shortest form, and so do its neighbours' midpoints`()
  {
    let seed: UInt64 = 3
    var generator = SeededGenerator(state: seed)
    for _ in 0..<8_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      #expect(double("\(value)") == value, "seed \(seed): \(value)")
      // Integers above 2^53 halfway between doubles: ties go to even.
      let odd = generator.next() >> 10 | 1
      let text = "\(odd | 1 << 53)"
      #expect(double(text) == Double(text), "seed \(seed): \(text)")
    }
  }

  @Test(arguments: [
    "0", "-0", "1e-400", "-1e-999999999999", "4.9406564584124654e-324", "2.2250738585072011e-308",
    "0.000000000000000000000000000000000000001", "123456789012345678901234567890",
    "9007199254740993.0000000000000000000000000001", "1e22", "1e23", "8.5e22", "00001.5",
  ])
  func `the hard cases round as the standard library rounds them`(text: String) {
    #expect(double(text).bitPattern == (Double(text) ?? .nan).bitPattern)
  }

  @Test func `what is too large is infinite`() {
    #expect(double("1e309") == .infinity && double("-1e999999999999") == -.infinity)
  }
}
