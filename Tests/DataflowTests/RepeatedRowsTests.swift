import Columns
import Testing

@testable import Dataflow

@Suite struct RepeatedRowsTests {
  @Test func `a row stands once for each combination of its lists`() {
    let list = Column.list(
      ListColumn(
        elements: .int64(Int64Column([1, 2, 3, 4])), offsets: [0, 2, 2, 3, 4],
        validity: Validity([true, true, true, false])))
    let plain = Column.int64(Int64Column([10, 20, 30, 40]))
    let other = Column.list(
      ListColumn(
        elements: .string(StringColumn(["a", "b", "c", "d", "e"])), offsets: [0, 2, 3, 4, 5]))
    let repeated = RepeatedRows([list, plain, other], rowCount: 4)
    #expect(repeated.rows == [0, 0, 0, 0, 2])
    #expect(repeated.starts == [0, 4, 4, 5, 5])
    guard case .int64(let one) = repeated.keyColumns[0],
      case .int64(let two) = repeated.keyColumns[1],
      case .string(let three) = repeated.keyColumns[2]
    else {
      Issue.record("the key columns changed their types")
      return
    }
    #expect(one.values == [1, 2, 1, 2, 3])
    #expect(two.values == [10, 10, 10, 10, 30])
    #expect(three.ids.map { three.dictionary.string($0) } == ["a", "a", "b", "b", "d"])
  }
}
