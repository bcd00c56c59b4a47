import Columns

extension RowFunction {
  /// Source: rouge-score `rouge_scorer.py`, whose stemmer is NLTK's for English; of several references the one of the
  /// greatest F counts.
  static let rouge = RowFunction(
    "rouge",
    [
      .required("reference"), .required("text"), .required("kind"),
      .keyword("use_stemmer", .bool(false)),
    ],
    "precision, recall and F of rouge1 … rouge9, rougeL, or rougeLsum, whose sentences are lines",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a string or a list of strings", where: References.isReference)
    _ = try site.string(1)
    guard let kind = RougeKind(try site.text("kind")) else {
      throw site.fail("'kind' must be rouge1 … rouge9, rougeL or rougeLsum")
    }
    let isStemmed = try site.constant("use_stemmer", "a bool") { value in
      if case .bool(let value) = value { value } else { nil }
    }
    return CompiledCall(
      type: .list(.float64), inputs: [0, 1], kernel: RougeKernel(kind: kind, isStemmed: isStemmed))
  }
}

package enum RougeKind: Hashable, Sendable {
  case grams(Int)
  case longestCommon
  case longestCommonOfLines

  package init?(_ name: String) {
    switch name {
    case "rougeL": self = .longestCommon
    case "rougeLsum": self = .longestCommonOfLines
    default:
      guard name.hasPrefix("rouge"), let order = Int(name.dropFirst(5)), (1...9).contains(order)
      else { return nil }
      self = .grams(order)
    }
  }
}

struct RougeKernel: RowKernel {
  let kind: RougeKind
  var isStemmed = false

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let references = References(inputs[0])
    let texts = inputs[1].texts()
    let validity = inputs.commonValidity(rowCount)
    var scores = [Double](repeating: 0, count: 3 * rowCount)
    for row in 0..<rowCount where validity.isPresent(row) {
      var best: [Double]?
      for reference in references[row] {
        let found = score(reference, texts[row] ?? "")
        if best.map({ found[2] > $0[2] }) ?? true { best = found }
      }
      for (index, value) in (best ?? [0, 0, 0]).enumerated() { scores[3 * row + index] = value }
    }
    return ListColumn.numbers(scores, width: 3, validity: validity)
  }

  private func score(_ reference: String, _ text: String) -> [Double] {
    switch kind {
    case .grams(let order):
      let wanted = Self.grams(words(reference), order)
      let found = Self.grams(words(text), order)
      let hits = wanted.reduce(0) { $0 + min($1.value, found[$1.key] ?? 0) }
      return Self.score(
        hits, of: found.values.reduce(0, +), and: wanted.values.reduce(0, +))
    case .longestCommon:
      let (wanted, found) = (words(reference), words(text))
      return Self.score(Self.common(wanted, found).count, of: found.count, and: wanted.count)
    case .longestCommonOfLines:
      let wanted = lines(reference)
      let found = lines(text)
      let words = (wanted.reduce(0) { $0 + $1.count }, found.reduce(0) { $0 + $1.count })
      return Self.score(Self.unionHits(wanted, found), of: words.1, and: words.0)
    }
  }

  private static func score(_ hits: Int, of found: Int, and wanted: Int) -> [Double] {
    let precision = Double(hits) / Double(max(1, found))
    let recall = Double(hits) / Double(max(1, wanted))
    let sum = precision + recall
    return [precision, recall, sum > 0 ? 2 * precision * recall / sum : 0]
  }

  private static func grams(_ words: [String], _ order: Int) -> [[String]: Int] {
    var grams: [[String]: Int] = [:]
    guard order <= words.count else { return grams }
    for start in 0...(words.count - order) {
      grams[Array(words[start..<start + order]), default: 0] += 1
    }
    return grams
  }

  private func lines(_ text: String) -> [[String]] {
    text.unicodeScalars.split(separator: "\n").map { words(String($0)) }
  }

  /// Short words keep their endings.
  private func words(_ text: String) -> [String] {
    let words = WordTokens.letters(text)
    return isStemmed
      ? words.map { $0.utf8.count > 3 ? PorterStemmer.stem($0) : $0 } : words
  }

  /// Where the words of a longest common subsequence stand in `one`: of several the one that
  /// rouge-score's way back through the table finds.
  private static func common(_ one: [String], _ two: [String]) -> [Int] {
    let width = two.count + 1
    var lengths = [Int32](repeating: 0, count: (one.count + 1) * width)
    for row in 0..<one.count {
      for column in 0..<two.count {
        let place = (row + 1) * width + column + 1
        lengths[place] =
          one[row] == two[column]
          ? lengths[place - width - 1] + 1 : max(lengths[place - width], lengths[place - 1])
      }
    }
    var (row, column) = (one.count, two.count)
    var places: [Int] = []
    while row > 0, column > 0 {
      if one[row - 1] == two[column - 1] {
        places.append(row - 1)
        (row, column) = (row - 1, column - 1)
      } else if lengths[row * width + column - 1] > lengths[(row - 1) * width + column] {
        column -= 1
      } else {
        row -= 1
      }
    }
    return places
  }

  /// Words of the union of what each line has in common with the lines of the text, none counted
  /// more often than it stands in either.
  private static func unionHits(_ wanted: [[String]], _ found: [[String]]) -> Int {
    var left: [String: (wanted: Int, found: Int)] = [:]
    for word in wanted.joined() { left[word, default: (0, 0)].wanted += 1 }
    for word in found.joined() { left[word, default: (0, 0)].found += 1 }
    var hits = 0
    for line in wanted {
      let places = found.reduce(into: Set<Int>()) { $0.formUnion(common(line, $1)) }
      for place in places.sorted() {
        guard let rest = left[line[place]], rest.wanted > 0, rest.found > 0 else { continue }
        left[line[place]] = (rest.wanted - 1, rest.found - 1)
        hits += 1
      }
    }
    return hits
  }
}
