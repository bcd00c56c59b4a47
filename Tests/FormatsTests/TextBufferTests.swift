import Formats
import Testing

@Suite struct TextBufferTests {
  @Test func `doubles are written as the description of the standard library`() {
    var generator = SeededGenerator(state: 0x5EED)
    var values: [Double] = [
      0, -0.0, 1, -1, 0.1, 1e-4, 9.999e-5, 1e-5, 1e15, 1e16, 0x1p53, 0x1p54, 1e17, 1.5e17,
      .leastNormalMagnitude, .greatestFiniteMagnitude, 1e22, 1e23, 123456789.125,
      9007199254740994, 17999999999999998, 2e16, 1e-43, 1e-45, 1e135, 1e137, 0.3, 2.0 / 3, 1e100,
      4.35, 8.41e21, 9.5367431640625e-07, .leastNonzeroMagnitude,
    ]
    for exponent in -1074...1023 {
      let power =
        exponent < -1022 ? 0x1p-1022 : Double(sign: .plus, exponent: exponent, significand: 1)
      values += [power, power.nextUp, power.nextDown, -power * 1.5]
    }
    for power in 0...22 {
      let ten = (0..<power).reduce(1.0) { value, _ in value * 10 }
      values += [ten, 1 / ten, ten.nextUp, ten.nextDown, (1 / ten).nextUp, (1 / ten).nextDown]
    }
    for _ in 0..<20_000 {
      values.append(Double(bitPattern: generator.next()))
      values.append(Double.random(in: -1...1, using: &generator))
      values.append((Double.random(in: 0...100_000, using: &generator) * 100).rounded() / 100)
      values.append(Double(Int64.random(in: -(1 << 55)...(1 << 55), using: &generator)) / 2)
      let digits = Double(
        Int64.random(in: -1_100_000_000_000_000...1_100_000_000_000_000, using: &generator))
      let hundredths = digits / (generator.next() & 1 == 0 ? 100 : 1e10)
      values += [hundredths, hundredths.nextUp, hundredths.nextDown]
    }
    for value in values where value.isFinite {
      var text = TextBuffer()
      text.append(number: value)
      #expect(String(decoding: text.bytes, as: UTF8.self) == value.description)
    }
  }

  @Test func `integers are written as their description`() {
    var generator = SeededGenerator(state: 0x5EED)
    var values: [Int64] = [0, -1, .min, .max]
    for power in 0...18 {
      let ten = (0..<power).reduce(Int64(1)) { value, _ in value * 10 }
      values += [ten, ten - 1, ten + 1, -ten, 9 * ten]
    }
    for _ in 0..<5000 {
      values.append(Int64(truncatingIfNeeded: generator.next()) >> Int64(generator.next() % 64))
    }
    for value in values {
      var text = TextBuffer()
      text.append(number: value)
      #expect(String(decoding: text.bytes, as: UTF8.self) == value.description)
    }
  }

  @Test func `strings are escaped wherever in them it is needed`() throws {
    for length in 0...34 {
      for odd in ["\"", "\\", "\n", "\u{1}", "\u{1F}", "\u{7F}", "!", "#", "[", "]", "é", "€", "😀"]
      {
        for place in 0...length {
          let text =
            String(repeating: "a", count: place) + odd
            + String(repeating: "z", count: length - place)
          var buffer = TextBuffer()
          buffer.append(quoted: text)
          let bytes = buffer.finish()
          #expect(try JSONValue(parsing: bytes).string == text)
          let isPlain = !["\"", "\\", "\n", "\u{1}", "\u{1F}"].contains(odd)
          #expect(
            bytes.count == text.utf8.count
              + (isPlain ? 2 : odd.utf8.first ?? 0 < 0x20 && odd != "\n" ? 7 : 3))
        }
      }
    }
  }
}
