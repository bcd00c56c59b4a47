import Columns
import Testing

@testable import Expressions

@Suite struct SplitKernelTests {
  /// A new dictionary for each batch, against one for all.
  @Test(arguments: [true, false])
  func `words are the same whichever dictionary they are in`(_ isPlain: Bool) {
    var renewing = SplitKernel(separator: [], byteLimit: 0)
    var keeping = SplitKernel(separator: [])
    let source = StringDictionary()
    var dictionaries: [StringDictionary] = []
    for round in 0..<4 {
      let texts = (0..<50).map { "a\($0 % 7) w\($0 + round)  é\(round)" }
      var column = Column.string(StringColumn(texts, dictionary: source))
      if isPlain {
        let bytes = texts.map { Array($0.utf8) }
        let ends = bytes.reduce(into: [UInt32(0)]) { $0.append(($0.last ?? 0) + UInt32($1.count)) }
        column = .plain(PlainStringColumn(bytes: bytes.flatMap { $0 }, offsets: ends))
      }
      let found = [
        renewing.evaluate([column], rowCount: 50), keeping.evaluate([column], rowCount: 50),
      ]
      .map { words($0) }
      #expect(found[0].lists == found[1].lists)
      #expect(found[0].lists[3] == ["a3", "w\(3 + round)", "é\(round)"])
      dictionaries.append(found[0].dictionary)
    }
    #expect(Set(dictionaries.map { ObjectIdentifier($0) }).count == 4)
  }

  private func words(_ column: Column) -> (lists: [[String]], dictionary: StringDictionary) {
    guard case .list(let list) = column, case .string(let words) = list.elements else {
      preconditionFailure("no lists of words")
    }
    let lists = (0..<list.validity.count).map { row in
      (Int(list.offsets[row])..<Int(list.offsets[row + 1])).map {
        words.dictionary.string(words.ids[$0])
      }
    }
    return (lists, words.dictionary)
  }
}
