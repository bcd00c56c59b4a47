/// Every row function, in the order of the documentation.
public enum RowFunctionCatalog {
  public static let all: [RowFunction] = [
    .add, .subtract, .multiply, .divide, .modulo, .negate,
    .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .between,
    .and, .or, .not, .whereFunction, .fillMissing, .isMissing, .isNaN,
    .log, .log1p, .exp, .sqrt, .abs, .floor, .ceil, .round, .sigmoid, .tanh,
    .minimum, .maximum, .clip, .pow,
    .int, .float, .float32, .bool, .string,
    .lower, .upper, .strip, .substr, .split, .join, .concat, .length,
    .oneHot, .hashStrings, .applyZScore, .applyMinMax, .applyBuckets, .applyVocabulary,
    .applyBucketsWithInterpolation, .applyGaussian, .valueOfKey, .applyBucketsPerKey,
    .ngrams, .sort, .termFrequencies, .gather, .places, .stack, .matmul, .toDense,
    .year, .month, .dayOfMonth, .dayOfYear, .minuteOfHour, .secondOfMinute,
    .hourOfDay, .dayOfWeek, .logLoss, .squaredError, .categoricalLogLoss, .topKHits,
    .classLabel, .classOf, .distinct, .bootstrapSamples, .jackknifePart,
    .sampleOrder,
    .cosineSimilarity, .element, .rankOf, .rankedIndex, .rankedValue, .onnx, .savedModel,
    .bleuCounts, .rouge, .setMatch, .boxLabels, .boxScores, .boxCounts, .maskCounts,
    .interleave,
  ]

  /// The names of ``all``.
  public static var names: [String] { all.map(\.name) }

  /// The function called `name`, or `nil`.
  public static func function(named name: String) -> RowFunction? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
