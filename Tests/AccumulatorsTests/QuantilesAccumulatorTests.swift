import Accumulators
import Columns
import DataflowTesting
import Testing

@Suite struct QuantilesAccumulatorTests {
  private func sketch(
    _ values: [Double], weights: [Double]? = nil, budget: Int = 8192
  ) -> QuantileSketch {
    var states = GroupedQuantiles(QuantileParameters(budget: budget))
    states.grow(to: 2)
    let inputs = [values] + (weights.map { [$0] } ?? [])
    states.add(
      inputs.map { .float64(Float64Column($0)) },
      cells: [UInt32](repeating: 1, count: values.count), uniform: 1)
    return states.extract([1]).single(1).output()
  }

  private static func lognormal(_ count: Int, seed: UInt64) -> [Double] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let uniform = (0..<12).reduce(0.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random)
      }
      // A power of a power: heavy-tailed without a library function.
      let base = 1 + (uniform - 6) / 16
      return [1, 2, 4, 8, 16].reduce(3.0) { product, _ in product * base * base * base }
    }
  }

  @Test(arguments: [1, 2, 3, 7, 100, 1000])
  func `exact boundaries are the values at the sorted ranks`(_ bucketCount: Int) {
    let values = Self.lognormal(5000, seed: 3).map { ($0 * 4).rounded() }
    let sorted = values.sorted()
    let expected = (1..<max(2, bucketCount)).prefix(bucketCount - 1).map {
      sorted[$0 * sorted.count / bucketCount]
    }
    #expect(sketch(values).quantiles(count: bucketCount) == Array(expected))
  }

  @Test(arguments: [16, 100, 1000])
  func `the true rank of a quantile lies within its rank error`(_ budget: Int) {
    let values = Self.lognormal(20_000, seed: 5)
    let sketch = sketch(values, budget: budget)
    #expect(!sketch.isExact)
    for step in 0...200 {
      let rank = Double(step) / 200
      let (value, error) = sketch.quantile(rank: rank)
      #expect(error <= sketch.errorBound)
      let below = Double(values.count { $0 < value }) / Double(values.count)
      let upTo = Double(values.count { $0 <= value }) / Double(values.count)
      #expect(below <= rank + error + 1e-12 && upTo >= rank - error - 1e-12, "rank \(rank)")
    }
    #expect(sketch.errorBound < 4.0 / Double(budget).squareRoot())
  }

  @Test func `the collapse stops at the budget and no sooner`() {
    // 64 neighbours in key space: dropping two bits leaves 16, which fit; one leaves 32.
    let values = (0..<64).map { Double(bitPattern: 1.0.bitPattern + UInt64($0)) }
    let sketch = sketch(values, budget: 16)
    #expect(sketch.errorBound == 4.0 / 64)
    #expect(sketch.count == 64)
    #expect(sketch.totalWeight == 64)
  }

  @Test func `weights move the quantiles`() {
    let sketch = sketch([1, 2, 3, 4], weights: [1, 1, 1, 5])
    #expect(sketch.quantiles(count: 2) == [4])
    #expect(sketch.quantile(rank: 0.25).value == 3)
    #expect(sketch.totalWeight == 8)
  }

  @Test func `infinities are values and the rest that is no number is not`() {
    let sketch = sketch([.nan, .infinity, -.infinity, 1, -0.0, 0], weights: [1, 1, 1, 0, 1, 1])
    #expect(sketch.count == 4)
    #expect(sketch.minimum == -.infinity)
    #expect(sketch.maximum == .infinity)
    #expect(sketch.quantile(rank: 0.5).value == 0)
    #expect(self.sketch([]).quantile(rank: 0.5).value.isNaN)
    #expect(self.sketch([]).quantiles(count: 4) == [])
  }

  @Test func `the rank of a value is its share at or below`() {
    let values = Self.lognormal(3000, seed: 8)
    let exact = sketch(values)
    let rough = sketch(values, budget: 64)
    for probe in stride(from: 0.0, to: 20, by: 0.37) {
      let share = Double(values.count { $0 <= probe }) / Double(values.count)
      #expect(exact.rank(of: probe).rank == share)
      let (rank, error) = rough.rank(of: probe)
      #expect(abs(rank - share) <= error + 1e-12)
    }
  }
}
