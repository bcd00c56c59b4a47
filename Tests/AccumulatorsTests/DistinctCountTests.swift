import Accumulators
import Columns
import Testing

@Suite struct DistinctCountTests {
  private func count(_ values: [Int64], precision: Int = 14) -> DistinctCount {
    var state = DistinctCountAccumulator(DistinctCountParameters(precision: precision))
    state.add([.int64(Int64Column(values))])
    return state.output()
  }

  @Test(arguments: [0, 1, 1023, 1024])
  func `few values are counted exactly`(_ distinct: Int) {
    let values = (0..<Int64(distinct)).map { $0 * 3 }
    let result = count(values + values)
    #expect(result.estimate == Double(distinct))
    #expect(result.isExact && result.relativeStandardError == 0)
  }

  @Test(arguments: [1025, 5000, 40_000, 200_000], [10, 14])
  func `many values are estimated within four standard errors`(_ distinct: Int, _ precision: Int) {
    let result = count((0..<Int64(distinct)).map { $0 * 7 - 1 }, precision: precision)
    #expect(!result.isExact)
    let error = abs(result.estimate - Double(distinct)) / Double(distinct)
    #expect(error < 4 * result.relativeStandardError)
  }

  @Test func `the mean error over many sets is that of the theory`() {
    let runs = 200
    let errors = (0..<runs).map { run in
      let first = Int64(run) * 10_000_019
      let result = count((0..<3000).map { first + $0 }, precision: 8)
      return (result.estimate - 3000) / 3000
    }
    let mean = errors.reduce(0, +) / Double(runs)
    let deviation = (errors.reduce(0) { $0 + $1 * $1 } / Double(runs)).squareRoot()
    // 1.04 / √256 = 0.065.
    #expect(abs(mean) < 4 * 0.065 / Double(runs).squareRoot())
    #expect(deviation > 0.8 * 0.065 && deviation < 1.2 * 0.065)
  }

  @Test func `zeros of both signs are one value and NaN is none`() {
    var state = DistinctCountAccumulator(DistinctCountParameters())
    state.add([.float64(Float64Column([0, -0.0, .nan, 1, nil]))])
    #expect(state.output().estimate == 2)
  }
}
