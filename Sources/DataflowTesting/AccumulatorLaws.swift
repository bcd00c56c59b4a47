public import Accumulators
import ByteCoding
public import Columns

/// The laws of `Accumulator` and `GroupedAccumulator`, checked on batches by comparing canonical
/// bytes.
public struct AccumulatorLaws<State: GroupedAccumulator> {
  private typealias Single = State.Single
  private let parameters: State.Parameters
  private let batches: [[Column]]
  private var generator: SeededGenerator

  /// The first law broken on `batches` (input columns, of the same types throughout), or `nil`;
  /// `seed` decides splits and cells.
  public static func firstBroken(
    _: State.Type, _ parameters: State.Parameters, batches: [[Column]], seed: UInt64
  ) -> String? {
    var laws = AccumulatorLaws(
      parameters: parameters, batches: batches, generator: SeededGenerator(seed: seed))
    return laws.firstBrokenOfSingle() ?? laws.firstBrokenOfGrouped()
  }

  private func single(_ batches: some Sequence<[Column]>) -> Single {
    var state = Single(parameters)
    for batch in batches { state.add(batch) }
    return state
  }

  private func bytes(_ state: Single) -> [UInt8] {
    var writer = ByteWriter()
    state.encode(into: &writer)
    return writer.bytes
  }

  private func merged(_ states: Single...) -> [UInt8] {
    var result = states[0]
    for state in states.dropFirst() { result.merge(state) }
    return bytes(result)
  }

  // MARK: One state

  private mutating func firstBrokenOfSingle() -> String? {
    let empty = Single(parameters)
    let state = single(batches)
    let whole = bytes(state)
    if merged(empty, state) != whole { return "empty merged with a state is that state" }
    if merged(state, empty) != whole { return "a state merged with empty is that state" }
    if bytes(single(batches.reversed())) != whole { return "the order of batches is irrelevant" }
    if bytes(single(shuffledRows())) != whole { return "the order of rows is irrelevant" }
    if bytes(single(batches.flatMap { halves($0) })) != whole { return "splits are irrelevant" }
    for split in batches.indices {
      let left = single(batches[..<split])
      let right = single(batches[split...])
      if merged(left, right) != whole { return "parts split at \(split) merge to the whole" }
      if merged(right, left) != whole { return "merge commutes at \(split)" }
      let middle = single(batches[split...].prefix(1))
      let rest = single(batches[split...].dropFirst())
      var tail = middle
      tail.merge(rest)
      if merged(left, tail) != merged(left, middle, rest) { return "merge associates at \(split)" }
    }
    return firstBrokenOfCoding(whole)
  }

  private func firstBrokenOfCoding(_ whole: [UInt8]) -> String? {
    do {
      var reader = ByteReader(whole)
      let decoded = try Single.decode(parameters, from: &reader)
      if !reader.isAtEnd { return "decode reads all that encode wrote" }
      if bytes(decoded) != whole { return "decode undoes encode" }
      var doubled = decoded
      doubled.merge(decoded)
      let state = single(batches)
      if bytes(doubled) != merged(state, state) { return "a decoded state merges as before" }
    } catch {
      return "decode accepts what encode wrote: \(error)"
    }
    for length in stride(from: 0, to: whole.count, by: max(1, whole.count / 20)) {
      var reader = ByteReader(Array(whole[..<length]))
      if (try? Single.decode(parameters, from: &reader)) != nil {
        return "decode refuses \(length) of \(whole.count) bytes"
      }
    }
    return nil
  }

  private func halves(_ batch: [Column]) -> [[Column]] {
    let count = batch[0].rowCount
    return [Array(0..<count / 2), Array(count / 2..<count)].map { rows in
      batch.map { $0.gathered(rows) }
    }
  }

  private mutating func shuffledRows() -> [[Column]] {
    var result: [[Column]] = []
    for batch in batches {
      let rows = Array(0..<batch[0].rowCount).shuffled(using: &generator)
      result.append(batch.map { $0.gathered(rows) })
    }
    return result
  }

  // MARK: Many cells

  private static var cellCount: Int { 7 }

  private mutating func firstBrokenOfGrouped() -> String? {
    let cells = batches.map { batch in
      (0..<batch[0].rowCount).map { _ in
        UInt32.random(in: 0..<UInt32(Self.cellCount), using: &generator)
      }
    }
    let expected = (0..<Self.cellCount).map { cell in
      bytes(single(rows(of: UInt32(cell), cells)))
    }
    let all = (1..<UInt32(Self.cellCount)).map { $0 }
    var states = grouped(cells)
    if states.cellCount != Self.cellCount { return "there are as many cells as were asked for" }
    let taken = states.extract(all)
    if taken.cellCount != all.count + 1 { return "extract returns the cells and a discard cell" }
    for cell in all where taken.canonicalBytes(Int(cell)) != expected[Int(cell)] {
      return "cell \(cell) of the grouped form equals the single form"
    }
    let empty = bytes(Single(parameters))
    let rest = states.extract(all)
    for cell in all where rest.canonicalBytes(Int(cell)) != empty {
      return "cell \(cell) is empty once extracted"
    }
    return firstBrokenOfUniform() ?? firstBrokenOfCells(taken, all)
      ?? firstBrokenOfMerge(cells, expected, taken) ?? firstBrokenOfSpilling(cells, expected)
  }

  /// The rows of one cell, batch by batch.
  private func rows(of cell: UInt32, _ cells: [[UInt32]]) -> [[Column]] {
    zip(batches, cells).map { batch, cells in
      let rows = cells.indices.filter { cells[$0] == cell }
      return batch.map { $0.gathered(rows) }
    }
  }

