import Columns

extension RowFunction {
  /// Source: sacrebleu `metrics/bleu.py`: of several references the n-grams of all count, each as
  /// often as in the one that has most of it, and the length nearest to that of the text.
  static let bleuCounts = RowFunction(
    "bleu_counts",
    [
      .required("reference"), .required("text"), .keyword("lowercase", .bool(false)),
      .keyword("tokenize", .string("13a")),
    ],
    "what BLEU sums: n-grams that match, for n of 1 to 4, all n-grams, words, and words of the "
      + "reference", isElementwise: false
  ) { site in
    _ = try site.type(0, "a string or a list of strings", where: References.isReference)
    _ = try site.string(1)
    let tokenize = try site.text("tokenize")
    guard tokenize == "13a" || tokenize == "none" else {
      throw site.fail("'tokenize' must be '13a' or 'none'")
    }
    let lowercase = try site.constant("lowercase", "a bool") { value in
      if case .bool(let value) = value { value } else { nil }
    }
    return CompiledCall(
      type: .list(.float64), inputs: [0, 1],
      kernel: BLEUKernel(lowercase: lowercase, isTokenized: tokenize == "none"))
  }
}

struct BLEUKernel: RowKernel {
  static let orders = 4
  static let width = 2 * orders + 2

  let lowercase: Bool
  /// Whether words are what lies between spaces.
  let isTokenized: Bool

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let references = References(inputs[0])
    let texts = inputs[1].texts()
    let validity = inputs.commonValidity(rowCount)
    var counts = [Double](repeating: 0, count: rowCount * Self.width)
    for row in 0..<rowCount where validity.isPresent(row) {
      let found = self.counts(texts[row] ?? "", references[row])
      for (index, count) in found.enumerated() { counts[row * Self.width + index] = count }
    }
    return ListColumn.numbers(counts, width: Self.width, validity: validity)
  }

  private func words(_ text: String) -> [String] {
    let text = lowercase ? text.lowercased() : text
    return isTokenized ? WordTokens.words(text) : WordTokens.mteval(text)
  }

  private func counts(_ text: String, _ references: [String]) -> [Double] {
    let words = words(text)
    var known: [[String]: Int] = [:]
    var length = 0
    for (index, reference) in references.enumerated() {
      let theirs = self.words(reference)
      for (gram, count) in Self.grams(theirs) { known[gram] = max(known[gram] ?? 0, count) }
      // The shorter of two that are as near.
      let (new, old) = (abs(theirs.count - words.count), abs(length - words.count))
      if index == 0 || (new, theirs.count) < (old, length) { length = theirs.count }
    }
    var counts = [Double](repeating: 0, count: Self.width)
    for (gram, count) in Self.grams(words) {
      counts[gram.count - 1] += Double(min(count, known[gram] ?? 0))
      counts[Self.orders + gram.count - 1] += Double(count)
    }
    counts[2 * Self.orders] = Double(words.count)
    counts[2 * Self.orders + 1] = Double(length)
    return counts
  }

  private static func grams(_ words: [String]) -> [[String]: Int] {
    var grams: [[String]: Int] = [:]
    for order in 1...orders where order <= words.count {
      for start in 0...(words.count - order) {
        grams[Array(words[start..<start + order]), default: 0] += 1
      }
    }
    return grams
  }
}
