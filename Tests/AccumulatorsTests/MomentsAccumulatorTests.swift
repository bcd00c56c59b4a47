import Accumulators
import Columns
import DataflowTesting
import Testing

@Suite struct MomentsAccumulatorTests {
  private func moments(_ values: [Double?]) -> Moments {
    var state = MomentsAccumulator(MomentsParameters())
    state.add([.float64(Float64Column(values))])
    return state.output()
  }

  @Test(arguments: 1...20)
  func `mean and variance are the doubles nearest to the rationals`(_ seed: UInt64) {
    let values = ExactSumTests.values(5 + 2 * Int(seed), seed: seed)
    let result = moments(values)
    let count = BigNatural(UInt64(values.count))
    let sum = values.reduce(Oracle()) { $0 + Oracle.scaled($1) }
    let squares = values.reduce(Oracle()) { $0 + Oracle.scaled($1) * Oracle.scaled($1) }
    #expect(sum.isNearest(result.mean, divisor: count, units: 1))
    // n·Σx² − (Σx)² over n².
    let scaled = Oracle(numerator: squares.numerator * count)
    let variance = scaled + Oracle(isNegative: true, numerator: (sum * sum).numerator)
    #expect(variance.isNearest(result.variance, divisor: count * count, units: 2))
  }

  @Test func `a constant column has variance zero wherever it lies`() {
    for value in [0.1, 1e308, Double.leastNonzeroMagnitude, -3.7e-200] {
      let result = moments([Double](repeating: value, count: 1001))
      #expect(result.variance == 0)
      #expect(result.mean == value)
    }
  }

  @Test func `a small spread far from zero is kept`() {
    #expect(moments([1e9, 1e9 + 1, 1e9 + 2]).variance == 2.0 / 3)
    #expect(moments([.leastNonzeroMagnitude, 0]).mean == 0)  // Half of it ties to even.
    #expect(moments([1e308, -1e308]).variance == .infinity)
  }

  @Test func `what is no number is counted apart`() {
    let result = moments([1, nil, .nan, .infinity, .infinity, -.infinity, -0.0, 3])
    #expect(result.count == 3)
    #expect(result.missingCount == 1)
    #expect(result.nanCount == 1)
    #expect(result.positiveInfinityCount == 2)
    #expect(result.negativeInfinityCount == 1)
    #expect(result.zeroCount == 1)
    #expect(result.rowCount == 8)
    #expect(result.sum == 4)
    #expect(result.minimum == 0 && result.minimum.sign == .minus)
    #expect(result.maximum == 3)
  }

  @Test func `an empty column gives NaN, and a sum of zero`() {
    let result = moments([nil, .nan])
    #expect(result.mean.isNaN && result.variance.isNaN)
    #expect(result.minimum.isNaN && result.maximum.isNaN)
    #expect(result.sum == 0)
  }
}
