import DataflowTesting
import Testing

@testable import Dataflow

@Suite struct KeyTableTests {
  /// Few and many distinct keys, so that both ways to find one are taken.
  @Test(arguments: [3, 40, 256, 257, 900])
  func `a builder gives equal keys one index and sorts them`(_ distinct: Int) {
    let seed = UInt64(distinct)
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let names = (0..<distinct).map { "k\($0 * 7919 % 1000)" }
    var builder = KeyTable.Builder()
    var first: [[KeyValue]: Int] = [:]
    for row in 0..<4 * distinct {
      let name = row < distinct ? names[row] : names.randomElement(using: &random) ?? ""
      let key: [KeyValue] = [.string(name), name.hasSuffix("5") ? .missing : .int64(1)]
      let index = builder.index(of: key)
      #expect(index == first[key, default: first.count])
      first[key] = index
    }
    let (table, order) = builder.finish()
    #expect(table.count == first.count && order.count == first.count)
    for (key, index) in first { #expect(table[order[index]] == key) }
    // Names are ASCII and distinct, so `String` sorts them by bytes.
    let expected = Set(names).sorted()
    #expect((0..<table.count).map { table[$0][0] } == expected.map { .string($0) })
  }

  @Test func `strings are ordered and equal by bytes`() {
    let composed = "\u{E9}"
    let decomposed = "e\u{301}"
    #expect(composed == decomposed)
    #expect(KeyValue.string(composed) != .string(decomposed))
    #expect(KeyTable.isOrdered([.string(decomposed)], before: [.string(composed)]))
    #expect(KeyTable.isOrdered([.string("")], before: [.string("a")]))
    #expect(KeyTable.isOrdered([.string("ab")], before: [.string("b")]))
    #expect(!KeyTable.isOrdered([.string("b")], before: [.string("b")]))
  }
}
