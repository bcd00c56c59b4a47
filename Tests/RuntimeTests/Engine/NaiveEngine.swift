import Accumulators
import Columns
import Dataflow
import Expressions
import FileIO
import Formats

@testable import CommandLineTool

/// Computes every window's content on one thread, file after file, with dictionaries in place of
/// everything between the decoder and the accumulators.
struct NaiveEngine {
  private struct Cell: Hashable {
    var place: NaiveFates.Place
    var key: [KeyValue]
  }

  private let plan: JobPlan
  /// The outputs of the row program for each file, in the order of the files.
  private let files: [[Column]]

  init(_ plan: JobPlan) throws {
    self.plan = plan
    var decoder = try plan.source.makeDecoder()
    let evaluator = plan.pipeline.program.makeEvaluator()
    files = try plan.splits.map { split in
      let buffer = PaddedBuffer()
      let reader = try plan.source.makeReader(of: split)
      _ = try reader.nextChunk(into: buffer, targetBytes: 16 << 20)
      decoder.beginFile()
      return evaluator.evaluate(decoder.decode(buffer, from: 0, limit: 60_000).batch)
    }
  }

  /// The content of each window from the rows that `isTaken` says.
  func contents(
    _ fates: NaiveFates, isTaken: (NaiveFates.Row) -> Bool
  ) -> [NaiveFates.Place: PaneContent] {
    var result: [NaiveFates.Place: PaneContent] = [:]
    for stage in plan.pipeline.stages.indices {
      let rows = fates.rows.filter { $0.key.stage == stage }.mapValues { $0.filter(isTaken) }
      for grouping in plan.pipeline.stages[stage].groupings {
        for (place, states) in states(plan.pipeline.stages[stage], keys: grouping, rows) {
          result[place, default: PaneContent(groupings: [])].groupings.append(states)
        }
      }
    }
    return result
  }

  private func states(
    _ stage: Stage, keys: [Int], _ rows: [NaiveFates.Place: [NaiveFates.Row]]
  ) -> [NaiveFates.Place: GroupedStates] {
    var ids: [Cell: UInt32] = [:]
    // A row is added once for each of its windows.
    var passes: [[[UInt32]]] = []
    for (place, rows) in rows {
      for row in rows {
        let cell = Cell(
          place: place, key: keys.map { Self.value(files[row.file][$0], row.position) })
        if ids[cell] == nil { ids[cell] = UInt32(ids.count + 1) }
        let pass = passes.firstIndex { $0[row.file][row.position] == 0 } ?? passes.count
        if pass == passes.count {
          passes.append(files.map { [UInt32](repeating: 0, count: rowCount($0)) })
        }
        passes[pass][row.file][row.position] = ids[cell] ?? 0
      }
    }
    var states = stage.accumulators.map { $0.plan.makeStates() }
    for index in states.indices {
      states[index].grow(to: ids.count + 1)
      for (file, columns) in files.enumerated() where rowCount(columns) > 0 {
        let inputs = stage.accumulators[index].inputs.map { columns[$0] }
        for pass in passes { states[index].add(inputs, cells: pass[file], uniform: nil) }
      }
    }
    return Dictionary(grouping: ids.keys, by: \.place).mapValues { cells in
      let sorted = cells.sorted { Self.isOrdered($0.key, $1.key) }
      let taken = sorted.compactMap { ids[$0] }
      return GroupedStates(
        keys: KeyTable(sorted: sorted.map(\.key)),
        states: states.indices.map { Self.extract(&states[$0], taken) })
    }
  }

  private func rowCount(_ columns: [Column]) -> Int { columns.first?.rowCount ?? 0 }

  private static func extract(
    _ states: inout any GroupedAccumulator, _ cells: [UInt32]
  ) -> any GroupedAccumulator { states.extract(cells) }

  private static func value(_ column: Column, _ row: Int) -> KeyValue {
    guard column.validity.isPresent(row) else { return .missing }
    switch column {
    case .int64(let column): return .int64(column.values[row])
    case .string(let column): return .string(column.dictionary.string(column.ids[row]))
    default: preconditionFailure("no key column of these jobs: \(column)")
    }
  }

  /// Missing first, then as numbers or bytes.
  private static func isOrdered(_ one: [KeyValue], _ two: [KeyValue]) -> Bool {
    for (a, b) in zip(one, two) where a != b {
      switch (a, b) {
      case (.missing, _): return true
      case (_, .missing): return false
      case (.int64(let a), .int64(let b)): return a < b
      case (.string(let a), .string(let b)): return Array(a.utf8).lexicographicallyPrecedes(b.utf8)
      default: preconditionFailure("\(a) and \(b) in one column")
      }
    }
    return false
  }
}
