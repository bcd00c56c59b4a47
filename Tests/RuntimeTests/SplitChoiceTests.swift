import DataflowTesting
import EventTime
import Testing

@testable import Runtime

@Suite struct SplitChoiceTests {
  private struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    /// Seconds, `nil` before any row; `r` being read, `e` ended or empty.
    var splits: [(latest: Int64?, mark: String)]
    var drift: Int64?
    var expected: Int?
    var testDescription: String { name }
  }

  private static let cases = [
    Case(name: "nothing is left", splits: [(5, "e"), (7, "e")], expected: nil),
    Case(name: "the furthest behind", splits: [(9, ""), (5, ""), (7, "")], expected: 1),
    Case(name: "the first of equals", splits: [(nil, ""), (nil, "")], expected: 0),
    Case(name: "the next while that is read", splits: [(9, ""), (5, "r"), (7, "")], expected: 2),
    Case(name: "none that runs ahead", splits: [(9, ""), (5, "r"), (7, "")], drift: 1),
    Case(name: "as far as it may", splits: [(9, ""), (5, "r"), (7, "")], drift: 2, expected: 2),
    Case(name: "an ended one is no measure", splits: [(9, ""), (5, "e")], drift: 1, expected: 0),
    Case(name: "nothing of it is read yet", splits: [(9, ""), (nil, "r")], drift: 1000),
    Case(name: "all before the first row", splits: [(nil, "r"), (nil, "")], drift: 0, expected: 1),
    Case(name: "itself never waits", splits: [(9, ""), (30, "r")], drift: 0, expected: 0),
  ]

  @Test(arguments: cases)
  private func `the split to read next`(example: Case) {
    let splits = example.splits.map { split in
      SplitChoice(
        latest: split.latest.map { Timestamp(microseconds: $0 * 1_000_000) } ?? .distantPast,
        isFree: split.mark != "r", isDue: split.mark != "e")
    }
    let alignment = SplitAlignment(maxDrift: example.drift.map { .seconds($0) })
    #expect(SplitChoice.next(splits, alignment) == example.expected)
  }

  /// Three files, one after the other in time, read by four workers.
  @Test(arguments: [(nil, false), (50, true)] as [(Int64?, Bool)])
  func `with a limit, of later files little is read before`(
    drift: Int64?, waits: Bool
  ) {
    var generator = SeededGenerator(seed: 3)
    let alignment = SplitAlignment(maxDrift: drift.map { .seconds($0) })
    var reached: [Int64?] = [nil, nil, nil]
    // Chunks of 10 s that are being read: the split, and where it will be.
    var reading: [(split: Int, end: Int64)] = []
    var whenFirstEnded: [Int64?]?
    func isEnded(_ split: Int) -> Bool { (reached[split] ?? 0) >= Int64(split + 1) * 1000 }
    while reached.indices.contains(where: { !isEnded($0) }) {
      let choices = reached.indices.map { split in
        SplitChoice(
          latest: reached[split].map { Timestamp(microseconds: $0 * 1_000_000) } ?? .distantPast,
          isFree: !reading.contains { $0.split == split }, isDue: !isEnded(split))
      }
      if reading.count < 4, let split = SplitChoice.next(choices, alignment) {
        reading.append((split, (reached[split] ?? Int64(split) * 1000) + 10))
      } else if let index = reading.indices.randomElement(using: &generator) {
        let done = reading.remove(at: index)
        reached[done.split] = done.end
      }
      if isEnded(0), whenFirstEnded == nil { whenFirstEnded = reached }
    }
    // The second follows close behind the end of the first.
    let second = whenFirstEnded?[1] ?? 0
    let third = whenFirstEnded?[2] ?? 0
    #expect((second <= 1060 && third == 2010) == waits, "\(second), \(third)")
  }
}
