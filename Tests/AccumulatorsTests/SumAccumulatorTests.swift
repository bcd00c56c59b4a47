import Accumulators
import Columns
import DataflowTesting
import Testing

@Suite struct SumAccumulatorTests {
  private func values(_ columns: [Column]) -> [Double] {
    var states = GroupedSums(SumParameters(columns: columns.count))
    states.grow(to: 2)
    let cells = [UInt32](repeating: 1, count: columns[0].rowCount)
    states.add(columns, cells: cells, uniform: nil)
    return states.extract([1]).values(1)
  }

  @Test(arguments: 1...40)
  func `a sum in fixed point is rounded as the exact sum is`(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let scale = Double(sign: .plus, exponent: Int(seed) - 20, significand: 1)
    let values = (0..<Int(seed)).map { _ in scale * Double.random(in: -1...1, using: &random) }
    let sum = self.values([.float64(Float64Column(values))])[0]
    #expect(sum == ExactSum(values).value, "seed \(seed)")
  }

  @Test func `ties in fixed point go to even`() {
    let ulp = Double.ulpOfOne
    for (values, expected) in [
      ([1, 0x1p-53], 1), ([1, 0x1p-53, 0x1p-90], 1 + ulp), ([1 + ulp, 0x1p-53], 1 + 2 * ulp),
      ([-1, -0x1p-53], -1), ([0x1p35, 0x1p-18], 0x1p35), ([0x1p-40, -0x1p-40], 0),
    ] {
      #expect(self.values([.float64(Float64Column(values))]) == [expected])
    }
  }

  @Test func `an overflow of the fixed point is kept aside`() {
    let huge = [Double](repeating: 0x1p35, count: 1000)
    #expect(values([.float64(Float64Column(huge))]) == [1000 * 0x1p35])
  }

  @Test func `integers are summed as integers`() {
    let column = Int64Column([Int64.max, 1, nil, Int64.min, 5])
    #expect(
      values([.int64(column), .bool(BoolColumn([true, true, false, true, false]))]) == [5, 3])
  }

  @Test func `infinities show in the sum and NaN does not`() {
    let columns: [[Double]] = [
      [1, .infinity], [.nan, 2], [.infinity, -.infinity], [-.infinity, .nan],
    ]
    let sums = values(columns.map { .float64(Float64Column($0)) })
    #expect(sums[0] == .infinity && sums[1] == 2 && sums[2].isNaN && sums[3] == -.infinity)
  }
}
