import Expressions

extension Mapper {
  /// As TFT, for the text file format; labels, coverage and fingerprint shuffling are planned.
  static let computeAndApplyVocabulary = Mapper(
    "compute_and_apply_vocabulary",
    [
      .required("x"), .keyword("default_value", .integer(-1)), .keyword("top_k", .none),
      .keyword("frequency_threshold", .none), .keyword("num_oov_buckets", .integer(0)),
      .keyword("vocab_filename", .none), .keyword("weights", .none),
      .keyword("store_frequency", .bool(false)),
    ],
    "the position of x in the vocabulary of its column"
  ) { arguments in
    let x = arguments["x"]
    let shared = ["top_k", "frequency_threshold", "vocab_filename", "store_frequency", "weights"]
    let vocabulary = BoundArguments.call(
      "vocabulary", [x], shared.map { ($0, arguments[$0]) })
    return BoundArguments.call(
      "apply_vocabulary", [x, vocabulary],
      [
        ("default_value", arguments["default_value"]),
        ("num_oov_buckets", arguments["num_oov_buckets"]),
      ])
  }
}
