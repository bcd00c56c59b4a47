import Expressions

// The mappers and analyzers of TFT under their Swift names; arguments and defaults are TFT's.

/// `(x − mean) / standard deviation`.
public func scaleToZScore(_ x: Feature) -> Feature { call("scale_to_z_score", x) }

/// `x` scaled from its extremes to `[0, 1]`.
public func scaleTo01(_ x: Feature) -> Feature { call("scale_to_0_1", x) }

/// `x` scaled from its extremes to `[outputMin, outputMax]`.
public func scaleByMinMax(
  _ x: Feature, outputMin: Double = 0, outputMax: Double = 1
) -> Feature {
  call(
    "scale_by_min_max", x,
    options: ["output_min": .number(outputMin), "output_max": .number(outputMax)])
}

/// The bucket of `x` among `numBuckets` of equal weight.
public func bucketize(
  _ x: Feature, numBuckets: Int, epsilon: Double? = nil, weights: Feature? = nil
) -> Feature {
  var options: [String: Expression] = ["num_buckets": .integer(Int64(numBuckets))]
  options["epsilon"] = epsilon.map { .number($0) }
  options["weights"] = weights?.expression
  return Feature.call("bucketize", arguments(x, options))
}

/// The position of `x` in the vocabulary of its column.
public func computeAndApplyVocabulary(
  _ x: Feature, defaultValue: Int = -1, topK: Int? = nil, frequencyThreshold: Int? = nil,
  numOOVBuckets: Int = 0, vocabFilename: String? = nil, weights: Feature? = nil
) -> Feature {
  var options: [String: Expression] = [
    "default_value": .integer(Int64(defaultValue)),
    "num_oov_buckets": .integer(Int64(numOOVBuckets)),
  ]
  options["top_k"] = topK.map { .integer(Int64($0)) }
  options["frequency_threshold"] = frequencyThreshold.map { .integer(Int64($0)) }
  options["vocab_filename"] = vocabFilename.map { .string($0) }
  options["weights"] = weights?.expression
  return Feature.call("compute_and_apply_vocabulary", arguments(x, options))
}

/// The hash bucket of a string.
public func hashStrings(_ x: Feature, hashBuckets: Int) -> Feature {
  call("hash_strings", x, options: ["hash_buckets": .integer(Int64(hashBuckets))])
}

private func arguments(
  _ x: Feature, _ options: [String: Expression]
) -> [Expression.Argument] {
  [.init(x.expression)]
    + options.sorted { $0.key < $1.key }.map { Expression.Argument(label: $0.key, $0.value) }
}
