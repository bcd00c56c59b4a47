import Accumulators
import Columns
import Expressions

extension AggregateFunction {
  /// As TFT's; a token of any bytes counts, integers as decimal text.
  static let countPerKey = AggregateFunction(
    "count_per_key", [.required("key")], "how often each key comes, as a table"
  ) { site in try keyCounts(site, "key", isShare: false) }

  /// A table of how often each value of `name` comes, or which share of all it is.
  static func keyCounts(
    _ site: AggregateSite, _ name: String, isShare: Bool
  ) throws(ExpressionError) -> ResolvedAggregate {
    let type = try site.type(name)
    guard [.string, .int64, .list(.string), .list(.int64)].contains(type) else {
      throw site.fail("'\(name)' must be strings or integers, or lists of them, not \(type)")
    }
    return ResolvedAggregate(
      GroupedVocabulary.self, VocabularyParameters(), of: site.inputs(name), .table
    ) { vocabulary in
      let entries = vocabulary.entries.sorted { $0.token.lexicographicallyPrecedes($1.token) }
      let total = isShare ? entries.reduce(0.0) { $0 + Double($1.count) } : 1
      return AggregateReading(
        .table(KeyedTable(width: 1, entries.map { ($0.token, [Double($0.count) / total]) })))
    }
  }
}

extension KeyedTable {
  /// The table of `rows`, whose keys ascend.
  init(width: Int, _ rows: [(key: [UInt8], values: [Double])]) {
    var keys = TokenList()
    var values: [Double] = []
    for row in rows {
      keys.append(row.key)
      values += row.values
    }
    self.init(keys: keys, width: width, values: values)
  }
}
