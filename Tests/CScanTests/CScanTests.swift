import CScanTesting
import DataflowTesting
import Testing

/// Each kernel, in every way it is written that this processor can run, against what its comment
/// says, byte by byte.
@Suite struct CScanTests {
  private static let rounds = 2_000

  /// Bytes among which those that kernels look for are frequent, 96 of them.
  private static func text(_ generator: inout SeededGenerator) -> [UInt8] {
    let alphabet: [UInt8] = Array("0123456789\"\\. x\u{1F}".utf8) + [0x7F, 0x80, 0xFF, 0x00]
    let digitShare = Int.random(in: 0...100, using: &generator)
    return (0..<96).map { _ in
      Int.random(in: 0..<100, using: &generator) < digitShare
        ? UInt8.random(in: 0x30...0x39, using: &generator)
        : alphabet.randomElement(using: &generator) ?? 0
    }
  }

  private static func mask(_ bytes: ArraySlice<UInt8>, _ isSet: (UInt8) -> Bool) -> UInt64 {
    bytes.enumerated().reduce(0) { $0 | (isSet($1.element) ? 1 << UInt64($1.offset) : 0) }
  }

  private static func isTextStop(_ byte: UInt8) -> Bool {
    byte == 0x22 || byte == 0x5C || byte < 0x20 || byte > 0x7F
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// Calls `check` with the kernels of each way, and random texts.
  private func forEachKernel(
    seed: UInt64, _ check: (cscan_kernels, inout SeededGenerator, Comment) -> Void
  ) {
    let ways = unsafe [cscan_portable_kernels(), cscan_common_kernels(), cscan_avx2_kernels()]
    unsafe ways.forEach {
      guard let kernels = unsafe $0?.pointee else { return }
      let name = unsafe String(cString: kernels.name)
      var generator = SeededGenerator(seed: seed)
      for round in 0..<Self.rounds {
        unsafe check(kernels, &generator, "\(name), seed \(seed), round \(round)")
      }
    }
  }

  @Test func `masks say which bytes end a text and which are no digits`() {
    unsafe forEachKernel(seed: 1) { kernels, generator, place in
      let (left, right) = (Self.text(&generator), Self.text(&generator))
      let textStops = Self.mask(left[..<48], Self.isTextStop)
      let rightTextStops = Self.mask(right[..<16], Self.isTextStop)
      let both = textStops & 0xFFFF | rightTextStops << 16
      unsafe #expect(UInt64(kernels.plain_text_stops(left)) == textStops & 0xFFFF, place)
      unsafe #expect(kernels.plain_text_stops_48(left) == textStops, place)
      unsafe #expect(UInt64(kernels.pair_text_stops(left, right)) == both, place)
      let stringStops = Self.mask(left[..<16]) { $0 == 0x22 || $0 == 0x5C || $0 < 0x20 }
      unsafe #expect(UInt64(kernels.string_stops(left)) == stringStops, place)
      let stops = Self.mask(left[..<16]) { !Self.isDigit($0) }
      let rightStops = Self.mask(right[..<16]) { !Self.isDigit($0) }
      unsafe #expect(UInt64(kernels.non_digits(left)) == stops | 0xFFFF_0000, place)
      var (digitStops, zeros) = (UInt32(0), UInt32(0))
      unsafe kernels.pair_digits(left, right, &digitStops, &zeros)
      #expect(UInt64(digitStops) == stops | rightStops << 16, place)
      let leading = (left[0] == 0x30 ? 1 : 0) | (right[0] == 0x30 ? UInt32(1 << 16) : 0)
      #expect(zeros & 0x10001 == leading, place)
    }
  }

  @Test func `a pattern matches where the bytes that are compared are the same`() {
    unsafe forEachKernel(seed: 2) { kernels, generator, place in
      let length = Int.random(in: 1...32, using: &generator)
      var left = Self.text(&generator)
      let gap = Array(left[..<length])
      let padding = [UInt8](repeating: 0, count: 32 - length)
      let pattern = gap + padding + [UInt8](repeating: 0xFF, count: length) + padding
      // Often one byte differs, within what is compared or behind it.
      if Bool.random(using: &generator) { left[Int.random(in: 0..<40, using: &generator)] ^= 1 }
      let isMatch = left.starts(with: gap)
      unsafe #expect((kernels.match(left, pattern, length) != 0) == isMatch, place)
      let other = gap + Self.text(&generator)
      for texts in [
        [left, other, other, other], [other, left, other, other], [other, other, left, other],
        [other, other, other, left],
      ] {
        let all = unsafe kernels.four_match(texts[0], texts[1], texts[2], texts[3], pattern, length)
        #expect((all != 0) == isMatch, place)
      }
    }
  }

  /// A number of at most 16 bytes with whatever behind it, and what it says.
  private static func decimal(
    _ generator: inout SeededGenerator
  ) -> (text: [UInt8], whole: UInt32, count: UInt32, value: UInt64) {
    let count = Int.random(in: 1...16, using: &generator)
    let whole =
      Bool.random(using: &generator) ? count : Int.random(in: 1...count, using: &generator)
    let kept = whole < count ? min(count, 15) : count
    let digits = (0..<kept).map { _ in UInt8.random(in: 0x30...0x39, using: &generator) }
    let point: [UInt8] = whole < kept ? [0x2E] : []
    let value = digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 0x30) }
    return (
      digits[..<min(whole, kept)] + point + digits[min(whole, kept)...] + text(&generator),
      UInt32(min(whole, kept)), UInt32(kept), value
    )
  }

  @Test func `digits before and behind a point are one number`() {
    unsafe forEachKernel(seed: 3) { kernels, generator, place in
      let (left, right) = (Self.decimal(&generator), Self.decimal(&generator))
      unsafe #expect(kernels.decimal(left.text, left.whole, left.count) == left.value, place)
      var (first, second) = (UInt64(0), UInt64(0))
      unsafe kernels.pair_decimals(
        left.text, left.whole, left.count, right.text, right.whole, right.count, &first, &second)
      #expect(first == left.value && second == right.value, place)
    }
  }
}
