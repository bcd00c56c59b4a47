/// How texts are cut into words.
enum WordTokens {
  /// The words of mteval-v13a, as WMT and sacrebleu cut them: punctuation stands alone, but for a
  /// period or comma between digits and a dash not after one.
  ///
  /// Source: sacrebleu `tokenizer_13a.py`, `tokenizer_re.py`; the rules are applied one after the
  /// other to the whole text, each from left to right without overlap.
  static func mteval(_ text: String) -> [String] {
    var scalars = Array(text.unicodeScalars)
    while let last = scalars.last, isSpace(last) { scalars.removeLast() }
    scalars = replacing("<skipped>", with: "", in: scalars)
    scalars = replacing("-\n", with: "", in: scalars)
    scalars = replacing("\n", with: " ", in: scalars)
    for (entity, character) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
      scalars = replacing(entity, with: character, in: scalars)
    }
    scalars = [" "] + scalars + [" "]
    scalars = scalars.flatMap { isSymbol($0) ? [" ", $0, " "] : [$0] }
    scalars = pairs(scalars, { !isDigit($0) && isStop($1) }) { [$0, " ", $1, " "] }
    scalars = pairs(scalars, { isStop($0) && !isDigit($1) }) { [" ", $0, " ", $1] }
    scalars = pairs(scalars, { isDigit($0) && $1 == "-" }) { [$0, " ", $1, " "] }
    return words(scalars)
  }

  /// What lies between spaces.
  static func words(_ text: String) -> [String] { words(Array(text.unicodeScalars)) }

  /// Runs of the letters a to z and digits, in small letters, as rouge-score cuts them.
  static func letters(_ text: String) -> [String] {
    text.lowercased().utf8.split { !(97...122).contains($0) && !(48...57).contains($0) }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private static func words(_ scalars: [Unicode.Scalar]) -> [String] {
    scalars.split(whereSeparator: isSpace).map { part in
      var word = String.UnicodeScalarView()
      word.append(contentsOf: part)
      return String(word)
    }
  }

  /// Replaces neighbours that `matches` holds for, from left to right, none twice.
  private static func pairs(
    _ scalars: [Unicode.Scalar], _ matches: (Unicode.Scalar, Unicode.Scalar) -> Bool,
    _ replacement: (Unicode.Scalar, Unicode.Scalar) -> [Unicode.Scalar]
  ) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(scalars.count + 16)
    var index = 0
    while index < scalars.count {
      if index + 1 < scalars.count, matches(scalars[index], scalars[index + 1]) {
        result += replacement(scalars[index], scalars[index + 1])
        index += 2
      } else {
        result.append(scalars[index])
        index += 1
      }
    }
    return result
  }

  private static func replacing(
    _ wanted: String, with replacement: String, in scalars: [Unicode.Scalar]
  ) -> [Unicode.Scalar] {
    let wanted = Array(wanted.unicodeScalars)
    guard scalars.contains(wanted[0]) else { return scalars }
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < scalars.count {
      if scalars[index...].starts(with: wanted) {
        result += Array(replacement.unicodeScalars)
        index += wanted.count
      } else {
        result.append(scalars[index])
        index += 1
      }
    }
    return result
  }

  /// Python's `str.isspace`.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    (0x1C...0x1F).contains(scalar.value) || scalar.properties.isWhitespace
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    (48...57).contains(scalar.value)
  }

  private static func isStop(_ scalar: Unicode.Scalar) -> Bool { scalar == "." || scalar == "," }

  /// `{-~`, `[-` + "`" + `, ` -&`, `(-+`, `:-@` and `/`.
  private static func isSymbol(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x7B...0x7E, 0x5B...0x60, 0x20...0x26, 0x28...0x2B, 0x3A...0x40, 0x2F: true
    default: false
    }
  }
}
