import Expressions

// The scaling mappers of TFT under their Swift names; arguments and defaults are TFT's.

/// `(x − mean) / standard deviation`; with `elementwise`, of each place of a list.
public func scaleToZScore(_ x: Feature, elementwise: Bool = false) -> Feature {
  Feature.call("scale_to_z_score", [x], ["elementwise": .flag(elementwise)])
}

/// `(x − mean) / standard deviation` of the rows with the same `key`.
public func scaleToZScorePerKey(_ x: Feature, key: Feature) -> Feature {
  Feature.call("scale_to_z_score_per_key", [x, key])
}

/// `x` scaled from its extremes to `[0, 1]`.
public func scaleTo01(_ x: Feature, elementwise: Bool = false) -> Feature {
  Feature.call("scale_to_0_1", [x], ["elementwise": .flag(elementwise)])
}

/// `x` scaled from the extremes of the rows with the same `key` to `[0, 1]`.
public func scaleTo01PerKey(_ x: Feature, key: Feature) -> Feature {
  Feature.call("scale_to_0_1_per_key", [x, key])
}

/// `x` scaled from its extremes to `[outputMin, outputMax]`.
public func scaleByMinMax(
  _ x: Feature, outputMin: Double = 0, outputMax: Double = 1, elementwise: Bool = false
) -> Feature {
  Feature.call(
    "scale_by_min_max", [x],
    [
      "output_min": .number(outputMin), "output_max": .number(outputMax),
      "elementwise": .flag(elementwise),
    ])
}

/// `x` scaled from the extremes of the rows with the same `key` to `[outputMin, outputMax]`.
public func scaleByMinMaxPerKey(
  _ x: Feature, key: Feature, outputMin: Double = 0, outputMax: Double = 1
) -> Feature {
  Feature.call(
    "scale_by_min_max_per_key", [x, key],
    ["output_min": .number(outputMin), "output_max": .number(outputMax)])
}

/// `x` mapped to a normal distribution by Tukey's HH transform.
public func scaleToGaussian(_ x: Feature) -> Feature { Feature.call("scale_to_gaussian", [x]) }

/// The bucket of `x` among `numBuckets` of equal weight.
public func bucketize(
  _ x: Feature, numBuckets: Int, epsilon: Double? = nil, weights: Feature? = nil,
  elementwise: Bool = false
) -> Feature {
  Feature.call(
    "bucketize", [x, .literal(numBuckets)],
    [
      "epsilon": epsilon.map { .number($0) }, "weights": weights?.expression,
      "elementwise": .flag(elementwise),
    ])
}

/// The bucket of `x` among `numBuckets` of equal weight of the rows with the same `key`.
public func bucketizePerKey(
  _ x: Feature, key: Feature, numBuckets: Int, epsilon: Double? = nil, weights: Feature? = nil
) -> Feature {
  Feature.call(
    "bucketize_per_key", [x, key, .literal(numBuckets)],
    ["epsilon": epsilon.map { .number($0) }, "weights": weights?.expression])
}

/// How many of `boundaries`, an analyzer such as ``quantiles(_:numBuckets:epsilon:weights:)`` or
/// a list, are at or below `x`.
public func applyBuckets(_ x: Feature, _ boundaries: Feature) -> Feature {
  Feature.call("apply_buckets", [x, boundaries])
}

/// Where `x` lies among `boundaries`, linear between them, in 0…1.
public func applyBucketsWithInterpolation(_ x: Feature, _ boundaries: Feature) -> Feature {
  Feature.call("apply_buckets_with_interpolation", [x, boundaries])
}

/// The density of `x` by a histogram of so many boundaries, by default eleven from 0 to 1.
public func estimatedProbabilityDensity(_ x: Feature, boundaries: Int? = nil) -> Feature {
  Feature.call(
    "estimated_probability_density", [x],
    ["boundaries": boundaries.map { .integer(Int64($0)) }])
}

/// The share of the rows that have the value of `x`.
public func estimatedProbability(categorical x: Feature) -> Feature {
  Feature.call("estimated_probability_density", [x], ["categorical": .bool(true)])
}

/// The numbers as a list.
public func stack(_ parts: Feature...) -> Feature { Feature.call("stack", parts) }

/// The list `x` times a matrix of so many columns, such as that of ``pca(_:outputDim:)``.
public func matmul(_ x: Feature, _ matrix: Feature, columns: Int) -> Feature {
  Feature.call("matmul", [x, matrix, .literal(columns)])
}

/// The list of a row filled up to `length` with `defaultValue`.
public func toDense(_ x: Feature, length: Int, defaultValue: Feature = 0) -> Feature {
  Feature.call("to_dense", [x, .literal(length), defaultValue])
}
