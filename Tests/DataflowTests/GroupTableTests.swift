import Columns
import DataflowTesting
import Testing

@testable import Dataflow

/// Group ids against a dictionary of keys.
@Suite struct GroupTableTests {
  private static func value(_ column: Column, _ row: Int) -> KeyValue {
    guard column.validity.isPresent(row) else { return .missing }
    return switch column {
    case .bool(let column): .bool(column.values[row])
    case .int64(let column): .int64(column.values[row])
    case .float64(let column):
      .float64(column.values[row].isNaN ? .nan : column.values[row])
    case .string(let column): .string(column.dictionary.string(column.ids[row]))
    case .plain(let column):
      .string(
        String(
          decoding: column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])],
          as: UTF8.self))
    case .list: preconditionFailure("no key")
    }
  }

  private static func columns(
    _ kinds: [Int], _ count: Int, _ dictionaries: [StringDictionary], _ random: inout RandomColumns
  ) -> [Column] {
    kinds.enumerated().map { index, kind in
      switch kind {
      case 0: random.bools(count)
      case 1: random.integers(count)
      case 2: random.wildDoubles(count)
      case 3: random.plainStrings(count)
      // One column keeps its dictionary from batch to batch, another has a new one each time.
      default:
        .string(
          StringColumn(
            (0..<count).map { _ in
              let number = Int.random(in: 0..<40, using: &random.generator)
              return number == 0
                ? nil : ["value", "\u{E9}", "e\u{301}"][number % 3] + " \(number / 3)"
            }, dictionary: kind == 4 ? dictionaries[index] : StringDictionary()))
      }
    }
  }

  @Test(arguments: 0..<24)
  func `equal keys have equal ids, and the order is canonical`(round: Int) {
    let seed = UInt64.random(in: 0..<1 << 32)
    var random = RandomColumns(seed: seed)
    let kinds = (0..<round % 4).map { _ in Int.random(in: 0..<6, using: &random.generator) }
    let dictionaries = kinds.map { _ in StringDictionary() }
    var table = GroupTable(length: kinds.count)
    var ids: [[KeyValue]: UInt32] = [:]
    for _ in 0..<6 {
      let count = Int.random(in: 0..<200, using: &random.generator)
      let columns = Self.columns(kinds, count, dictionaries, &random)
      let groups = table.assign(columns, rowCount: count)
      #expect(groups.count == count, "seed \(seed)")
      for row in 0..<count {
        let key = columns.map { Self.value($0, row) }
        let known = ids[key] ?? groups[row]
        ids[key] = known
        #expect(
          groups[row] == known && table.keys(of: [known])[0] == key, "seed \(seed), kinds \(kinds)")
      }
      let order = table.ordered()
      #expect(order.sorted() == Array(0..<UInt32(table.count)), "seed \(seed)")
      for (one, two) in zip(order, order.dropFirst()) {
        #expect(
          Self.isBefore(table.keys(of: [one])[0], table.keys(of: [two])[0]),
          "seed \(seed), kinds \(kinds)")
      }
    }
    // A single column has an id for missing from the start.
    let unseen = kinds.count == 1 && ids[[.missing]] == nil ? 1 : 0
    #expect(
      table.count == (kinds.isEmpty ? 1 : ids.count + unseen), "seed \(seed), kinds \(kinds)")
    #expect(Set(ids.values).count == ids.count, "seed \(seed), kinds \(kinds)")
  }

  /// The canonical order, written another way: as tuples of ranks and comparable values.
  private static func isBefore(_ one: [KeyValue], _ two: [KeyValue]) -> Bool {
    for (a, b) in zip(one, two) where a != b {
      switch (a, b) {
      case (.missing, _): return true
      case (_, .missing): return false
      case (.bool(let a), _): return !a
      case (.int64(let a), .int64(let b)): return a < b
      case (.float64(let a), .float64(let b)):
        if a.isNaN || b.isNaN { return b.isNaN }
        return a < b || (a == b && a.sign == .minus)
      case (.string(let a), .string(let b)):
        return Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8))
      default: preconditionFailure("\(a) and \(b) in one column")
      }
    }
    return false
  }

  @Test func `keys are bytes: letters in two forms stay apart, every NaN is one`() {
    var table = GroupTable(length: 1)
    let forms = StringColumn(["\u{E9}", "e\u{301}", "\u{E9}", nil, ""])
    #expect(table.assign([.string(forms)], rowCount: 5).count == 5)
    #expect(table.count == 4, "missing, two forms, and the empty string")
    var numbers = GroupTable(length: 1)
    let payload = Double(bitPattern: 0xFFF8_0000_0000_0123)
    let ids = numbers.assign([.float64(Float64Column([.nan, payload, -0.0, 0]))], rowCount: 4)
    #expect(ids[0] == ids[1] && ids[2] != ids[3])
  }
}

@Suite struct PairTableTests {
  /// Small ids stay in the dense table, few large ones make it wide, many move to the sparse one.
  @Test(arguments: [(8, 8), (3, 5000), (5000, 3), (600, 600), (1 << 20, 1 << 20)])
  func `pairs have ids as a dictionary gives them`(bounds: (Int, Int)) {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    var table = PairTable()
    var ids: [[UInt32]: UInt32] = [:]
    for batch in 1...8 {
      // The bounds grow, so that the table changes its form on the way.
      let first = UInt32(max(1, bounds.0 * batch / 8))
      let second = UInt32(max(1, bounds.1 * batch / 8))
      let ones = (0..<300).map { _ in UInt32.random(in: 0..<first, using: &generator) }
      let twos = (0..<300).map { _ in UInt32.random(in: 0..<second, using: &generator) }
      var groups = ones
      table.combine(&groups, below: Int(first), with: twos, below: Int(second))
      for row in groups.indices {
        let pair = [ones[row], twos[row]]
        if ids[pair] == nil { ids[pair] = UInt32(ids.count) }
        #expect(groups[row] == ids[pair], "seed \(seed): ids in order of first appearance")
        let parts = table.parts(of: groups[row])
        #expect([parts.0, parts.1] == pair, "seed \(seed)")
      }
    }
    #expect(table.count == ids.count, "seed \(seed)")
  }

  @Test func `no rows, no pairs`() {
    var table = PairTable()
    var none: [UInt32] = []
    table.combine(&none, below: 1, with: [], below: 1)
    #expect(none.isEmpty && table.count == 0)
  }
}
