import Accumulators
import Columns
import Expressions

extension AggregateFunction {
  /// As TFT's `vocabulary`: tokens by weight (without weights, by count) descending, ties by bytes
  /// descending; empty tokens and those with a line break are left out, so that a text file of one
  /// token a line holds them. `vocab_filename` and `store_frequency` say how a transform graph
  /// writes the file.
  static let vocabulary = AggregateFunction(
    "vocabulary",
    [
      .required("x"), .keyword("top_k", .none), .keyword("frequency_threshold", .none),
      .keyword("vocab_filename", .none), .keyword("store_frequency", .bool(false)),
      .keyword("weights", .none),
    ],
    "distinct tokens with their counts, heaviest first"
  ) { site in
    let type = try site.type("x")
    guard [.string, .int64, .list(.string), .list(.int64)].contains(type) else {
      throw site.fail("'x' must be strings or integers, or lists of them, not \(type)")
    }
    if !site.arguments.isNone("weights") { try site.number("weights") }
    let limit = site.arguments.isNone("top_k") ? Int.max : try site.int("top_k", atLeast: 1)
    let threshold =
      site.arguments.isNone("frequency_threshold") ? 0 : try site.double("frequency_threshold")
    return ResolvedAggregate(
      GroupedVocabulary.self, VocabularyParameters(), of: site.inputs("x", "weights"), .vocabulary
    ) { AggregateReading(.vocabulary(kept($0, limit, threshold))) }
  }

  private static func kept(
    _ vocabulary: Vocabulary, _ limit: Int, _ threshold: Double
  ) -> [AggregateValue.VocabularyEntry] {
    var kept: [AggregateValue.VocabularyEntry] = []
    for entry in vocabulary.entries {
      // Heaviest first: all that follow are lighter.
      if kept.count == limit || entry.weight < threshold { break }
      if entry.token.isEmpty || entry.token.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
        continue
      }
      kept.append(.init(token: entry.token, count: entry.count, weight: entry.weight))
    }
    return kept
  }
}
