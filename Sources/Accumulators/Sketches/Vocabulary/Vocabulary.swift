/// Tokens with their exact counts and weights, heaviest first.
public struct Vocabulary: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    /// The bytes of the token, normally UTF-8; an integer in decimal.
    public var token: [UInt8]
    public var count: Int64
    /// The exact sum of the weights of its rows, rounded once; the count when there are none.
    public var weight: Double

    /// The token as text, ill-formed bytes replaced.
    public var text: String { String(decoding: token, as: UTF8.self) }
  }

  /// By weight descending, ties by token bytes descending (TFT's order).
  public var entries: [Entry]

  /// The first `count` entries.
  public func top(_ count: Int) -> ArraySlice<Entry> { entries.prefix(count) }
}

/// Vocabularies have no parameters.
public struct VocabularyParameters: Hashable, Sendable {
  public init() {}
}
