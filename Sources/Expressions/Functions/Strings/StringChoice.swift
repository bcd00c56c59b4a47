import Columns

/// Picks strings from two columns: as ids of a dictionary of its own if both have ids, else as
/// plain strings.
struct StringChoice: Sendable {
  private var output: StringDictionary?
  private var first = DictionaryCache<UInt32>()
  private var second = DictionaryCache<UInt32>()

  mutating func choose(
    _ takesFirst: [Bool], _ a: Column, _ b: Column, _ validity: Validity
  ) -> Column {
    guard case .string(let one) = a, case .string(let two) = b else {
      return Self.choosePlain(takesFirst, a, b, validity)
    }
    let dictionary = output ?? StringDictionary()
    output = dictionary
    let blank = dictionary.intern("")
    var ids = second.map(two, filler: blank) { dictionary.intern(bytes: $0.bytes($1)[...]) }
    let others = first.map(one, filler: blank) { dictionary.intern(bytes: $0.bytes($1)[...]) }
    for row in 0..<ids.count where takesFirst[row] { ids[row] = others[row] }
    return .string(StringColumn(ids: ids, dictionary: dictionary, validity: validity))
  }

  private static func choosePlain(
    _ takesFirst: [Bool], _ a: Column, _ b: Column, _ validity: Validity
  ) -> Column {
    let one = StringRows(a)
    let two = StringRows(b)
    var text = PlainStringBuilder(takesFirst.count)
    for row in takesFirst.indices {
      if validity.isPresent(row) { (takesFirst[row] ? one : two).append(row, to: &text.bytes) }
      text.endRow()
    }
    return text.finish(validity)
  }
}
