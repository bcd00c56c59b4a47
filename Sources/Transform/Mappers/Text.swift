import Expressions

/// Mappers of lists of tokens, and of lists of their ids.
extension Mapper {
  static let bagOfWords = Mapper(
    "bag_of_words", [.required("tokens"), .required("ngram_range"), .required("separator")],
    "the distinct ngrams of a list, in order of first appearance"
  ) { arguments in
    let grams = BoundArguments.call(
      "ngrams", [arguments["tokens"], arguments["ngram_range"], arguments["separator"]])
    return BoundArguments.call("distinct", [grams])
  }

  static let deduplicatePerRow = Mapper(
    "deduplicate_tensor_per_row", [.required("x")],
    "the distinct values of a list, in order of first appearance"
  ) { BoundArguments.call("distinct", [$0["x"]]) }

  static let wordCount = Mapper(
    "word_count", [.required("tokens")], "how many tokens a list has"
  ) { BoundArguments.call("length", [$0["tokens"]]) }

  /// TFT's `tfidf` gives both; here each is a function of its own.
  static let tfidfIndices = Mapper(
    "tfidf_indices", [.required("x"), .required("vocab_size")],
    "the distinct ids of a list, modulo vocab_size, ascending: those that tfidf weighs"
  ) { try terms($0) }

  static let tfidf = Mapper(
    "tfidf", [.required("x"), .required("vocab_size"), .optional("smooth", .bool(true))],
    "term frequency × inverse document frequency of each of tfidf_indices(x, vocab_size)"
  ) { arguments in
    let ids = BoundArguments.call("modulo", [arguments["x"], arguments["vocab_size"]])
    return BoundArguments.call(
      "multiply",
      [
        BoundArguments.call("term_frequencies", [ids]),
        BoundArguments.call(
          "gather", [inverse(arguments, [("smooth", arguments["smooth"])]), try terms(arguments)]),
      ])
  }

  static let documentFrequency = Mapper(
    "document_frequency", [.required("x"), .required("vocab_size")],
    "of each id of a list, how many rows hold it"
  ) { arguments in
    let size = try arguments.integer("vocab_size")
    let counts = BoundArguments.call(
      "document_frequencies", [arguments["x"], .integer(size)])
    let ids = BoundArguments.call("modulo", [arguments["x"], .integer(size)])
    return BoundArguments.call("int", [BoundArguments.call("gather", [counts, ids])])
  }

  static let idf = Mapper(
    "idf",
    [
      .required("x"), .required("vocab_size"), .optional("smooth", .bool(true)),
      .optional("add_baseline", .bool(true)),
    ],
    "the inverse document frequency of each id of a list"
  ) { arguments in
    let size = try arguments.integer("vocab_size")
    let ids = BoundArguments.call("modulo", [arguments["x"], .integer(size)])
    let values = inverse(
      arguments,
      [("smooth", arguments["smooth"]), ("add_baseline", arguments["add_baseline"])])
    return BoundArguments.call("gather", [values, ids])
  }

  private static func terms(_ arguments: BoundArguments) throws(ExpressionError) -> Expression {
    let size = try arguments.integer("vocab_size")
    let ids = BoundArguments.call("modulo", [arguments["x"], .integer(size)])
    return BoundArguments.call("sort", [BoundArguments.call("distinct", [ids])])
  }

  private static func inverse(
    _ arguments: BoundArguments, _ options: [(String, Expression)]
  ) -> Expression {
    BoundArguments.call(
      "inverse_document_frequencies", [arguments["x"], arguments["vocab_size"]], options)
  }
}
