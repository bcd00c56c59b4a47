import Accumulators
import Columns
import DataflowTesting
import Testing

/// An accumulator with parameters and a way to make its inputs.
struct LawCase: Sendable, CustomTestStringConvertible {
  var type: ObjectIdentifier
  var testDescription: String
  private let check: @Sendable (UInt64) -> String?

  init<State: GroupedAccumulator>(
    _ name: String, _: State.Type, _ parameters: State.Parameters,
    _ inputs: @escaping @Sendable (inout RandomColumns, Int, StringDictionary) -> [Column]
  ) {
    type = ObjectIdentifier(State.self)
    testDescription = name
    check = { seed in
      var random = RandomColumns(seed: seed)
      let dictionary = StringDictionary()
      let batches = [40, 0, 1, 130, 65, 7].map { inputs(&random, $0, dictionary) }
      return AccumulatorLaws.firstBroken(State.self, parameters, batches: batches, seed: seed)
    }
  }

  func firstBroken(seed: UInt64) -> String? { check(seed) }

  static let all: [LawCase] = [
    LawCase("count rows", GroupedCounts.self, CountParameters(present: false)) { random, count, _ in
      [random.wildDoubles(count)]
    },
    LawCase("count present", GroupedCounts.self, CountParameters(present: true)) {
      random, count, _ in
      [random.wildDoubles(count)]
    },
    LawCase("sums", GroupedSums.self, SumParameters(columns: 3)) { random, count, _ in
      [random.wildDoubles(count), random.integers(count), random.bools(count)]
    },
    LawCase("extremes", GroupedExtremes.self, ExtremesParameters()) { random, count, _ in
      [random.wildDoubles(count)]
    },
    LawCase("integer extremes", GroupedExtremes.self, ExtremesParameters()) { random, count, _ in
      [random.integers(count)]
    },
    LawCase("moments", GroupedMoments.self, MomentsParameters()) { random, count, _ in
      [random.wildDoubles(count)]
    },
    LawCase("tame moments", GroupedMoments.self, MomentsParameters()) { random, count, _ in
      [random.tameDoubles(count)]
    },
    LawCase("quantiles", GroupedQuantiles.self, QuantileParameters(budget: 16)) {
      random, count, _ in
      [random.wildDoubles(count)]
    },
    LawCase("tame quantiles", GroupedQuantiles.self, QuantileParameters(budget: 50)) {
      random, count, _ in
      [random.tameDoubles(count)]
    },
    LawCase("exact quantiles", GroupedQuantiles.self, QuantileParameters()) { random, count, _ in
      [random.integers(count)]
    },
    LawCase("weighted quantiles", GroupedQuantiles.self, QuantileParameters(budget: 20)) {
      random, count, _ in
      [random.tameDoubles(count), random.wildDoubles(count)]
    },
    LawCase("vocabulary", GroupedVocabulary.self, VocabularyParameters()) {
      [$0.strings($1, dictionary: $2)]
    },
    LawCase("plain vocabulary", GroupedVocabulary.self, VocabularyParameters()) {
      random, count, _ in
      [random.lists(count) { $0.plainStrings($1) }]
    },
    LawCase("integer vocabulary", GroupedVocabulary.self, VocabularyParameters()) {
      random, count, _ in
      [random.integers(count)]
    },
    LawCase("weighted vocabulary", GroupedVocabulary.self, VocabularyParameters()) {
      random, count, dictionary in
      [
        random.lists(count) { $0.strings($1, dictionary: dictionary) },
        random.wildDoubles(count),
      ]
    },
    LawCase(
      "frequent tokens", GroupedSeparately<FrequentTokensAccumulator>.self,
      FrequentTokensParameters(capacity: 10_000)
    ) {
      [$0.strings($1, dictionary: $2)]
    },
    LawCase(
      "weighted frequent tokens", GroupedSeparately<FrequentTokensAccumulator>.self,
      FrequentTokensParameters(capacity: 10_000)
    ) { random, count, dictionary in
      [random.strings(count, dictionary: dictionary), random.wildDoubles(count)]
    },
    LawCase(
      "distinct strings", GroupedDistinctCounts.self, DistinctCountParameters(precision: 6)
    ) {
      [$0.strings($1, dictionary: $2)]
    },
    LawCase("distinct values", GroupedDistinctCounts.self, DistinctCountParameters(precision: 4)) {
      random, count, _ in
      [random.lists(8 * count) { $0.tameDoubles($1) }]
    },
    LawCase("rows", GroupedRows.self, RowsParameters(columns: 2)) { random, count, _ in
      [random.wildDoubles(count), random.integers(count)]
    },
    LawCase(
      "sample", GroupedSeparately<SampleAccumulator>.self, SampleParameters(size: 7)
    ) { random, count, dictionary in
      [random.tameDoubles(count), random.strings(count, dictionary: dictionary)]
    },
    LawCase("spool", GroupedSpool.self, SpoolParameters(columns: 3)) { random, count, dictionary in
      [
        random.tameDoubles(count), random.strings(count, dictionary: dictionary),
        random.lists(count) { $0.integers($1) },
      ]
    },
    LawCase(
      "covariance", GroupedSeparately<CovarianceAccumulator>.self, CovarianceParameters()
    ) { random, count, _ in [random.lists(count) { $0.wildDoubles($1) }] },
    LawCase("moments by key", GroupedKeyed<GroupedMoments>.self, MomentsParameters()) {
      random, count, dictionary in
      [random.strings(count, dictionary: dictionary), random.wildDoubles(count)]
    },
    LawCase(
      "vocabulary by integer", GroupedKeyed<GroupedVocabulary>.self, VocabularyParameters()
    ) { random, count, dictionary in
      [random.integers(count), random.strings(count, dictionary: dictionary)]
    },
    LawCase(
      "moments of elements", GroupedElements<GroupedMoments>.self,
      ElementsParameters(MomentsParameters())
    ) { random, count, _ in [random.lists(count) { $0.wildDoubles($1) }] },
    LawCase(
      "moments by place", GroupedElements<GroupedKeyed<GroupedMoments>>.self,
      ElementsParameters(MomentsParameters(), hasPlaces: true)
    ) { random, count, _ in [random.lists(count) { $0.tameDoubles($1) }] },
    LawCase("score histogram", GroupedScoreHistograms.self, ScoreHistogramParameters()) {
      random, count, _ in
      [random.labels(count), random.predictions(count)]
    },
    LawCase(
      "weighted histogram", GroupedScoreHistograms.self,
      ScoreHistogramParameters(.uniform(40), keepsPredictions: true)
    ) { random, count, _ in
      [random.labels(count), random.predictions(count), random.wildDoubles(count)]
    },
    LawCase(
      "histogram of elements", GroupedElements<GroupedScoreHistograms>.self,
      ElementsParameters(ScoreHistogramParameters(.thresholds(30), exactRows: 9))
    ) { random, count, _ in
      [random.lists(count) { $0.labels($1) }, random.predictions(count)]
    },
    LawCase("heavy keys", GroupedHeavyKeys.self, HeavyKeysParameters()) {
      random, count, dictionary in
      [random.strings(20 * count, dictionary: dictionary), random.integers(20 * count)]
    },
    LawCase(
      "rows, then a histogram", GroupedScoreHistograms.self,
      ScoreHistogramParameters(.logit(40), keepsPredictions: true, exactRows: 60)
    ) { random, count, _ in
      [random.labels(count), random.predictions(count), random.wildDoubles(count)]
    },
  ]
}

@Suite struct AccumulatorLawTests {
  @Test(arguments: LawCase.all)
  func `an accumulator obeys every law bit for bit`(_ law: LawCase) {
    for seed in UInt64(1)...3 {
      let broken = law.firstBroken(seed: seed)
      #expect(broken == nil, "seed \(seed)")
    }
  }

  @Test func `every accumulator of the catalogue has a law case`() {
    let covered = Set(LawCase.all.map(\.type))
    for entry in AccumulatorCatalog.all {
      #expect(covered.contains(ObjectIdentifier(entry.type)), "\(entry.name)")
    }
  }
}
