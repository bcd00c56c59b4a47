/// Stems of English words, as Porter's algorithm with the changes that NLTK makes to it.
///
/// Words are small letters and digits, which count as consonants. Source: M. F. Porter, An algorithm
/// for suffix stripping, 1980; NLTK 3.9 `porter.py`, mode `NLTK_EXTENSIONS`, which rouge-score uses.
struct PorterStemmer {
  private var word: [UInt8]

  static func stem(_ word: String) -> String {
    if let known = irregular[word] { return known }
    if word.utf8.count <= 2 { return word }
    var stemmer = PorterStemmer(word: Array(word.utf8))
    stemmer.stripPlural()
    stemmer.stripPast()
    if stemmer.ends("y"), stemmer.word.count > 2, stemmer.isConsonant(stemmer.word.count - 2) {
      stemmer.replace(1, with: "i")
    }
    stemmer.joinSuffixes()
    stemmer.apply(thirdRules) { $0 > 0 }
    stemmer.stripLast()
    stemmer.tidy()
    return String(decoding: stemmer.word, as: UTF8.self)
  }

  private static let irregular = [
    "skies": "sky", "sky": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news",
    "innings": "inning", "inning": "inning", "outings": "outing", "outing": "outing",
    "cannings": "canning", "canning": "canning", "howe": "howe", "proceed": "proceed",
    "exceed": "exceed", "succeed": "succeed",
  ]

  private typealias Rule = (suffix: String, replacement: String)

  private static let secondRules: [Rule] = [
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"),
    ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"),
    ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"),
    ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
    ("fulli", "ful"),
  ]

  private static let thirdRules: [Rule] = [
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""),
    ("ness", ""),
  ]

  private static let fourthSuffixes = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
  ]

  // MARK: Steps

  /// Step 1a.
  private mutating func stripPlural() {
    if ends("ies") {
      replace(word.count == 4 ? 1 : 2, with: "")
    } else if ends("sses") {
      replace(2, with: "")
    } else if ends("s"), !ends("ss") {
      replace(1, with: "")
    }
  }

  /// Step 1b.
  private mutating func stripPast() {
    if ends("ied") {
      replace(word.count == 4 ? 1 : 2, with: "")
      return
    }
    if ends("eed") {
      if measure(dropping: 3) > 0 { replace(1, with: "") }
      return
    }
    guard let suffix = ["ed", "ing"].first(where: ends), hasVowel(dropping: suffix.utf8.count)
    else { return }
    replace(suffix.utf8.count, with: "")
    if ends("at") || ends("bl") || ends("iz") {
      replace(0, with: "e")
    } else if endsInDouble {
      if !["l", "s", "z"].contains(where: ends) { replace(1, with: "") }
    } else if measure(dropping: 0) == 1, endsShort(dropping: 0) {
      replace(0, with: "e")
    }
  }

  /// Step 2.
  private mutating func joinSuffixes() {
    // Once more for what is left of -alli.
    while ends("alli"), measure(dropping: 4) > 0 { replace(2, with: "") }
    if Self.secondRules.contains(where: { ends($0.suffix) }) {
      apply(Self.secondRules) { $0 > 0 }
    } else if ends("logi"), measure(dropping: 3) > 0 {
      replace(1, with: "")
    }
  }

  /// Step 4.
  private mutating func stripLast() {
    guard let suffix = Self.fourthSuffixes.first(where: ends) else { return }
    let length = suffix.utf8.count
    guard measure(dropping: length) > 1 else { return }
    if suffix == "ion", ![0x73, 0x74].contains(word[word.count - length - 1]) { return }
    replace(length, with: "")
  }

  /// Step 5.
  private mutating func tidy() {
    if ends("e") {
      let measure = measure(dropping: 1)
      if measure > 1 || (measure == 1 && !endsShort(dropping: 1)) { replace(1, with: "") }
    }
    if ends("ll"), measure(dropping: 1) > 1 { replace(1, with: "") }
  }

  /// The first rule whose suffix the word has is the only one that may apply.
  private mutating func apply(_ rules: [Rule], where isLong: (Int) -> Bool) {
    guard let rule = rules.first(where: { ends($0.suffix) }) else { return }
    let length = rule.suffix.utf8.count
    if isLong(measure(dropping: length)) { replace(length, with: rule.replacement) }
  }

  // MARK: Words

  private func ends(_ suffix: String) -> Bool {
    word.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }

  private mutating func replace(_ count: Int, with replacement: String) {
    word.removeLast(count)
    word += replacement.utf8
  }

  /// A y is one unless it follows another.
  private func isConsonant(_ index: Int) -> Bool {
    var isConsonant = false
    for letter in word[...index] {
      switch letter {
      case 0x61, 0x65, 0x69, 0x6F, 0x75: isConsonant = false
      case 0x79: isConsonant.toggle()
      default: isConsonant = true
      }
    }
    return isConsonant
  }

  /// How often a consonant follows a vowel before the last `count` letters.
  private func measure(dropping count: Int) -> Int {
    (0..<max(0, word.count - count)).dropFirst().count { isConsonant($0) && !isConsonant($0 - 1) }
  }

  private func hasVowel(dropping count: Int) -> Bool {
    (0..<(word.count - count)).contains { !isConsonant($0) }
  }

  private var endsInDouble: Bool {
    word.count >= 2 && word[word.count - 1] == word[word.count - 2] && isConsonant(word.count - 1)
  }

  /// Consonant, vowel, consonant other than w, x and y; or, of two letters, vowel and consonant.
  private func endsShort(dropping count: Int) -> Bool {
    let end = word.count - count
    if end == 2 { return !isConsonant(0) && isConsonant(1) }
    return end >= 3 && isConsonant(end - 3) && !isConsonant(end - 2) && isConsonant(end - 1)
      && ![0x77, 0x78, 0x79].contains(word[end - 1])
  }
}
