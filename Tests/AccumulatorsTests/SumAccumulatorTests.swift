import Accumulators
import ByteCoding
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

  @Test func `one unit of the fixed point breaks a tie`() {
    // Half a step of 2^20, then 2^-90 as the difference of two numbers in range.
    let tie = [0x1p20, 0x1p-33]
    let unit = [(0x1p-38).nextUp, -0x1p-38]
    #expect(values([.float64(Float64Column(tie))]) == [0x1p20])
    #expect(values([.float64(Float64Column(tie + unit))]) == [0x1p20 + 0x1p-32])
    #expect(values([.float64(Float64Column((tie + unit).map { -$0 }))]) == [-0x1p20 - 0x1p-32])
  }

  @Test(arguments: 1...60)
  func `a cell is encoded as the sum it holds`(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for exponent in -40...36 {
      let scale = Double(sign: .plus, exponent: exponent, significand: 1)
      let values = (0..<Int.random(in: 0...5, using: &random)).map { _ in
        scale * Double.random(in: -1...1, using: &random)
      }
      var states = GroupedSums(SumParameters(columns: 2))
      states.grow(to: 2)
      let columns = [values, values.map { Double($0 > 0 ? 1 : -3) }].map { values in
        Column.float64(Float64Column(values))
      }
      states.add(columns, cells: [UInt32](repeating: 1, count: values.count), uniform: nil)
      let taken = states.extract([1])
      var writer = ByteWriter()
      taken.single(1).encode(into: &writer)
      #expect(taken.canonicalBytes(1) == writer.bytes, "exponent \(exponent): \(values)")
    }
  }

  @Test func `an overflow of the fixed point is kept aside`() {
    let huge = [Double](repeating: 0x1p35, count: 1000)
    #expect(values([.float64(Float64Column(huge))]) == [1000 * 0x1p35])
  }

  @Test(arguments: 1...40)
  func `sums of columns together are those of each alone`(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let columnCount = Int.random(in: 1...5, using: &random)
    let cellCount = Int.random(in: 1...9, using: &random)
    var states = GroupedSums(SumParameters(columns: columnCount))
    states.grow(to: cellCount + 1)
    var rows = [[[Double]]](
      repeating: [[Double]](repeating: [], count: cellCount + 1), count: columnCount)
    for _ in 0..<8 {
      let rowCount = Int.random(in: 1...700, using: &random)
      let cells = (0..<rowCount).map { _ in UInt32.random(in: 0...UInt32(cellCount), using: &random)
      }
      let columns = (0..<columnCount).map { column -> Column in
        let values = (0..<rowCount).map { _ in Self.value(seed, &random) }
        for (row, value) in values.enumerated() where value != nil {
          rows[column][Int(cells[row])].append(value ?? 0)
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
          let whole = values.map { $0.map { Int64(max(-0x1p40, min($0, 0x1p40))) } }
          for row in values.indices where values[row] != nil {
            rows[column][Int(cells[row])].removeLast()
          }
          for row in values.indices {
            if let value = whole[row] { rows[column][Int(cells[row])].append(Double(value)) }
          }
          return .int64(Int64Column(whole))
        }
        return .float64(Float64Column(values))
      }
      states.add(columns, cells: cells, uniform: nil)
      // What is taken out in the middle is counted as well.
      if Int.random(in: 0..<4, using: &random) == 0 {
        let taken = states.extract([1])
        for column in 0..<columnCount {
          #expect(taken.values(1)[column] == ExactSum(rows[column][1]).value, "seed \(seed)")
          rows[column][1] = []
        }
      }
    }
    let result = states.extract((1...UInt32(cellCount)).map { $0 })
    for cell in 1...cellCount {
      for column in 0..<columnCount {
        #expect(result.values(cell)[column] == ExactSum(rows[column][cell]).value, "seed \(seed)")
        #expect(result.single(cell).sums[column] == ExactSum(rows[column][cell]), "seed \(seed)")
      }
    }
  }

  /// Values that can mostly be added in pairs: prices, counts, fractions near the limits of pairs,
  /// sometimes missing or far out of range.
  private static func value(_ seed: UInt64, _ random: inout SeededGenerator) -> Double? {
    let price = (Double.random(in: -100...100, using: &random) * 100).rounded() / 100
    switch seed % 5 {
    case 0: return price
    case 1: return Int.random(in: 0..<50, using: &random) == 0 ? nil : price
    case 2: return Double.random(in: -0x1p19...0x1p19, using: &random)
    case 3: return Double.random(in: -0x1p-20...0x1p-20, using: &random)
    default:
      let odd: [Double] = [0x1p19, -0x1p19, 0x1p19.nextDown, 0x1p-78, 0x1p-79, -0.0, 1e300, 1e-300]
      return Int.random(in: 0..<300, using: &random) == 0
        ? odd.randomElement(using: &random) : price
    }
  }

  /// A batch that is too much at once, and batches that become too much.
  @Test(arguments: [4096, 1024], [0x1p19.nextDown, 1])
  func `pairs of sums are moved before they overflow`(rowCount: Int, value: Double) {
    let largest = [Double](repeating: value, count: rowCount)
    let smallest = [Double](repeating: 0x1p-33 - 0x1p-78, count: rowCount)
    var states = GroupedSums(SumParameters(columns: 2))
    states.grow(to: 2)
    let cells = [UInt32](repeating: 1, count: rowCount)
    for _ in 0..<(409_600 / rowCount) {
      states.add(
        [.float64(Float64Column(largest)), .float64(Float64Column(smallest))], cells: cells,
        uniform: nil)
    }
    let sums = states.extract([1]).values(1)
    // A product of a double is rounded once, as the exact sum is.
    #expect(sums == [value * 409_600, smallest[0] * 409_600])
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
