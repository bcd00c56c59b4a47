import Expressions

/// The mappers of TFT: functions of a row, some of which need the constants of analyzers.
public enum MapperCatalog {
  /// Those that expand to analyzers and row functions.
  public static let all: [Mapper] = [
    .scaleToZScore, .scaleByMinMax, .scaleTo01, .scaleToGaussian,
    .scaleToZScorePerKey, .scaleByMinMaxPerKey, .scaleTo01PerKey,
    .bucketize, .bucketizePerKey, .computeAndApplyVocabulary,
    .computeAndApplyApproximateVocabulary, .bagOfWords, .deduplicatePerRow, .wordCount,
    .tfidf, .tfidfIndices, .documentFrequency, .idf, .estimatedProbabilityDensity,
    .sparseTensorToDense,
  ]

  /// The mapper called `name`, or `nil`.
  public static func mapper(named name: String) -> Mapper? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The names of TFT; supported ones first.
  ///
  /// Row functions that are no function of TFT are in `RowFunctionCatalog`.
  public static let entries: [CatalogEntry] =
    all.map { entry($0.signature, $0.summary) }
    + [
      "apply_buckets", "apply_buckets_with_interpolation", "apply_vocabulary", "hash_strings",
      "ngrams", "one_hot",
    ]
    .compactMap { RowFunctionCatalog.function(named: $0) }
    .map { entry($0.signature, $0.summary) } + planned

  private static func entry(_ signature: FunctionSignature, _ summary: String) -> CatalogEntry {
    CatalogEntry(
      name: signature.name, signature: signature.description, summary: summary,
      status: .supported)
  }

  private static let planned: [CatalogEntry] = [
    .planned("sparse_tensor_left_align", "a row holds a list, which has no gaps"),
    .planned("segment_indices", "a row holds a list; places(x) counts its elements"),
    .planned(
      "get_num_buckets_for_transformed_feature", "schema.pbtxt says it, for TFT to read"),
    .planned(
      "apply_pyfunc",
      "runs Python, which no server does; write a row function or mapper in Swift"),
    .planned("make_and_track_object", "owns TensorFlow objects; export the model beside the graph"),
    .planned("annotate_asset", "vocab_filename names the assets"),
    .planned("annotate_sparse_output_shape", "the types of the outputs are in the schema"),
    .planned("annotate_true_sparse_output", "the types of the outputs are in the schema"),
    .planned("get_vocabulary_size_by_name", "TFTransformOutput.vocabulary_size_by_name reads it"),
    .planned("get_analyze_input_columns", "limno explain shows the inputs"),
    .planned("get_transform_input_columns", "graph.json lists the inputs"),
  ]
}
