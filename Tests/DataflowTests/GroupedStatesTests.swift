import Accumulators
import DataflowTesting
import Testing

@testable import Dataflow

/// Merging and rolling up against dictionaries of counts.
@Suite struct GroupedStatesTests {
  private typealias Counts = [[KeyValue]: Int64]

  private static func states(_ counts: Counts) -> GroupedStates {
    var builder = KeyTable.Builder()
    for key in counts.keys { _ = builder.index(of: key) }
    let (table, _) = builder.finish()
    var states: any GroupedAccumulator = AccumulatorPlan(
      GroupedCounts.self, CountParameters(present: false)
    ).makeStates()
    states.grow(to: table.count + 1)
    var cells: [UInt32] = []
    for index in 0..<table.count {
      cells += [UInt32](repeating: UInt32(index + 1), count: Int(counts[table[index]] ?? 0))
    }
    states.add([], cells: cells, uniform: nil)
    return GroupedStates(keys: table, states: [states])
  }

  private static func counts(_ states: GroupedStates) -> Counts {
    let counts = states.states(0, as: GroupedCounts.self)
    var result: Counts = [:]
    for index in 0..<states.keys.count {
      result[states.keys[index]] = counts.single(index + 1).count
    }
    return result
  }

  private static func random(_ generator: inout SeededGenerator) -> Counts {
    let components: [KeyValue] = [.missing, .string("a"), .string("b"), .string("é"), .string("")]
    var counts: Counts = [:]
    for _ in 0..<Int.random(in: 0..<12, using: &generator) {
      let key = (0..<2).map { _ in components.randomElement(using: &generator) ?? .missing }
      counts[key] = Int64.random(in: 1...9, using: &generator)
    }
    return counts
  }

  private static func isSorted(_ table: KeyTable) -> Bool {
    (1..<max(1, table.count)).allSatisfy { KeyTable.isOrdered(table[$0 - 1], before: table[$0]) }
  }

  @Test(arguments: 0..<40) func `a merge adds key by key`(round: Int) {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    let one = Self.random(&generator)
    let two = Self.random(&generator)
    var content = PaneContent(groupings: [Self.states(one)])
    content.merge(PaneContent(groupings: [Self.states(two)]))
    #expect(
      Self.counts(content.groupings[0]) == one.merging(two, uniquingKeysWith: +), "seed \(seed)")
    #expect(Self.isSorted(content.groupings[0].keys), "seed \(seed)")
  }

  @Test(arguments: 0..<40) func `a roll-up adds each key to every coarser one`(round: Int) {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    let counts = Self.random(&generator)
    let target = KeyValue.string("a")
    // To its first component, to "all" if the second is "a", and nowhere if the first is missing.
    func coarser(_ key: [KeyValue]) -> [[KeyValue]] {
      guard key[0] != .missing else { return [] }
      return key[1] == target ? [[key[0]], [.string("all")]] : [[key[0]]]
    }
    var expected: Counts = [:]
    for (key, count) in counts {
      for key in coarser(key) { expected[key, default: 0] += count }
    }
    let rolled = Self.states(counts).rolledUp(coarser)
    #expect(Self.counts(rolled) == expected, "seed \(seed)")
    #expect(Self.isSorted(rolled.keys), "seed \(seed)")
  }

  @Test func `the grand total of nothing has no key`() {
    #expect(Self.states([:]).rolledUp { _ in [[]] }.keys.count == 0)
    let total = Self.states([[.missing, .missing]: 3]).rolledUp { _ in [[]] }
    #expect(Self.counts(total) == [[]: 3])
  }
}
