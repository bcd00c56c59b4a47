import Accumulators
import ByteCoding
import Columns
import DataflowTesting
import EventTime
import Testing

@testable import Dataflow

/// More keys than cells: which are kept, and what becomes of the rest.
@Suite struct KeyBudgetTests {
  private static let named = ["7", "-3"]

  private static func stage(budget: Int) -> Stage {
    Stage(
      name: "", kind: .evaluation,
      windowing: WindowingStrategy(windowFn: FixedWindows(size: .microseconds(1000))),
      groupings: [[0], []],
      accumulators: [
        Stage.BoundAccumulator(
          plan: AccumulatorPlan(GroupedSums.self, SumParameters(columns: 1)), inputs: [1])
      ], keyBudgets: [KeyBudget(budget, named: named.map { [$0] }), nil])
  }

  private static func batch(_ rows: ArraySlice<(key: Int64, value: Int64)>) -> EvaluatedBatch {
    EvaluatedBatch(
      columns: [
        .int64(Int64Column(rows.map { $0.key })), .int64(Int64Column(rows.map { $0.value })),
      ], times: rows.map { _ in 5 }, kept: nil, priorMaximum: 0,
      outOfOrderness: .microseconds(10_000))
  }

  private static let window = Window(
    start: Timestamp(microseconds: 0), end: Timestamp(microseconds: 1000))

  /// Rows in any order, over workers that are now and then emptied as for a checkpoint.
  private static func content(
    _ rows: [(key: Int64, value: Int64)], _ stage: Stage, _ generator: inout SeededGenerator
  ) throws -> PaneContent {
    var workers = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
      WindowedCombine(stage)
    }
    var held: PaneContent?
    var start = 0
    while start < rows.count {
      let end = min(rows.count, start + Int.random(in: 1...60, using: &generator))
      let number = Int.random(in: 0..<workers.count, using: &generator)
      _ = workers[number].process(batch(rows[start..<end]))
      start = end
      if Int.random(in: 0..<12, using: &generator) == 0 {
        for part in workers[number].extractAll() {
          held = PaneContent.merged([held, part.content])
        }
        var writer = ByteWriter()
        held?.encode(into: &writer)
        var reader = ByteReader(writer.bytes)
        held = try PaneContent.decode(stage, from: &reader)
      }
    }
    let rest = workers.indices.map { workers[$0].extract(window, .onTime) }
    return PaneContent.merged([held] + rest) ?? PaneContent(groupings: [])
  }

  @Test(arguments: [1, 20, 300])
  func `the keys with cells depend on the set of keys alone, and nothing is lost`(
    budget: Int
  ) throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    let stage = Self.stage(budget: budget)
    let keyBudget = try #require(stage.keyBudgets[0])
    for round in 0..<8 {
      var rows = (0..<2000).map { _ in
        (
          key: Int64.random(in: -5..<Int64(60 * (round + 1)), using: &generator),
          value: Int64.random(in: 1...100, using: &generator)
        )
      }
      var sums: [Int64: Int64] = [:]
      for row in rows { sums[row.key, default: 0] += row.value }
      // The named ones, then the least fingerprints.
      let ordered = sums.keys.sorted {
        keyBudget.fingerprint([.int64($0)]) < keyBudget.fingerprint([.int64($1)])
      }
      let isNamed = ordered.count { Self.named.contains("\($0)") }
      #expect(ordered.prefix(isNamed).allSatisfy { Self.named.contains("\($0)") })
      let kept = Set(ordered.prefix(max(budget, isNamed)))
      let other = sums.filter { !kept.contains($0.key) }.values.reduce(0, +)
      for _ in 0..<2 {
        rows.shuffle(using: &generator)
        let cells = try Self.content(rows, stage, &generator).groupings[0]
        let states = cells.states(0, as: GroupedSums.self)
        var found: [Int64: Int64] = [:]
        for index in 0..<cells.keys.count {
          let sum = Int64(states.values(index + 1)[0])
          switch cells.keys[index][0] {
          case .int64(let key): found[key] = sum
          case .other: #expect(sum == other && index == cells.keys.count - 1, "seed \(seed)")
          default: Issue.record("seed \(seed): \(cells.keys[index])")
          }
        }
        #expect(found == sums.filter { kept.contains($0.key) }, "seed \(seed), round \(round)")
        #expect(found.count + (other > 0 ? 1 : 0) == cells.keys.count, "seed \(seed)")
      }
    }
  }

  @Test func `states stay within the cells of the budget`() {
    let seed: UInt64 = 1
    var generator = SeededGenerator(seed: seed)
    let stage = Self.stage(budget: 1000)
    var combine = WindowedCombine(stage)
    var most = 0
    for _ in 0..<200 {
      let rows = (0..<1000).map { _ in
        (key: Int64.random(in: 0..<100_000, using: &generator), value: Int64(1))
      }
      _ = combine.process(Self.batch(rows[...]))
      most = max(most, combine.byteCount)
    }
    // A batch adds its keys before cells are put together.
    let plan = stage.accumulators[0].plan
    #expect(most <= (1250 + 1000 + 2) * 2 * plan.byteBound(distinctCount: 0) + 4096, "\(most)")
  }
}
