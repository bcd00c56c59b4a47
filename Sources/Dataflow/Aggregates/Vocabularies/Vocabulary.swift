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

  /// As TFT's `experimental.approximate_vocabulary`, exact up to eight times `top_k` tokens.
  ///
  /// Weights are upper bounds, as TFT's; what they may be too great by is the reading's error bound.
  static let approximateVocabulary = AggregateFunction(
    "approximate_vocabulary",
    [.required("x"), .required("top_k")]
      + VocabularySelection.parameters.filter {
        ["vocab_filename", "store_frequency", "reserved_tokens", "weights", "file_format"]
          .contains($0.name)
      },
    "the top_k most frequent tokens in bounded memory, with the bound of their counts"
  ) { site in
    let selection = try VocabularySelection(approximate: site)
    let capacity = max(16_384, 8 * (try site.int("top_k", atLeast: 1)))
    return ResolvedAggregate(
      GroupedSeparately<FrequentTokensAccumulator>.self,
      FrequentTokensParameters(capacity: capacity), of: site.inputs("x", "weights"), .vocabulary
    ) { tokens in
      var reading = AggregateReading(
        .vocabulary(
          selection.selected(
            tokens.entries.lazy.map {
              .init(token: $0.token, count: $0.count, weight: $0.weight)
            })))
      if tokens.excess > 0 {
        reading.errorBound =
          "a token may weigh up to \(tokens.excess) less, one left out that much; depends on the "
          + "order of rows"
      }
      return reading
    }
  }

  private static func tokens(
    _ site: AggregateSite, _ selection: VocabularySelection
  ) -> ResolvedAggregate {
    ResolvedAggregate(
      GroupedVocabulary.self, VocabularyParameters(), of: site.inputs("x", "weights"), .vocabulary
    ) { vocabulary in
      AggregateReading(.vocabulary(selection.selected(vocabulary)))
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
          selection.selected { information.forEachToken(counts.first, rows: counts.second, $0) }))
    }
  }
}
