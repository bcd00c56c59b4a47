import Accumulators
import Columns
import Expressions

extension AggregateFunction {
  /// As TFT's `vocabulary`: tokens by weight descending, ties by bytes descending.
  ///
  /// The weight is the count; with `weights` their sum; with `labels` the mutual information of the
  /// token and the labels. In the text format empty tokens and those with a line break are left
  /// out, so that a file of one token a line holds them. `key_fn` is a formula over `token`, such
  /// as `'substr(token, -1, 1)'`. `vocab_filename`, `store_frequency` and `file_format` say how a
  /// transform graph writes the file.
  static let vocabulary = AggregateFunction(
    "vocabulary", VocabularySelection.parameters,
    "distinct tokens with their counts, heaviest first"
  ) { site in
    if !site.arguments.isNone("labels") { return try labelled(site) }
    let selection = try VocabularySelection(site)
    return tokens(site, selection)
  }

  /// As TFT's `experimental.approximate_vocabulary`, but that the counts are exact.
  static let approximateVocabulary = AggregateFunction(
    "approximate_vocabulary",
    [.required("x"), .required("top_k")]
      + VocabularySelection.parameters.filter {
        ["vocab_filename", "store_frequency", "reserved_tokens", "weights", "file_format"]
          .contains($0.name)
      },
    "the top_k most frequent tokens; exact here"
  ) { site in
    tokens(site, try VocabularySelection(approximate: site))
  }

  private static func tokens(
    _ site: AggregateSite, _ selection: VocabularySelection
  ) -> ResolvedAggregate {
    ResolvedAggregate(
      GroupedVocabulary.self, VocabularyParameters(), of: site.inputs("x", "weights"), .vocabulary
    ) { vocabulary in
      AggregateReading(
        .vocabulary(
          selection.selected(
            vocabulary.entries.lazy.map {
              .init(token: $0.token, count: $0.count, weight: $0.weight)
            })))
    }
  }

  /// Tokens by label beside labels by row: a row may have many tokens, or none.
  private static func labelled(_ site: AggregateSite) throws(ExpressionError) -> ResolvedAggregate {
    let selection = try VocabularySelection(site)
    let information = try MutualInformation(site)
    let tokens = site.inputs("labels", "x", "weights")
    return ResolvedAggregate(
      GroupedPair<GroupedKeyed<GroupedVocabulary>, GroupedVocabulary>.self,
      PairParameters(
        VocabularyParameters(), VocabularyParameters(), firstCount: tokens.count),
      of: tokens + site.inputs("labels", "weights"), .vocabulary
    ) { counts in
      AggregateReading(
        .vocabulary(
          selection.selected(information.ranked(counts.first, rows: counts.second))))
    }
  }
}
