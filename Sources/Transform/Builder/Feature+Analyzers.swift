import Expressions

// The analyzers of TFT under their Swift names: statistics of all rows, the same in every row.

/// The mean of the finite values.
public func mean(_ x: Feature) -> Feature { Feature.call("mean", [x]) }

/// Their population variance.
public func variance(_ x: Feature) -> Feature { Feature.call("var", [x]) }

/// The least finite value.
public func minimum(_ x: Feature) -> Feature { Feature.call("min", [x]) }

/// The greatest finite value.
public func maximum(_ x: Feature) -> Feature { Feature.call("max", [x]) }

/// The exact sum, rounded once.
public func sum(_ x: Feature) -> Feature { Feature.call("sum", [x]) }

/// How many values are present.
public func size(_ x: Feature) -> Feature { Feature.call("size", [x]) }

/// The inner boundaries of buckets of equal weight, for ``applyBuckets(_:_:)``.
public func quantiles(
  _ x: Feature, numBuckets: Int, epsilon: Double = 0.01, weights: Feature? = nil
) -> Feature {
  Feature.call(
    "quantiles", [x, .literal(numBuckets)],
    ["epsilon": .number(epsilon), "weights": weights?.expression])
}

/// The tokens of a column, for ``applyVocabulary(_:_:defaultValue:numOOVBuckets:)``.
public func vocabulary(
  _ x: Feature, options: VocabularyOptions = VocabularyOptions()
) -> Feature { Feature.call("vocabulary", [x], options.arguments) }

/// How often each key comes, as a table for ``valueOfKey(_:_:index:)``.
public func countPerKey(_ key: Feature) -> Feature { Feature.call("count_per_key", [key]) }

/// Number `index` of the row's key in a table.
public func valueOfKey(_ key: Feature, _ table: Feature, index: Int = 0) -> Feature {
  Feature.call("value_of_key", [key, table, .literal(index)])
}

/// The directions of greatest variance of a column of lists, for ``matmul(_:_:columns:)``.
public func pca(_ x: Feature, outputDim: Int) -> Feature {
  Feature.call("pca", [x, .literal(outputDim)])
}

/// The population covariances of the components of a column of lists.
public func covariance(_ x: Feature) -> Feature { Feature.call("covariance", [x]) }
