import Expressions
import Testing
import Transform

/// A mapper of the Swift front end and the formula it stands for.
struct TypedMapper: CustomTestStringConvertible, Sendable {
  var feature: Feature
  var testDescription: String

  init(_ feature: Feature, _ formula: String) {
    self.feature = feature
    testDescription = formula
  }
}

@Suite struct TypedMapperTests {
  static let tokens = split("comment")

  static func options(_ change: (inout VocabularyOptions) -> Void) -> VocabularyOptions {
    var options = VocabularyOptions()
    change(&options)
    return options
  }

  static let all: [TypedMapper] = [
    .init(scaleToZScore("fare"), "scale_to_z_score(fare)"),
    .init(
      scaleToZScore(stack("fare", "tip"), elementwise: true),
      "scale_to_z_score(stack(fare, tip), elementwise=true)"),
    .init(scaleToZScorePerKey("fare", key: "zone"), "scale_to_z_score_per_key(fare, zone)"),
    .init(scaleTo01("fare"), "scale_to_0_1(fare)"),
    .init(scaleTo01PerKey("fare", key: "zone"), "scale_to_0_1_per_key(fare, zone)"),
    .init(
      scaleByMinMaxPerKey("fare", key: "zone", outputMin: -1),
      "scale_by_min_max_per_key(fare, zone, output_max=1.0, output_min=-1.0)"),
    .init(scaleToGaussian("fare"), "scale_to_gaussian(fare)"),
    .init(
      bucketize("fare", numBuckets: 4, weights: "weight"), "bucketize(fare, 4, weights=weight)"),
    .init(
      bucketizePerKey("fare", key: "zone", numBuckets: 4, epsilon: 0.5),
      "bucketize_per_key(fare, zone, 4, epsilon=0.5)"),
    .init(
      applyBucketsWithInterpolation("fare", quantiles("fare", numBuckets: 4)),
      "apply_buckets_with_interpolation(fare, quantiles(fare, 4, epsilon=0.01))"),
    .init(
      estimatedProbabilityDensity("fare", boundaries: 9),
      "estimated_probability_density(fare, boundaries=9)"),
    .init(
      estimatedProbability(categorical: "zone"),
      "estimated_probability_density(zone, categorical=true)"),
    .init(
      matmul(stack("fare", "tip"), pca(stack("fare", "tip"), outputDim: 1), columns: 1),
      "matmul(stack(fare, tip), pca(stack(fare, tip), 1), 1)"),
    .init(toDense(tokens, length: 3, defaultValue: text("")), "to_dense(split(comment), 3, '')"),
    .init(
      computeAndApplyVocabulary(
        "zone", topK: 3,
        options: options {
          $0.labels = "label"
          $0.minDiffFromAvg = 2
          $0.reservedTokens = ["<pad>"]
        }),
      "compute_and_apply_vocabulary(zone, default_value=-1, labels=label, min_diff_from_avg=2.0, "
        + "num_oov_buckets=0, reserved_tokens=['<pad>'], top_k=3)"),
    .init(
      applyVocabulary(
        "zone", vocabulary("zone", options: options { $0.fingerprintShuffle = true })),
      "apply_vocabulary(zone, vocabulary(zone, fingerprint_shuffle=true), default_value=-1, "
        + "num_oov_buckets=0)"),
    .init(hashStrings("zone", hashBuckets: 8, key: (1, 2)), "hash_strings(zone, 8, key=[1, 2])"),
    .init(
      hashStrings(text("a"), hashBuckets: 8), "hash_strings('a', 8)"),
    .init(
      wordCount(bagOfWords(tokens, range: 1...2, separator: " ")),
      "word_count(bag_of_words(split(comment), [1, 2], ' '))"),
    .init(
      deduplicatePerRow(ngrams(tokens, range: 1...1, separator: "")),
      "deduplicate_tensor_per_row(ngrams(split(comment), [1, 1], ''))"),
    .init(
      tfidf(computeAndApplyVocabulary(tokens), vocabSize: 9, smooth: false).weights,
      "tfidf(compute_and_apply_vocabulary(split(comment), default_value=-1, num_oov_buckets=0), 9, "
        + "smooth=false)"),
    .init(
      valueOfKey("zone", countPerKey("zone")), "value_of_key(zone, count_per_key(zone), 0)"),
    .init(
      "fare" - mean("fare") + variance("fare") + minimum("fare") + maximum("fare")
        + sum("fare") + size("fare"),
      "fare - mean(fare) + var(fare) + min(fare) + max(fare) + sum(fare) + size(fare)"),
  ]

  @Test(arguments: all) func `a typed mapper is the formula of the same name`(
    _ mapper: TypedMapper
  ) throws {
    #expect(mapper.feature.expression.formula == mapper.testDescription)
    // And can be built: names, arguments and types are right.
    _ = try TransformStage.lower(
      PreprocessingFn(outputs: [.init("o", mapper.feature.expression)]), schema: Fixture.schema,
      name: "t")
  }
}
