import Columns

/// Where the key of each row stands in a table; −1 where it does not.
struct KeyPositions: Sendable {
  private let lookup: VocabularyLookup
  private var map: StringMap<VocabularyLookup>

  init(_ keys: TokenList) {
    lookup = VocabularyLookup(index: TokenIndex(keys), defaultValue: -1, buckets: 0)
    map = StringMap(lookup)
  }

  /// - Precondition: `column` holds strings or integers; an integer is its decimal text.
  mutating func positions(_ column: Column) -> [Int64] {
    guard case .int64(let integers) = column else { return map.values(column) }
    var text: [UInt8] = []
    return integers.values.map { value in
      text.removeAll(keepingCapacity: true)
      DecimalText.append(value, to: &text)
      return lookup.value(of: text[...])
    }
  }
}

extension CallSite {
  /// Checks that argument `index` can be a key.
  func key(_ index: Int) throws(ExpressionError) {
    _ = try type(index, "a string or int") { $0 == .string || $0 == .int64 }
  }

  /// The constant table given for `name`.
  func table(_ name: String) throws(ExpressionError) -> KeyedTable {
    try constant(name, "a table as a") { if case .table(let table) = $0 { table } else { nil } }
  }
}
