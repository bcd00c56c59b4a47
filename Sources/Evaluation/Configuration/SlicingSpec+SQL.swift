extension SlicingSpec {
  /// The slices of `SELECT STRUCT(a, b) FROM example.a, example.b WHERE condition`; `nil` for a
  /// statement of another form.
  ///
  /// The condition is a feature of its own, called as our formula for it, that is true.
  init?(sql statement: String) {
    let words = statement.split(whereSeparator: \.isWhitespace).map(String.init)
    let text = words.joined(separator: " ")
    guard text.uppercased().hasPrefix("SELECT STRUCT("), let open = text.firstIndex(of: "("),
      let close = text.firstIndex(of: ")"),
      text[text.index(after: close)...].uppercased().hasPrefix(" FROM ")
    else { return nil }
    let features = text[text.index(after: open)..<close].split(separator: ",").map {
      String($0.drop { $0 == " " }.prefix { $0 != " " })
    }
    var tables = words.drop { $0.uppercased() != "FROM" }.dropFirst()
    var condition: [String] = []
    if let place = tables.firstIndex(where: { $0.uppercased() == "WHERE" }) {
      condition = Array(tables[(place + 1)...])
      tables = tables[..<place]
    }
    let known = tables.joined().split(separator: ",").compactMap { table in
      table.hasPrefix("example.") ? String(table.dropFirst("example.".count)) : nil
    }
    guard !features.isEmpty, features.allSatisfy(known.contains) else { return nil }
    self.init(features)
    guard !condition.isEmpty else { return }
    let operators = ["=": "==", "<>": "!=", "AND": "and", "OR": "or", "NOT": "not"]
    let formula = condition.map { operators[$0] ?? operators[$0.uppercased()] ?? $0 }
    featureValues = [FeatureValue(formula.joined(separator: " "), "true")]
  }
}
