import Expressions

/// The mappers of TFT: functions of a row, some of which need the constants of analyzers.
public enum MapperCatalog {
  /// Those that expand to analyzers and row functions.
  public static let all: [Mapper] = [
    .scaleToZScore, .scaleTo01, .scaleByMinMax, .bucketize, .computeAndApplyVocabulary,
  ]

  /// The mapper called `name`, or `nil`.
  public static func mapper(named name: String) -> Mapper? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The names of TFT; supported ones first. Row functions that are no function of TFT are in
  /// `RowFunctionCatalog`.
  public static let entries: [CatalogEntry] =
    all.map { entry($0.signature, $0.summary) }
    + ["apply_buckets", "apply_vocabulary", "hash_strings", "one_hot"]
    .compactMap { RowFunctionCatalog.function(named: $0) }
    .map { entry($0.signature, $0.summary) } + planned

  private static func entry(_ signature: FunctionSignature, _ summary: String) -> CatalogEntry {
    CatalogEntry(
      name: signature.name, signature: signature.description, summary: summary,
      status: .supported)
  }

  private static let planned: [CatalogEntry] = [
    .planned("scale_to_z_score_per_key", "needs constants by key"),
    .planned("scale_by_min_max_per_key", "needs constants by key"),
    .planned("scale_to_0_1_per_key", "needs constants by key"),
    .planned("bucketize_per_key", "needs constants by key"),
    .planned("scale_to_gaussian", "needs L-moments"),
    .planned("apply_buckets_with_interpolation", "not written yet"),
    .planned("ngrams", "not written yet"),
    .planned("bag_of_words", "not written yet"),
    .planned("deduplicate_tensor_per_row", "not written yet"),
    .planned("word_count", "use length(split(x))"),
    .planned("tfidf", "needs document frequencies"),
    .planned("document_frequency", "needs document frequencies"),
    .planned("idf", "needs document frequencies"),
    .planned("estimated_probability_density", "needs histogram"),
    .planned("compute_and_apply_approximate_vocabulary", "vocabularies are exact"),
    .planned("sparse_tensor_to_dense_with_shape", "use fill_missing(x, value)"),
    .planned("sparse_tensor_left_align", "rows hold lists, which have no gaps"),
    .planned("segment_indices", "rows hold lists"),
    .planned("get_num_buckets_for_transformed_feature", "the output's type says it"),
    .planned("apply_pyfunc", "runs user-written Python"),
    .planned("make_and_track_object", "owns TensorFlow objects"),
    .planned("annotate_asset", "assets are named by vocab_filename"),
    .planned("get_analyze_input_columns", "see the graph's inputs"),
    .planned("get_transform_input_columns", "see the graph's inputs"),
  ]
}
