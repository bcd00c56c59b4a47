import Accumulators
import Columns
import Expressions

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What TFT's `tfidf`, `idf` and `document_frequency` count: for each id below `vocab_size`, the rows
/// whose list holds it. Ids are taken modulo `vocab_size`; rows with nothing count as documents too.
extension AggregateFunction {
  static let documentFrequencies = AggregateFunction(
    "document_frequencies", [.required("x"), .required("vocab_size")],
    "for each id below vocab_size, how many rows hold it"
  ) { site in
    try documents(site) { _, counts in counts }
  }

  static let inverseDocumentFrequencies = AggregateFunction(
    "inverse_document_frequencies",
    [
      .required("x"), .required("vocab_size"), .optional("smooth", .bool(true)),
      .optional("add_baseline", .bool(true)),
    ],
    "for each id, log((rows + 1) / (1 + rows with it)) + 1; log(rows / rows with it) + 1 unsmoothed"
  ) { site in
    let more: Double = site.arguments["smooth"] == .bool(true) ? 1 : 0
    let baseline: Double = site.arguments["add_baseline"] == .bool(true) ? 1 : 0
    return try documents(site) { rows, counts in
      counts.map { log((rows + more) / ($0 + more)) + baseline }
    }
  }

  private static func documents(
    _ site: AggregateSite, _ read: @escaping @Sendable (Double, [Double]) -> [Double]
  ) throws(ExpressionError) -> ResolvedAggregate {
    let type = try site.type("x")
    guard type == .list(.int64) else {
      throw site.fail("'x' must be lists of integers, but is of type \(type)")
    }
    let size = try site.int("vocab_size", atLeast: 1)
    let ids = Expression.call(
      "modulo", [.init(site.arguments["x"]), .init(.integer(Int64(size)))])
    return ResolvedAggregate(
      GroupedPair<GroupedCounts, GroupedVocabulary>.self,
      PairParameters(CountParameters(present: false), VocabularyParameters(), firstCount: 0),
      of: [.call("distinct", [.init(ids)])], .floats
    ) { documents in
      var counts = [Double](repeating: 0, count: size)
      for entry in documents.second.entries {
        guard let id = Int(String(decoding: entry.token, as: UTF8.self)) else { continue }
        counts[id] = Double(entry.count)
      }
      return AggregateReading(.floats(read(Double(documents.first), counts)))
    }
  }
}
