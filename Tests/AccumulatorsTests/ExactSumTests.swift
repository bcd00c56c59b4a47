import Accumulators
import ByteCoding
import DataflowTesting
import Testing

@Suite struct ExactSumTests {
  /// Finite doubles over the whole range.
  static func values(_ count: Int, seed: UInt64) -> [Double] {
    var random = RandomColumns(seed: seed)
    return (0..<count).map { _ in
      let value = random.wildDouble()
      return value.isFinite ? value : 1
    }
  }

  @Test(arguments: 1...30)
  func `a sum is the double nearest to the rational sum`(_ seed: UInt64) {
    let values = Self.values(Int(seed) * 3, seed: seed)
    let exact = values.reduce(Oracle()) { $0 + Oracle.scaled($1) }
    let value = ExactSum(values).value
    #expect(exact.isNearest(value, divisor: BigNatural(1), units: 1), "seed \(seed): \(value)")
  }

  @Test(arguments: 1...30)
  func `a sum of products is the double nearest to the rational sum`(_ seed: UInt64) {
    let values = Self.values(20, seed: seed)
    var sum = ExactSum()
    var exact = Oracle()
    for (one, two) in zip(values, values.dropFirst()) {
      sum.add(product: one, two)
      exact = exact + Oracle.scaled(one) * Oracle.scaled(two)
    }
    #expect(exact.isNearest(sum.value, divisor: BigNatural(1), units: 2), "seed \(seed)")
  }

  @Test func `nothing overflows inside`() {
    let huge = Double.greatestFiniteMagnitude
    #expect(ExactSum([huge, huge, -huge, -huge, 1]).value == 1)
    #expect(ExactSum([huge, huge]).value == .infinity)
    #expect(ExactSum([huge, 0x1p969]).value == huge)
    #expect(ExactSum([huge, 0x1p970]).value == .infinity)
  }

  @Test func `ties go to even and a last bit breaks them`() {
    let ulp = Double.ulpOfOne
    #expect(ExactSum([1, 0x1p-53]).value == 1)
    #expect(ExactSum([1, 0x1p-53, .leastNonzeroMagnitude]).value == 1 + ulp)
    #expect(ExactSum([1 + ulp, 0x1p-53]).value == 1 + 2 * ulp)
    #expect(ExactSum([-1, -0x1p-53]).value == -1)
  }

  @Test func `infinities and NaN decide the value`() {
    #expect(ExactSum([1, .infinity]).value == .infinity)
    #expect(ExactSum([-.infinity, 1]).value == -.infinity)
    #expect(ExactSum([.infinity, -.infinity]).value.isNaN)
    #expect(ExactSum([.nan, 1]).value.isNaN)
  }

  @Test func `integers are added without rounding`() {
    var sum = ExactSum()
    sum.add(Int64.max)
    sum.add(Int64.max)
    sum.add(Int64.min)
    sum.add(-0x1p63)
    #expect(sum.value == -2)
  }

  @Test(arguments: 1...20)
  func `a quotient is rounded once`(_ seed: UInt64) {
    let values = Self.values(17, seed: seed)
    let exact = values.reduce(Oracle()) { $0 + Oracle.scaled($1) }
    for divisor in [1, 3, 10, 12_345_678_901] as [Int64] {
      let value = ExactSum(values).divided(by: divisor)
      #expect(exact.isNearest(value, divisor: BigNatural(UInt64(divisor)), units: 1))
    }
    #expect(ExactSum(values).divided(by: 0).isNaN)
  }

  @Test(arguments: 1...20)
  func `equal sums have equal bytes however they came about`(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let values = Self.values(50, seed: seed)
    func bytes(_ sum: ExactSum) -> [UInt8] {
      var writer = ByteWriter()
      sum.encode(into: &writer)
      return writer.bytes
    }
    let whole = ExactSum(values)
    var detour = ExactSum([1e308, 1e308])
    detour.merge(ExactSum(values.shuffled(using: &random)))
    detour.merge(ExactSum([-1e308, -1e308]))
    #expect(bytes(detour) == bytes(whole))
    #expect(detour == whole)
    var reader = ByteReader(bytes(whole))
    #expect(try ExactSum.decode(from: &reader) == whole)
  }

  @Test func `carries survive many additions of one sign`() {
    var sum = ExactSum()
    for _ in 0..<100_000 { sum.add(0.1) }
    let exact = Oracle.scaled(0.1) * Oracle(numerator: BigNatural(100_000))
    #expect(exact.isNearest(sum.value, divisor: BigNatural(1), units: 1))
    for _ in 0..<100_000 { sum.add(-0.1) }
    #expect(sum.isZero)
  }
}
