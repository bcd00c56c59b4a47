/// Tokens with their exact counts and weights, heaviest first.
///
/// What was put away on disk stays there until it is asked for.
public struct Vocabulary: Sendable {
  public struct Entry: Hashable, Sendable {
    /// The bytes of the token, normally UTF-8; an integer in decimal.
    public var token: [UInt8]
    public var count: Int64
    /// The exact sum of the weights of its rows, rounded once; the count when there are none.
    public var weight: Double

    /// The token as text, ill-formed bytes replaced.
    public var text: String { String(decoding: token, as: UTF8.self) }

    public init(token: [UInt8], count: Int64, weight: Double) {
      self.token = token
      self.count = count
      self.weight = weight
    }

    /// By weight descending, ties by token bytes descending (TFT's order).
    public static func isOrdered(_ one: Entry, before two: Entry) -> Bool {
      one.weight != two.weight
        ? one.weight > two.weight : two.token.lexicographicallyPrecedes(one.token)
    }
  }

  fileprivate enum Content {
    /// Heaviest first.
    case ranked([Entry])
    case runs([TokenRun])
  }

  fileprivate let content: Content

  /// Without a token.
  public init() { content = .ranked([]) }

  /// `entries` are heaviest first.
  init(ranked entries: [Entry]) { content = .ranked(entries) }

  init(_ runs: [TokenRun]) { content = .runs(runs) }

  /// All of them, heaviest first, ties by bytes descending.
  public var entries: [Entry] {
    if case .ranked(let entries) = content { entries } else { heaviest() }
  }

  /// The first `count` entries.
  public func top(_ count: Int) -> ArraySlice<Entry> { heaviest(count)[...] }

  /// The first `count` entries of those that weigh at least `least` and that `isKept` keeps.
  ///
  /// - Complexity: Memory for two times `count` entries and a block of each run.
  public func heaviest(
    _ count: Int = .max, atLeast least: Double = -.infinity,
    where isKept: (Entry) -> Bool = { _ in true }
  ) -> [Entry] {
    switch content {
    case .ranked(let entries):
      var kept: [Entry] = []
      for entry in entries {
        if kept.count == count || entry.weight < least { break }
        if isKept(entry) { kept.append(entry) }
      }
      return kept
    case .runs:
      var kept = HeaviestEntries(count, atLeast: least)
      forEach { if isKept($0) { kept.add($0) } }
      return kept.entries
    }
  }

  /// Calls `body` with every entry, in no order that is told.
  public func forEach<Failure: Error>(_ body: (Entry) throws(Failure) -> Void) throws(Failure) {
    switch content {
    case .ranked(let entries): for entry in entries { try body(entry) }
    case .runs(let runs):
      for (token, totals) in TokenMerge(runs) {
        try body(Entry(token: Array(token), count: totals.count, weight: totals.weight))
      }
    }
  }
}

/// Vocabularies have no parameters.
public struct VocabularyParameters: Hashable, Sendable {
  public init() {}
}

extension Vocabulary {
  /// Calls `body` with each token that one of `vocabularies` has, ascending by bytes, and what each
  /// of them says of it.
  public static func forEachToken(
    of vocabularies: [Vocabulary], _ body: (_ token: [UInt8], _ entries: [Entry?]) -> Void
  ) {
    var cursors = vocabularies.map { EntryCursor($0) }
    while let token = cursors.compactMap(\.entry?.token).min(by: {
      $0.lexicographicallyPrecedes($1)
    }) {
      var entries: [Entry?] = []
      for index in cursors.indices {
        let isNext = cursors[index].entry?.token == token
        entries.append(isNext ? cursors[index].entry : nil)
        if isNext { cursors[index].advance() }
      }
      body(token, entries)
    }
  }
}

/// The entries of a vocabulary ascending by bytes.
private struct EntryCursor {
  private enum Rest {
    case sorted(ArraySlice<Vocabulary.Entry>)
    case runs(TokenMerge)
  }

  private var rest: Rest
  private(set) var entry: Vocabulary.Entry?

  init(_ vocabulary: Vocabulary) {
    switch vocabulary.content {
    case .ranked(let entries):
      rest = .sorted(entries.sorted { $0.token.lexicographicallyPrecedes($1.token) }[...])
    case .runs(let runs): rest = .runs(TokenMerge(runs))
    }
    advance()
  }

  mutating func advance() {
    switch rest {
    case .sorted(var entries):
      entry = entries.popFirst()
      rest = .sorted(entries)
    case .runs(var merge):
      rest = .sorted([])
      entry = merge.next().map { token, totals in
        Vocabulary.Entry(token: Array(token), count: totals.count, weight: totals.weight)
      }
      rest = .runs(merge)
    }
  }
}
