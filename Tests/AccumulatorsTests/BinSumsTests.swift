import Columns
import DataflowTesting
import Testing

@testable import Accumulators

/// What `BinSums` must hold, put together the plain way.
private struct PlainBins {
  var sums: [Int: [UInt32: ExactSum]] = [:]

  mutating func add(_ value: Double, _ key: UInt32, to cell: Int) {
    sums[cell, default: [:]][key, default: ExactSum()].add(value)
  }

  /// Keys in ascending order with their sums, those that are 0 left out.
  func values(_ cell: Int) -> [UInt32: Double] {
    (sums[cell] ?? [:]).filter { !$0.value.isZero }.mapValues(\.value)
  }
}

@Suite struct BinSumsTests {
  private static let keyCount = 200

  private func expectEqual(_ sums: BinSums, _ cell: Int, _ expected: [UInt32: Double]) {
    let (keys, lanes) = sums.sums(cell)
    #expect(keys == expected.keys.sorted())
    for (index, key) in keys.enumerated() { #expect(lanes.value(index) == expected[key]) }
  }

  /// Mostly values that lanes hold; some that they cannot, and negative ones so that sums vanish.
  private func value(_ random: inout SeededGenerator) -> Double {
    switch Int.random(in: 0..<20, using: &random) {
    case 0: 1e300
    case 1: 1e-200
    case 2: 0
    case 3: -1
    default: Double(Int.random(in: 1...9, using: &random)) / 8
    }
  }

  @Test(arguments: UInt64(1)...6)
  func `cells hold what was added since they were last taken out`(_ seed: UInt64) {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let cellCount = 40
    var sums = BinSums(keyCount: Self.keyCount)
    sums.grow(to: cellCount)
    var oracle = PlainBins()
    for _ in 0..<60 {
      let count = Int.random(in: 0...300, using: &random)
      sums.log.append(count) { log, start in
        for index in start..<start + count {
          let cell = Int.random(in: 0..<cellCount, using: &random)
          let key = UInt32.random(in: 0..<UInt32(Self.keyCount), using: &random)
          let value = value(&random)
          log[index] = BinSums.Entry(cell: UInt32(cell), key: key, value: value)
          oracle.add(value, key, to: cell)
        }
        return start + count
      }
      if Bool.random(using: &random) { sums.settle() }
      // Few, about half or all: what the log keeps depends on it.
      let odds = [1, 2, 8].randomElement(using: &random) ?? 1
      let moved = (1..<cellCount).filter { _ in Int.random(in: 0..<odds, using: &random) == 0 }
        .shuffled(using: &random)
      let taken = sums.extract(moved.map { UInt32($0) })
      for (index, cell) in moved.enumerated() {
        expectEqual(taken, index + 1, oracle.values(cell))
        oracle.sums[cell] = nil
      }
    }
    sums.settle()
    for cell in 1..<cellCount { expectEqual(sums, cell, oracle.values(cell)) }
  }

  @Test(arguments: UInt64(1)...6)
  func `cells merge into those of a mapping`(_ seed: UInt64) {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var target = BinSums(keyCount: Self.keyCount)
    target.grow(to: 6)
    var oracle = PlainBins()
    for _ in 0..<4 {
      var source = BinSums(keyCount: Self.keyCount)
      source.grow(to: 30)
      // The first cell is the discard cell; what maps to it is dropped.
      let mapping = [0] + (1..<30).map { _ in UInt32.random(in: 0..<6, using: &random) }
      source.log.append(500) { log, start in
        for index in start..<start + 500 {
          let cell = Int.random(in: 0..<30, using: &random)
          let key = UInt32.random(in: 0..<UInt32(Self.keyCount), using: &random)
          let value = value(&random)
          log[index] = BinSums.Entry(cell: UInt32(cell), key: key, value: value)
          if cell > 0 { oracle.add(value, key, to: Int(mapping[cell])) }
        }
        return start + 500
      }
      source.settle()
      target.merge(source, mapping: mapping)
    }
    for cell in 1..<6 { expectEqual(target, cell, oracle.values(cell)) }
  }

  @Test(arguments: [false, true])
  func `bins read column by column are those of the histogram`(_ isWide: Bool) {
    var random = SeededGenerator(seed: 5)
    for binning in [ScoreBinning.logit(1000), .uniform(50)] {
      let parameters = ScoreHistogramParameters(binning)
      var states = ScoreHistogramAccumulator(parameters)
      let rows = 400
      let labels = (0..<rows).map { _ in Double(Int.random(in: 0...2, using: &random)) / 2 }
      let scores = (0..<rows).map { _ in Double.random(in: -0.2...1.2, using: &random) }
      let weights = (0..<rows).map { isWide && $0 == 7 ? 1e200 : Double($0 % 3) }
      let inputs = [labels, scores, weights].map { Column.float64(Float64Column($0)) }
      states.add(inputs)
      var grouped = GroupedScoreHistograms(parameters)
      grouped.grow(to: 2)
      grouped.add(inputs, cells: [UInt32](repeating: 1, count: rows), uniform: nil)
      let expected = states.output().bins
      // What the memory held before does not show.
      var bins = ScoreBins(
        lowerBounds: [9], upperBounds: [9], positives: [9], negatives: [9], predictions: [9])
      grouped.extract([1]).read(1, into: &bins)
      #expect(bins.count == expected.count && expected.count > 10)
      #expect(bins.lowerBounds == expected.map(\.lowerBound))
      #expect(bins.upperBounds == expected.map(\.upperBound))
      #expect(bins.positives == expected.map(\.positives))
      #expect(bins.negatives == expected.map(\.negatives))
    }
  }
}
