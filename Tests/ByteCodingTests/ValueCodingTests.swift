import ByteCoding
import Testing

@Suite struct ValueCodingTests {
  private enum Shape: Hashable, Codable {
    case none
    case rows(Int)
    case named(String, size: Double?)
  }

  private struct Inner: Hashable, Codable {
    var shape: Shape
    var flag: Bool?
    var wide: UInt64
  }

  private struct Outer: Hashable, Codable {
    var text: String
    var numbers: [Int64]
    var inner: [Inner]
    var table: [[Int]]
    var map: [String: Int]
    var nothing: Int?
    var value: Double
    var small: [Int8]
  }

  private static func outer(_ generator: inout some RandomNumberGenerator) -> Outer {
    let shapes: [Shape] = [
      .none, .rows(.random(in: .min ... .max, using: &generator)), .named("é\u{0}", size: nil),
      .named("", size: -0.0), .named("x", size: .infinity),
    ]
    return Outer(
      text: ["", "a", "\u{1F9EA}"].randomElement(using: &generator) ?? "",
      numbers: (0..<Int.random(in: 0...4, using: &generator)).map { _ in
        Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...63)
      },
      inner: (0..<Int.random(in: 0...5, using: &generator)).map { _ in
        Inner(
          shape: shapes.randomElement(using: &generator) ?? .none,
          flag: [nil, true, false].randomElement(using: &generator) ?? nil,
          wide: .random(in: 0 ... .max, using: &generator))
      },
      table: [[], [1, -1], [Int.max, Int.min]], map: ["a": 1],
      nothing: Bool.random(using: &generator) ? 7 : nil,
      value: [0.1, .leastNonzeroMagnitude, -1e300].randomElement(using: &generator) ?? 0,
      small: [.min, 0, .max])
  }

  @Test func `what is written comes back`() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let value = Self.outer(&generator)
      let bytes = try ValueEncoder.encode(value)
      #expect(try ValueDecoder.decode(Outer.self, from: bytes) == value)
      #expect(try ValueEncoder.encode(value) == bytes)
    }
  }

  @Test func `a type that has gained an optional member reads what was written before`() throws {
    struct Before: Codable {
      var kept: Int
      var dropped: [String]
    }
    struct After: Codable {
      var kept: Int
      var new: [Int]?
    }
    let bytes = try ValueEncoder.encode(Before(kept: 5, dropped: ["x"]))
    let after = try ValueDecoder.decode(After.self, from: bytes)
    #expect(after.kept == 5 && after.new == nil)
  }

  @Test func `single values and lists stand alone`() throws {
    #expect(try ValueDecoder.decode(Int.self, from: ValueEncoder.encode(-3)) == -3)
    let list = try ValueEncoder.encode(["a", ""])
    #expect(try ValueDecoder.decode([String].self, from: list) == ["a", ""])
    #expect(try ValueDecoder.decode(Int?.self, from: ValueEncoder.encode(Int?.none)) == nil)
    #expect(throws: DecodingError.self) {
      try ValueDecoder.decode(Int8.self, from: ValueEncoder.encode(200))
    }
  }

  /// Whatever bytes there are, they are a value or an error, never a trap.
  @Test func `damaged bytes are an error or a value`() throws {
    var generator = SystemRandomNumberGenerator()
    let bytes = try ValueEncoder.encode(Self.outer(&generator))
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << UInt8(bit)
        _ = try? ValueDecoder.decode(Outer.self, from: damaged)
      }
      _ = try? ValueDecoder.decode(Outer.self, from: Array(bytes[..<index]))
    }
    #expect(throws: (any Error).self) { try ValueDecoder.decode(Outer.self, from: []) }
  }
}
