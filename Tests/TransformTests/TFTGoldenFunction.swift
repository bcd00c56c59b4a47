import Expressions

/// The preprocessing function of the golden files, as formulas.
enum TFTGoldenFunction {
  /// An analyzer's value in the golden file, and the formula that uses it.
  struct Constant: Sendable {
    var name: String
    /// The analyzer.
    var formula: String
    /// What makes it a constant of the graph; `$` stands for the analyzer.
    var use: String
    var isKeys = false

    init(_ name: String, _ formula: String, _ use: String = "fare - $") {
      self.name = name
      self.formula = formula
      self.use = use
    }

    /// The value as the golden file writes it.
    func texts(_ value: ConstantValue) -> [String] {
      switch value {
      case .int64(let value): ["\(value)"]
      case .float64(let value): ["\(value)"]
      case .floats(let values): values.map { "\($0)" }
      case .table(let table):
        name.hasSuffix("keys") ? table.keys.strings : table.values.map { "\(Int($0))" }
      default: []
      }
    }
  }

  static let imputedTip = "fill_missing(where(is_nan(tip), mean(tip), tip), mean(tip))"
  static let matrix = "stack(fare, temperature, passengers, \(imputedTip))"
  static let tokens = "split(comment)"
  static let ids =
    "compute_and_apply_vocabulary(\(tokens), top_k=100, num_oov_buckets=1, vocab_filename='tok_100')"
  static let cross = "concat(zone, fill_missing(payment_type, ''), separator='_X_')"

  static let numeric: [(name: String, formula: String)] = [
    ("fare_z", "scale_to_z_score(fare)"),
    ("fare_01", "scale_to_0_1(fare)"),
    ("fare_mm", "scale_by_min_max(fare, -1.0, 1.0)"),
    ("fare_gauss", "scale_to_gaussian(fare)"),
    ("pax_z", "scale_to_z_score(passengers)"),
    ("pax_01", "scale_to_0_1(passengers)"),
    ("fare_bucket", "bucketize(fare, 10)"),
    ("fare_bucket_eps", "bucketize(fare, 10, epsilon=1e-4)"),
    ("fare_bucket_w", "bucketize(fare, 10, weights=weight)"),
    ("fare_z_bucket", "bucketize(scale_to_z_score(fare), 5)"),
    (
      "temp_interp",
      "apply_buckets_with_interpolation(temperature, quantiles(temperature, 8, 0.01))"
    ),
    ("temp_applied", "apply_buckets(temperature, quantiles(temperature, 8, 0.01))"),
    ("miles_z", "scale_to_z_score(trip_miles)"),
    ("miles_01", "scale_to_0_1(trip_miles)"),
    ("miles_bucket", "bucketize(trip_miles, 4)"),
    ("tip_z", "scale_to_z_score(tip)"),
    ("tip_01", "scale_to_0_1(tip)"),
    ("tip_bucket", "bucketize(tip, 4)"),
    ("tip_imputed_z", "scale_to_z_score(\(imputedTip))"),
    ("fare_z_by_zone", "scale_to_z_score_per_key(fare, zone)"),
    ("fare_01_by_zone", "scale_to_0_1_per_key(fare, zone)"),
    ("fare_mm_by_zone", "scale_by_min_max_per_key(fare, zone, -1.0, 1.0)"),
    ("fare_bucket_by_zone", "bucketize_per_key(fare, zone, 4)"),
    (
      "fare_z_by_zone_file",
      "scale_to_z_score_per_key(fare, zone, key_vocabulary_filename='zone_zscore_keys')"
    ),
    ("pca", "matmul(\(matrix), pca(\(matrix), 2), 2)"),
    ("m_z_elementwise", "scale_to_z_score(\(matrix), elementwise=True)"),
    ("m_z_all", "scale_to_z_score(\(matrix))"),
    ("fare_density", "estimated_probability_density(fare, boundaries=20)"),
    ("zone_density", "estimated_probability_density(zone, categorical=True)"),
  ]

  static let textual: [(name: String, formula: String)] = [
    ("pay_id", "compute_and_apply_vocabulary(payment_type, vocab_filename='pay_all')"),
    (
      "zone_top10",
      "compute_and_apply_vocabulary(zone, top_k=10, num_oov_buckets=3, vocab_filename='zone_top10')"
    ),
    (
      "driver_id",
      "compute_and_apply_vocabulary(driver, top_k=1000, frequency_threshold=3, "
        + "num_oov_buckets=5, vocab_filename='driver_1000')"
    ),
    (
      "company",
      "compute_and_apply_vocabulary(company_id, top_k=200, default_value=-1, "
        + "vocab_filename='company_200')"
    ),
    (
      "ngram_id",
      "compute_and_apply_vocabulary(ngrams(\(tokens), [1, 2], ' '), top_k=500, "
        + "vocab_filename='ngrams_500')"
    ),
    (
      "bow_id",
      "compute_and_apply_vocabulary(bag_of_words(\(tokens), [1, 2], ' '), top_k=50, "
        + "vocab_filename='bow_50')"
    ),
    ("word_count", "word_count(\(tokens))"),
    ("tfidf_idx", "tfidf_indices(\(ids), 101)"),
    ("tfidf_w", "tfidf(\(ids), 101)"),
    ("tfidf_w_nosmooth", "tfidf(\(ids), 101, smooth=False)"),
    ("idf", "idf(\(ids), 101)"),
    ("df", "document_frequency(\(ids), 101)"),
    ("tok_dedup", "deduplicate_tensor_per_row(\(ids))"),
    ("driver_hash", "hash_strings(driver, 1000)"),
    ("driver_shash", "hash_strings(driver, 1000, key=[123, 456])"),
    ("cross_hash", "hash_strings(\(cross), 64)"),
    (
      "cross_id",
      "compute_and_apply_vocabulary(\(cross), top_k=50, num_oov_buckets=1, "
        + "vocab_filename='cross_50')"
    ),
  ]

