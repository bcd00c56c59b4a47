/// Which rows of a column are present.
///
/// - Invariant: `words` is empty when every row is present; else bit `row % 64` of word `row / 64`
///   is set when the row is present, and bits past `count` are clear.
public struct Validity: Hashable, Sendable {
  public let count: Int
  public let missingCount: Int
  public let words: [UInt64]

  /// Every one of `count` rows is present.
  public init(allPresent count: Int) {
    self.count = count
    missingCount = 0
    words = []
  }

  /// The rows whose bit is set in `words`.
  public init(words: [UInt64], count: Int) {
    precondition(words.count == (count + 63) / 64, "\(words.count) words for \(count) rows")
    let present = words.reduce(0) { $0 + $1.nonzeroBitCount }
    self.count = count
    missingCount = count - present
    self.words = present == count ? [] : words
  }

  /// Row `row` is present when `isPresent[row]`.
  public init(_ isPresent: [Bool]) {
    var words = [UInt64](repeating: 0, count: (isPresent.count + 63) / 64)
    for (row, present) in isPresent.enumerated() where present {
      words[row >> 6] |= 1 << UInt64(row & 63)
    }
    self.init(words: words, count: isPresent.count)
  }

  public var allPresent: Bool { missingCount == 0 }

  @inlinable  // Called per row from kernels of other modules.
  public func isPresent(_ row: Int) -> Bool {
    missingCount == 0 || words[row >> 6] & (1 << UInt64(row & 63)) != 0
  }

  /// The rows present in both.
  public func intersection(_ other: Validity) -> Validity {
    precondition(count == other.count, "\(count) rows against \(other.count)")
    if allPresent { return other }
    if other.allPresent { return self }
    return Validity(words: zip(words, other.words).map { $0 & $1 }, count: count)
  }
}
