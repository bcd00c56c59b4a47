import Accumulators
import Columns
import DataflowTesting
import EventTime
import Testing

@testable import Dataflow

/// Overlapping windows put together from slices, against sums over a list of rows.
@Suite struct SlicingTests {
  private struct Row {
    var time: Int64
    var value: Int64
    /// Of its split, just before it.
    var watermark: Int64
  }

  private static func stage(_ windowFn: SlidingWindows, lateness: Int64) -> Stage {
    Stage(
      name: "", kind: .aggregate,
      windowing: WindowingStrategy(
        windowFn: windowFn, allowedLateness: .microseconds(lateness)),
      groupings: [[0]],
      accumulators: [
        Stage.BoundAccumulator(
          plan: AccumulatorPlan(GroupedSums.self, SumParameters(columns: 1)), inputs: [1])
      ])
  }

  private static func sum(_ content: PaneContent?) -> Int64 {
    guard let content else { return 0 }
    let sums = content.groupings[0].states(0, as: GroupedSums.self)
    return (1..<sums.cellCount).reduce(0) { $0 + Int64(sums.values($1)[0]) }
  }

  @Test(arguments: 0..<60)
  func `a window holds the rows that were on time for it, whenever it is taken`(
    round: Int
  ) throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    let period = Int64.random(in: 1...8, using: &generator)
    let size = period * Int64.random(in: 2...7, using: &generator)
    let lateness = Bool.random(using: &generator) ? 0 : Int64.random(in: 1...20, using: &generator)
    let windowFn = SlidingWindows(size: .microseconds(size), period: .microseconds(period))
    let stage = Self.stage(windowFn, lateness: lateness)
    #expect(Slicing(stage.windowing) != nil)
    var combine = WindowedCombine(stage)
    var rows: [Row] = []
    var taken: [Window: Int64] = [:]
    var clock: Int64 = 0
    var greatest = Int64.min
    for batch in 0..<20 {
      let count = Int.random(in: 1..<20, using: &generator)
      let prior = greatest
      let new = (0..<count).map { _ in
        clock += Int64.random(in: 0...3, using: &generator)
        let time = max(0, clock - Int64.random(in: 0...12, using: &generator))
        let row = Row(
          time: time, value: Int64.random(in: 1...9, using: &generator),
          watermark: greatest == .min ? .min : greatest - 5)
        greatest = max(greatest, time)
        return row
      }
      rows += new
      _ = combine.process(
        EvaluatedBatch(
          columns: [
            .int64(Int64Column(new.map { $0.value % 3 })), .int64(Int64Column(new.map(\.value))),
          ], times: new.map(\.time), kept: nil, priorMaximum: prior,
          outOfOrderness: .microseconds(5)))
      if batch == 9 {
        for (slot, content) in combine.extractAll() where slot.release == .distantPast {
          let window = slot.window
          taken[window, default: 0] += Self.sum(content)
        }
        #expect(combine.extractAll().isEmpty, "seed \(seed)")
      }
      for window in Set(rows.flatMap { windowFn.windows(for: Timestamp(microseconds: $0.time)) })
        .sorted() where window.end.microseconds <= greatest - 5 && taken[window] != .max
      {
        let sum =
          taken[window, default: 0] + Self.sum(combine.extract(window, of: [], upTo: .distantPast))
        let expected = rows.filter {
          window.start.microseconds <= $0.time && $0.time < window.end.microseconds
            && $0.watermark < window.end.microseconds
        }.reduce(0) { $0 + $1.value }
        #expect(sum == expected, "seed \(seed), batch \(batch), \(window)")
        taken[window] = .max
      }
    }
  }
}