  /// Vocabularies that no output of the golden function reads.
  static let vocabularies: [(name: String, formula: String)] = [
    ("zone_freq", "zone, store_frequency=True"),
    ("zone_weighted", "zone, store_frequency=True, weights=weight"),
    ("zone_mi", "zone, store_frequency=True, labels=label"),
    ("zone_ami", "zone, store_frequency=True, labels=label, use_adjusted_mutual_info=True"),
    ("zone_mi_mindiff", "zone, store_frequency=True, labels=label, min_diff_from_avg=100"),
    ("zone_mi_weighted", "zone, store_frequency=True, labels=label, weights=weight"),
    ("zone_shuffle", "zone, fingerprint_shuffle=True"),
    (
      "zone_coverage",
      "zone, top_k=5, coverage_top_k=2, key_fn='substr(token, -1, 1)', store_frequency=True"
    ),
    ("zone_reserved", "zone, reserved_tokens=['<pad>', '<unk>'], top_k=5"),
    ("driver_gz", "driver, top_k=100, file_format='tfrecord_gzip', store_frequency=True"),
    ("bow_df", "bag_of_words(\(tokens), [1, 2], ' '), top_k=50, store_frequency=True"),
  ]

  static let constants: [Constant] =
    ["fare": "fare", "pax": "passengers", "miles_sparse": "trip_miles", "tip_nan_sparse": "tip"]
    .sorted { $0.key < $1.key }.flatMap { name, column in
      ["min", "max", "sum", "mean", "var", "size"].map {
        Constant("\(name)_\($0)", "\($0)(\(column))")
      }
    } + [
      Constant("tip_finite_mean", "mean(tip)"),
      Constant("temp_quantiles8_eps.01", "quantiles(temperature, 8, 0.01)", "gather($, label)"),
      Constant("fare_quantiles10_eps1e-4", "quantiles(fare, 10, 1e-4)", "gather($, label)"),
      Constant("fare_quantiles10_eps.001", "quantiles(fare, 10, 0.001)", "gather($, label)"),
      Constant(
        "fare_quantiles10_weighted_eps.001", "quantiles(fare, 10, 0.001, weights=weight)",
        "gather($, label)"),
      Constant("fare_tukey_location", "tukey_location(fare)"),
      Constant("fare_tukey_scale", "tukey_scale(fare)"),
      Constant("zone_count_keys", "count_per_key(zone)", "value_of_key(zone, $)"),
      Constant("zone_count_vals", "count_per_key(zone)", "value_of_key(zone, $)"),
      Constant("zone_hist_keys", "histogram(zone, categorical=True)", "value_of_key(zone, $)"),
      Constant("zone_hist_counts", "histogram(zone, categorical=True)", "value_of_key(zone, $)"),
      Constant("fare_hist_counts", "histogram(fare, 10)", "gather($, label)"),
      Constant("fare_hist_bounds", "histogram_boundaries(fare, 10)", "gather($, label)"),
      Constant("fare_hist3_counts", "histogram(fare, [5.0, 10.0, 20.0])", "gather($, label)"),
      Constant(
        "fare_hist3_bounds", "histogram_boundaries(fare, [5.0, 10.0, 20.0])",
        "gather($, label)"),
      Constant("cov4", "covariance(\(matrix))", "gather($, label)"),
      Constant("pca4x2", "pca(\(matrix), 2)", "gather($, label)"),
      Constant(
        "m_elem_mean", "mean(\(matrix), reduce_instance_dims=False)", "gather($, label)"),
      Constant("m_elem_var", "var(\(matrix), reduce_instance_dims=False)", "gather($, label)"),
    ]

  static let all =
    numeric + textual
    + vocabularies.map {
      (
        $0.name,
        "hash_strings(string(apply_vocabulary(zone, vocabulary(\($0.formula), "
          + "vocab_filename='\($0.name)'))), 7)"
      )
    }
    + constants.map {
      ("const " + $0.name, $0.use.replacing("$", with: $0.formula))
    }
}
