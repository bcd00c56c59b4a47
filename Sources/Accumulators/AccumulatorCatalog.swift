/// Every accumulator there is, for tests, docs and command lines to walk over.
public enum AccumulatorCatalog {
  public struct Entry: Sendable {
    public var name: String
    public var type: any GroupedAccumulator.Type
  }

  public static let all: [Entry] = [
    Entry(name: "count", type: GroupedCounts.self),
    Entry(name: "sum", type: GroupedSums.self),
    Entry(name: "extremes", type: GroupedExtremes.self),
    Entry(name: "moments", type: GroupedMoments.self),
    Entry(name: "quantiles", type: GroupedQuantiles.self),
    Entry(name: "vocabulary", type: GroupedVocabulary.self),
    Entry(name: "frequent_tokens", type: GroupedSeparately<FrequentTokensAccumulator>.self),
    Entry(name: "distinct_count", type: GroupedDistinctCounts.self),
    Entry(name: "rows", type: GroupedRows.self),
    Entry(name: "sample", type: GroupedSeparately<SampleAccumulator>.self),
    Entry(name: "spool", type: GroupedSpool.self),
    Entry(name: "covariance", type: GroupedSeparately<CovarianceAccumulator>.self),
    Entry(name: "moments by key", type: GroupedKeyed<GroupedMoments>.self),
    Entry(name: "moments of elements", type: GroupedElements<GroupedMoments>.self),
    Entry(name: "score_histogram", type: GroupedScoreHistograms.self),
    Entry(
      name: "score_histogram of elements", type: GroupedElements<GroupedScoreHistograms>.self),
    Entry(name: "heavy_keys", type: GroupedHeavyKeys.self),
  ]
}
