import Accumulators
import Columns
import Testing

@Suite struct VocabularyTests {
  private func vocabulary(_ inputs: [Column]) -> GroupedVocabulary {
    var states = GroupedVocabulary(VocabularyParameters())
    states.grow(to: 2)
    states.add(inputs, cells: [UInt32](repeating: 1, count: inputs[0].rowCount), uniform: 1)
    return states.extract([1])
  }

  private func lines(_ vocabulary: Vocabulary) -> [String] {
    vocabulary.entries.map { "\($0.text) \($0.count) \($0.weight)" }
  }

  @Test func `entries are by weight, then by bytes, both descending`() {
    let column = Column.string(StringColumn(["b", "a", nil, "c", "a", "b", "ab", "é"]))
    let states = vocabulary([column])
    let expected = ["b 2 2.0", "a 2 2.0", "é 1 1.0", "c 1 1.0", "ab 1 1.0"]
    #expect(lines(states.output(1)) == expected)
    #expect(lines(states.single(1).output()) == expected)
    #expect(states.output(1).top(3).map(\.text) == ["b", "a", "é"])
  }

  @Test func `tokens that differ late are ordered by all their bytes`() {
    let tokens = ["prefix-z", "prefix-", "prefix-\0", "prefix-za", "prefix-zb", ""]
    let states = vocabulary([.string(StringColumn(tokens.map { $0 }))])
    let expected = tokens.map { Array($0.utf8) }
      .sorted { $1.lexicographicallyPrecedes($0) }
    #expect(states.output(1).entries.map(\.token) == expected)
  }

  @Test func `weights are summed exactly and decide the order`() {
    let column = Column.string(StringColumn(["a", "b", "b", "a", "c"]))
    let states = vocabulary([column, .float64(Float64Column([1e16, 1, 1, -1e16, .nan]))])
    #expect(lines(states.output(1)) == ["b 2 2.0", "a 2 0.0"])
    #expect(lines(states.single(1).output()) == ["b 2 2.0", "a 2 0.0"])
  }

  @Test func `integers are tokens in decimal`() {
    let states = vocabulary([.int64(Int64Column([10, 9, 9, -1]))])
    #expect(lines(states.output(1)) == ["9 2 2.0", "10 1 1.0", "-1 1 1.0"])
  }

  @Test func `what was extracted outlives changes of the dictionary`() {
    let dictionary = StringDictionary()
    let first = vocabulary([.string(StringColumn(["x", "y"], dictionary: dictionary))])
    var sum = vocabulary([.string(StringColumn(["y", "z"], dictionary: dictionary))])
    _ = (0..<100).map { dictionary.intern("more \($0)") }
    sum.merge(first, mapping: [0, 1])
    #expect(lines(sum.output(1)) == ["y 2 2.0", "z 1 1.0", "x 1 1.0"])
    #expect(lines(first.output(1)) == ["y 1 1.0", "x 1 1.0"])
  }
}