  private func grouped(_ cells: [[UInt32]]) -> State {
    var states = State(parameters)
    states.grow(to: Self.cellCount)
    for (batch, cells) in zip(batches, cells) { states.add(batch, cells: cells, uniform: nil) }
    return states
  }

  private func firstBrokenOfCells(_ taken: State, _ all: [UInt32]) -> String? {
    var writer = ByteWriter()
    taken.encodeCells(into: &writer)
    let plan = AccumulatorPlan(State.self, parameters)
    var reader = ByteReader(writer.bytes)
    guard let decoded = try? plan.decodeStates(count: all.count, from: &reader), reader.isAtEnd,
      let decoded = decoded as? State
    else { return "decodeStates reads what encodeCells wrote" }
    var again = ByteWriter()
    decoded.encodeCells(into: &again)
    if again.bytes != writer.bytes { return "decoded cells encode to the same bytes" }
    var doubled = decoded
    doubled.merge(taken, mapping: [0] + all)
    var twice = taken
    twice.merge(taken, mapping: [0] + all)
    for cell in all where doubled.canonicalBytes(Int(cell)) != twice.canonicalBytes(Int(cell)) {
      return "decoded cells merge as before"
    }
    return nil
  }

  private func firstBrokenOfUniform() -> String? {
    let whole = bytes(single(batches))
    var states = State(parameters)
    states.grow(to: 3)
    for batch in batches {
      let cells = [UInt32](repeating: 2, count: batch[0].rowCount)
      states.add(batch, cells: cells, uniform: 2)
      states.add(batch, cells: cells.map { _ in 0 }, uniform: 0)
    }
    let first = states.extract([2])
    if first.canonicalBytes(1) != whole { return "rows of one known cell equal the single form" }
    return nil
  }

  private func firstBrokenOfMerge(
    _ cells: [[UInt32]], _ expected: [[UInt8]], _ taken: State
  ) -> String? {
    let all = (1..<UInt32(Self.cellCount)).map { $0 }
    // In two workers, the second with its cells in reverse.
    let half = batches.count / 2
    var one = State(parameters)
    var two = State(parameters)
    one.grow(to: Self.cellCount)
    two.grow(to: Self.cellCount)
    for (index, batch) in batches.enumerated() {
      if index < half {
        one.add(batch, cells: cells[index], uniform: nil)
      } else {
        let turned = cells[index].map { $0 == 0 ? 0 : UInt32(Self.cellCount) - $0 }
        two.add(batch, cells: turned, uniform: nil)
      }
    }
    var sum = State(parameters)
    sum.grow(to: Self.cellCount)
    sum.merge(one.extract(all), mapping: [0] + all)
    sum.merge(two.extract(all), mapping: [0] + all.reversed())
    let merged = sum.extract(all)
    for cell in all where merged.canonicalBytes(Int(cell)) != expected[Int(cell)] {
      return "cell \(cell) of two workers' states merges to the whole"
    }
    return firstBrokenOfRollUp(taken)
  }

  /// What is put away between batches, and once all is merged, is still there.
  private func firstBrokenOfSpilling(_ cells: [[UInt32]], _ expected: [[UInt8]]) -> String? {
    let all = (1..<UInt32(Self.cellCount)).map { $0 }
    let store = MemorySpillStore()
    var sum = State(parameters)
    sum.grow(to: Self.cellCount)
    // Twenty times: until there are so many runs that some are merged.
    for round in 0..<20 {
      var states = State(parameters)
      states.grow(to: Self.cellCount)
      if round == 0 {
        for (batch, cells) in zip(batches, cells) {
          states.add(batch, cells: cells, uniform: nil)
          states.spill(to: store)
        }
      }
      var taken = states.extract(all)
      if round % 2 == 0 { taken.spill(to: store) }
      sum.merge(taken, mapping: [0] + all)
      sum.spill(to: store)
    }
    let whole = sum.extract(all)
    for cell in all where whole.canonicalBytes(Int(cell)) != expected[Int(cell)] {
      return "cell \(cell) is the same when it was put away"
    }
    for cell in all where bytes(whole.single(Int(cell))) != expected[Int(cell)] {
      return "cell \(cell) on its own is the same when it was put away"
    }
    return nil
  }

  private func firstBrokenOfRollUp(_ taken: State) -> String? {
    let mapping = (0..<UInt32(taken.cellCount)).map { (cell: UInt32) -> UInt32 in
      cell == 0 || cell == 3 ? 0 : 1 + cell % 2
    }
    var coarse = State(parameters)
    coarse.grow(to: 3)
    coarse.merge(taken, mapping: mapping)
    let copy = coarse.extract([1, 2])
    var byOne = State(parameters)
    byOne.grow(to: 3)
    var expected = [Single](repeating: Single(parameters), count: 3)
    for cell in 1..<taken.cellCount where mapping[cell] != 0 {
      expected[Int(mapping[cell])].merge(taken.single(cell))
      byOne.merge(single: taken.single(cell), into: mapping[cell])
    }
    let single = byOne.extract([1, 2])
    for cell in 1...2 {
      if copy.canonicalBytes(cell) != bytes(expected[cell]) { return "roll-up to cell \(cell)" }
      if single.canonicalBytes(cell) != bytes(expected[cell]) {
        return "single states merged into cell \(cell)"
      }
    }
    return nil
  }
}
