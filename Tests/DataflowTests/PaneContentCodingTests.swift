import Accumulators
import ByteCoding
import Columns
import DataflowTesting
import EventTime
import Testing

@testable import Dataflow

@Suite struct PaneContentCodingTests {
  private static let stage = Stage(
    name: "", kind: .aggregate,
    windowing: WindowingStrategy(windowFn: FixedWindows(size: .microseconds(1000))),
    groupings: [[0, 1], []],
    accumulators: [
      Stage.BoundAccumulator(
        plan: AccumulatorPlan(GroupedSums.self, SumParameters(columns: 1)), inputs: [2]),
      Stage.BoundAccumulator(
        plan: AccumulatorPlan(GroupedCounts.self, CountParameters(present: false)), inputs: []),
    ])

  private static func content(
    _ keys: [Int64?], _ names: [String?], _ values: [Int64]
  )
    -> PaneContent
  {
    var combine = WindowedCombine(stage)
    _ = combine.process(
      EvaluatedBatch(
        columns: [
          .int64(Int64Column(keys)), .string(StringColumn(names)), .int64(Int64Column(values)),
        ], times: keys.map { _ in 5 }, kept: nil, priorMaximum: .min, outOfOrderness: .zero))
    let window = Window(
      start: Timestamp(microseconds: 0), end: Timestamp(microseconds: 1000))
    return combine.extract(window, of: [], upTo: .distantPast) ?? PaneContent(groupings: [])
  }

  private static func bytes(_ content: PaneContent) -> [UInt8] {
    var writer = ByteWriter()
    content.encode(into: &writer)
    return writer.bytes
  }

  private static func decode(_ bytes: [UInt8]) throws -> PaneContent {
    var reader = ByteReader(bytes)
    return try PaneContent.decode(stage, from: &reader)
  }

  /// Format 1, byte by byte from the tables at `PaneContent.encode`, `KeyTable.encode` and
  /// `KeyValue.encode`; sums and counts by their own formats.
  @Test func `the bytes are those of the format`() throws {
    let content = Self.content([7, nil, 7], ["é", "é", "é"], [1, 2, 4])
    var expected: [UInt8] = [1, 2]
    // Missing before 7.
    expected += [2, 2] + [0, 5, 2, 0xC3, 0xA9] + [3, 7, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0xC3, 0xA9]
    func cells(_ sums: [Int64], _ counts: [Int64]) -> [UInt8] {
      var writer = ByteWriter()
      writer.append(varint: 2)
      for sum in sums {
        var state = SumAccumulator(SumParameters(columns: 1))
        state.add([.int64(Int64Column([sum]))])
        state.encode(into: &writer)
      }
      for count in counts {
        var state = CountAccumulator(CountParameters(present: false))
        state.add([.int64(Int64Column((0..<count).map { $0 }))])
        state.encode(into: &writer)
      }
      return writer.bytes
    }
    expected += cells([2, 5], [1, 2])
    expected += [0, 1] + cells([7], [3])
    #expect(Self.bytes(content) == expected)
    #expect(Self.bytes(try Self.decode(expected)) == expected)
  }

  @Test func `a decoded content is the same and merges the same`() throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    func random() -> PaneContent {
      let count = Int.random(in: 1...60, using: &generator)
      let names: [String?] = [nil, "", "a", "\u{1F6B2}", "a longer one, longer than inline"]
      return Self.content(
        (0..<count).map { _ in
          Bool.random(using: &generator) ? nil : Int64.random(in: -2...2, using: &generator)
        }, (0..<count).map { _ in names.randomElement(using: &generator) ?? nil },
        (0..<count).map { _ in Int64.random(in: -9...9, using: &generator) })
    }
    for _ in 0..<50 {
      let (one, two) = (random(), random())
      let decoded = try Self.decode(Self.bytes(one))
      #expect(Self.bytes(decoded) == Self.bytes(one), "seed \(seed)")
      var (sum, decodedSum) = (one, decoded)
      sum.merge(two)
      decodedSum.merge(try Self.decode(Self.bytes(two)))
      #expect(Self.bytes(decodedSum) == Self.bytes(sum), "seed \(seed)")
    }
  }

  @Test func `bytes that are no content are refused and never trap`() {
    let bytes = Self.bytes(Self.content([1, 2, nil], ["a", "b", nil], [1, 2, 3]))
    for count in bytes.indices {
      #expect(throws: ByteCodingError.self) { try Self.decode(Array(bytes[..<count])) }
    }
    #expect(throws: ByteCodingError.self) { try Self.decode(bytes + [0]) }
    var refusedCount = 0
    for position in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << UInt8(bit)
        do { _ = try Self.decode(damaged) } catch { refusedCount += 1 }
      }
    }
    #expect(refusedCount > bytes.count, "most are noticed even without a checksum")
    #expect(throws: ByteCodingError.self) { try Self.decode([2]) }
  }

  @Test func `an empty content is one`() throws {
    let empty = PaneContent(
      groupings: Self.stage.groupings.map { _ in
        GroupedStates(
          keys: KeyTable(sorted: []), states: Self.stage.accumulators.map { $0.plan.makeStates() })
      })
    #expect(Self.bytes(try Self.decode(Self.bytes(empty))) == Self.bytes(empty))
  }
}
