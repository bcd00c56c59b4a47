import Accumulators
import Columns
import DataflowTesting
import EventTime
import Testing

@testable import Dataflow

/// Windows, timings and groups of one worker against a dictionary, row by row.
@Suite struct WindowedCombineTests {
  private struct Place: Hashable {
    var start: Int64
    var timing: RowTiming
    var key: Int64?
  }

  private struct Twin {
    var sums: [Place: Int64] = [:]
    var refused: [Int64: Int] = [:]
    var unreported: [Place: Int] = [:]
  }

  private static let size: Int64 = 10

  private static func stage(lateness: Int64) -> Stage {
    Stage(
      name: "", kind: .aggregate,
      windowing: WindowingStrategy(
        windowFn: FixedWindows(size: .microseconds(size)),
        allowedLateness: .microseconds(lateness)),
      groupings: [[0], []],
      accumulators: [
        Stage.BoundAccumulator(
          plan: AccumulatorPlan(GroupedSums.self, SumParameters(columns: 1)), inputs: [1])
      ])
  }

  /// Values are small integers: their sums are exact.
  private static func batch(
    _ rows: [(time: Int64, key: Int64?, value: Int64, isKept: Bool)], prior: Int64, disorder: Int64
  ) -> EvaluatedBatch {
    EvaluatedBatch(
      columns: [
        .int64(Int64Column(rows.map(\.key))), .int64(Int64Column(rows.map(\.value))),
      ], times: rows.map(\.time), kept: rows.allSatisfy(\.isKept) ? nil : rows.map(\.isKept),
      priorMaximum: prior, outOfOrderness: .microseconds(disorder))
  }

  @Test(arguments: 0..<60) func `every row is where its own watermark says`(round: Int) {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    let lateness = Int64.random(in: 0...15, using: &generator)
    let disorder = Int64.random(in: 0...8, using: &generator)
    var combine = WindowedCombine(Self.stage(lateness: lateness))
    var twin = Twin()
    var prior = Int64.min
    var clock: Int64 = -30
    for _ in 0..<12 {
      let rows = (0..<Int.random(in: 0..<20, using: &generator)).map { _ in
        clock += Int64.random(in: 0...3, using: &generator)
        let key = Int64.random(in: 0..<4, using: &generator)
        return (
          time: clock - Int64.random(in: 0...25, using: &generator), key: key == 0 ? nil : key,
          value: Int64.random(in: 1...100, using: &generator),
          isKept: Int.random(in: 0..<9, using: &generator) > 0
        )
      }
      let batch = Self.batch(rows, prior: prior, disorder: disorder)
      let outcome = combine.process(batch)
      var refused: [UInt32] = []
      twin.refused = [:]
      for (index, row) in rows.enumerated() {
        let watermark = prior == .min ? Int64.min : prior - disorder
        prior = max(prior, row.time)
        guard row.isKept else { continue }
        let start = row.time - ((row.time % Self.size) + Self.size) % Self.size
        guard watermark < start + Self.size + lateness else {
          refused.append(UInt32(index))
          twin.refused[start, default: 0] += 1
          continue
        }
        let timing = watermark < start + Self.size ? RowTiming.onTime : .behind
        twin.sums[Place(start: start, timing: timing, key: row.key), default: 0] += row.value
        twin.unreported[Place(start: start, timing: timing), default: 0] += 1
      }
      #expect(outcome.refused == refused, "seed \(seed)")
      #expect(Self.starts(outcome.refusedByWindow) == twin.refused, "seed \(seed)")
      checkCounts(&combine, &twin, seed)
      if Int.random(in: 0..<3, using: &generator) == 0,
        let any = twin.sums.keys.randomElement(using: &generator)
      {
        checkPane(&combine, &twin, any.start, any.timing, seed)
      }
    }
    for place in twin.sums.keys { checkPane(&combine, &twin, place.start, place.timing, seed) }
  }

  private func checkCounts(_ combine: inout WindowedCombine, _ twin: inout Twin, _ seed: UInt64) {
    var counts: [Place: Int] = [:]
    for rows in combine.takeCounts() {
      let timing: RowTiming = rows.slot.release == .distantPast ? .onTime : .behind
      counts[Place(start: rows.slot.window.start.microseconds, timing: timing)] = rows.count
    }
    #expect(counts == twin.unreported, "seed \(seed)")
    twin.unreported = [:]
  }

  private func checkPane(
    _ combine: inout WindowedCombine, _ twin: inout Twin, _ start: Int64, _ timing: RowTiming,
    _ seed: UInt64
  ) {
    let place = Comment(rawValue: "seed \(seed), window \(start), \(timing)")
    let expected = twin.sums.filter { $0.key.start == start && $0.key.timing == timing }
    for key in expected.keys { twin.sums[key] = nil }
    let window = Window(
      start: Timestamp(microseconds: start), end: Timestamp(microseconds: start + Self.size))
    let content = combine.extract(window, timing)
    #expect((content == nil) == expected.isEmpty, place)
    #expect(combine.extract(window, timing) == nil, "\(place): it was taken out")
    guard let content else { return }
    let keyed = content.groupings[0]
    var found: [Int64?: Double] = [:]
    for index in 0..<keyed.keys.count {
      let sum = keyed.states(0, as: GroupedSums.self).single(index + 1).sums[0].value
      guard case .int64(let key) = keyed.keys[index][0] else {
        found[Int64?.none] = sum
        continue
      }
      found[key] = sum
    }
    let sums = Dictionary(uniqueKeysWithValues: expected.map { ($0.key.key, Double($0.value)) })
    #expect(found == sums, place)
    let total = content.groupings[1]
    #expect(total.keys.count == 1, place)
    let sum = total.states(0, as: GroupedSums.self).single(1).sums[0].value
    #expect(sum == sums.values.reduce(0, +), place)
  }

  private static func starts(_ counts: [Window: Int]) -> [Int64: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { ($0.key.start.microseconds, $0.value) })
  }

  @Test func `the floor of a split that came back is a watermark too`() {
    var combine = WindowedCombine(Self.stage(lateness: 10))
    let floor = Timestamp(microseconds: 20)
    let batch = EvaluatedBatch(
      columns: [.int64(Int64Column([1, 1, 1])), .int64(Int64Column([5, 6, 7]))],
      times: [5, 15, 25], kept: nil, priorMaximum: .min, outOfOrderness: .zero,
      watermarkFloor: floor)
    let outcome = combine.process(batch)
    #expect(outcome.refused == [0], "[0, 10) closed at 20")
    let slots = combine.takeCounts().map(\.slot)
    #expect(slots.map(\.window.start.microseconds) == [10, 20])
    #expect(slots.map(\.release) == [Timestamp(microseconds: 20), .distantPast])
  }

  @Test func `an empty batch does nothing`() {
    var combine = WindowedCombine(Self.stage(lateness: 0))
    let outcome = combine.process(Self.batch([], prior: 3, disorder: 0))
    #expect(outcome.refused.isEmpty && outcome.refusedByWindow.isEmpty)
    #expect(combine.takeCounts().isEmpty)
  }
}
