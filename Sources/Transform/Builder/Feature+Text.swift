import Expressions

// The mappers of strings and tokens of TFT under their Swift names; defaults are TFT's.

/// Which tokens a vocabulary keeps and how it is written; the options of TFT's `vocabulary`.
public struct VocabularyOptions: Sendable {
  public var topK: Int?
  public var frequencyThreshold: Double?
  public var vocabFilename: String?
  public var storeFrequency = false
  public var reservedTokens: [String]?
  public var weights: Feature?
  /// Tokens are ranked by what they tell about these.
  public var labels: Feature?
  public var useAdjustedMutualInfo = false
  public var minDiffFromAvg: Double?
  public var coverageTopK: Int?
  public var coverageFrequencyThreshold: Double?
  /// A formula over `token`, for coverage.
  public var keyFn: String?
  public var fingerprintShuffle = false
  /// `text` or `tfrecord_gzip`.
  public var fileFormat: String?

  public init() {}

  var arguments: [String: Expression?] {
    [
      "top_k": topK.map { .integer(Int64($0)) },
      "frequency_threshold": frequencyThreshold.map { .number($0) },
      "vocab_filename": vocabFilename.map { .string($0) },
      "store_frequency": .flag(storeFrequency),
      "reserved_tokens": reservedTokens.map { .list($0.map { .string($0) }) },
      "weights": weights?.expression, "labels": labels?.expression,
      "use_adjusted_mutual_info": .flag(useAdjustedMutualInfo),
      "min_diff_from_avg": minDiffFromAvg.map { .number($0) },
      "coverage_top_k": coverageTopK.map { .integer(Int64($0)) },
      "coverage_frequency_threshold": coverageFrequencyThreshold.map { .number($0) },
      "key_fn": keyFn.map { .string($0) }, "fingerprint_shuffle": .flag(fingerprintShuffle),
      "file_format": fileFormat.map { .string($0) },
    ]
  }
}

/// The position of `x` in the vocabulary of its column; a `topK` or file name here goes before that of
/// the options.
public func computeAndApplyVocabulary(
  _ x: Feature, defaultValue: Int = -1, topK: Int? = nil, numOOVBuckets: Int = 0,
  vocabFilename: String? = nil, options: VocabularyOptions = VocabularyOptions()
) -> Feature {
  var options = options
  options.topK = topK ?? options.topK
  options.vocabFilename = vocabFilename ?? options.vocabFilename
  return Feature.call(
    "compute_and_apply_vocabulary", [x],
    options.arguments.merging(lookup(defaultValue, numOOVBuckets)) { one, _ in one })
}

/// The position of `x` in a vocabulary, such as ``vocabulary(_:options:)`` of another column.
public func applyVocabulary(
  _ x: Feature, _ vocabulary: Feature, defaultValue: Int = -1, numOOVBuckets: Int = 0
) -> Feature {
  Feature.call("apply_vocabulary", [x, vocabulary], lookup(defaultValue, numOOVBuckets))
}

private func lookup(_ defaultValue: Int, _ numOOVBuckets: Int) -> [String: Expression?] {
  [
    "default_value": .integer(Int64(defaultValue)),
    "num_oov_buckets": .integer(Int64(numOOVBuckets)),
  ]
}

/// The hash bucket of a string; by SipHash under a `key` of two integers, else by FarmHash.
public func hashStrings(_ x: Feature, hashBuckets: Int, key: (Int64, Int64)? = nil) -> Feature {
  Feature.call(
    "hash_strings", [x, .literal(hashBuckets)],
    ["key": key.map { .list([.integer($0.0), .integer($0.1)]) }])
}

/// The parts of `x` between separators; words if there is none.
public func split(_ x: Feature, separator: String? = nil) -> Feature {
  Feature.call("split", [x], ["sep": separator.map { .string($0) }])
}

/// Runs of neighbouring tokens, of the given lengths.
public func ngrams(
  _ tokens: Feature, range: ClosedRange<Int>, separator: String
) -> Feature { Feature.call("ngrams", [tokens, .range(range), text(separator)]) }

/// The distinct ``ngrams(_:range:separator:)`` of a row.
public func bagOfWords(
  _ tokens: Feature, range: ClosedRange<Int>, separator: String
) -> Feature { Feature.call("bag_of_words", [tokens, .range(range), text(separator)]) }

/// How many tokens a row has.
public func wordCount(_ tokens: Feature) -> Feature { Feature.call("word_count", [tokens]) }

/// The distinct values of a list, in order of first appearance.
public func deduplicatePerRow(_ x: Feature) -> Feature {
  Feature.call("deduplicate_tensor_per_row", [x])
}

/// The distinct ids of a list, modulo `vocabSize`, ascending; and their weights.
public func tfidf(
  _ x: Feature, vocabSize: Int, smooth: Bool = true
) -> (indices: Feature, weights: Feature) {
  (
    Feature.call("tfidf_indices", [x, .literal(vocabSize)]),
    Feature.call("tfidf", [x, .literal(vocabSize)], ["smooth": .bool(smooth)])
  )
}

/// The inverse document frequency of each id of a list.
public func idf(
  _ x: Feature, vocabSize: Int, smooth: Bool = true, addBaseline: Bool = true
) -> Feature {
  Feature.call(
    "idf", [x, .literal(vocabSize)],
    ["smooth": .bool(smooth), "add_baseline": .bool(addBaseline)])
}

/// Of each id of a list, how many rows hold it.
public func documentFrequency(_ x: Feature, vocabSize: Int) -> Feature {
  Feature.call("document_frequency", [x, .literal(vocabSize)])
}
