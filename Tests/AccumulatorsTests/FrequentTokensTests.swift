import Columns
import DataflowTesting
import Testing

@testable import Accumulators

@Suite struct FrequentTokensTests {
  private struct Case: Sendable, CustomTestStringConvertible {
    var seed: UInt64
    var capacity: Int
    var tokenCount: Int
    var isWeighted: Bool
    var testDescription: String { "\(seed): \(tokenCount) tokens in \(capacity)" }
  }

  private static let cases = (0..<40 as Range<UInt64>).map { seed in
    Case(
      seed: seed, capacity: [1, 3, 10, 50][Int(seed % 4)], tokenCount: [5, 40, 400][Int(seed % 3)],
      isWeighted: seed % 5 == 0)
  }

  /// Against exact counts: lower ≤ true ≤ upper, the excess within the promise, memory within the
  /// bound, whatever was merged with what.
  @Test(arguments: cases)
  private func `bounds hold against exact counts, over any merges`(test: Case) {
    var random = SeededGenerator(seed: test.seed)
    let parameters = FrequentTokensParameters(capacity: test.capacity)
    var truth: [String: Double] = [:]
    var parts: [FrequentTokensAccumulator] = []
    for _ in 0..<6 {
      var part = FrequentTokensAccumulator(parameters)
      for _ in 0..<5 {
        let tokens = (0..<60).map { _ in
          // Skewed: the square root of a uniform number, turned over.
          let share = Double.random(in: 0..<1, using: &random)
          return "t\(Int(Double(test.tokenCount) * share * share * share))"
        }
        let weights = tokens.map { _ in
          test.isWeighted ? Double(Int.random(in: 0...8, using: &random)) / 4 : 1
        }
        for (token, weight) in zip(tokens, weights) { truth[token, default: 0] += weight }
        let column = Column.string(StringColumn(tokens.map { $0 }))
        part.add(test.isWeighted ? [column, .float64(Float64Column(weights))] : [column])
      }
      parts.append(part)
    }
    while parts.count > 1 {
      let one = parts.remove(at: Int.random(in: 0..<parts.count, using: &random))
      parts[Int.random(in: 0..<parts.count, using: &random)].merge(one)
    }
    let result = parts[0].output()
    let total = truth.values.reduce(0, +)
    #expect(result.excess <= total / Double(test.capacity + 1) + 1e-9)
    var unseen = truth
    for entry in result.entries {
      let exact = truth[entry.text] ?? 0
      #expect(entry.weight >= exact - 1e-9 && entry.weight - result.excess <= exact + 1e-9)
      unseen[entry.text] = nil
    }
    #expect(unseen.values.allSatisfy { $0 <= result.excess + 1e-9 })
    #expect(result.entries.count <= 2 * test.capacity)
    if test.tokenCount <= test.capacity { #expect(result.excess == 0) }
    #expect(
      parts[0].byteCount
        <= FrequentTokensAccumulator.byteBound(parameters, distinctCount: .max / 1000))
  }

  @Test func `the heaviest come first, ties by bytes descending`() {
    var state = FrequentTokensAccumulator(FrequentTokensParameters(capacity: 2))
    state.add([.string(StringColumn(["a", "b", "b", "c", "c", "c", nil, "d", "c"]))])
    // Five tokens were too many for a moment: no, four are twice the capacity.
    #expect(state.output().entries.map(\.text) == ["c", "b", "d", "a"])
    state.add([.string(StringColumn(["e", "c"]))])
    // The third heaviest of a 1, b 2, c 4, d 1, e 1 weighs 1; c came after.
    let output = state.output()
    #expect(output.excess == 1)
    #expect(output.entries.map { "\($0.text) \($0.weight)" } == ["c 5.0", "b 2.0"])
  }
}
