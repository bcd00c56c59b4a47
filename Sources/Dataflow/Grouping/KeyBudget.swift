/// How many keys of a grouping have cells of their own; the others share one, ``KeyValue/other``.
///
/// Keys are kept by the fingerprint of their value, the smallest first. A key that has lost its cell
/// does not get one again: as many as there is room for are smaller than it. So which keys have a
/// cell depends on the set of keys alone, however rows, workers and panes are divided, and nothing
/// of the others is lost.
public struct KeyBudget: Hashable, Sendable {
  public var count: Int
  /// Keys that come before all others, as texts by component.
  public var named: [[String]]

  public init(_ count: Int, named: [[String]] = []) {
    precondition(count > 0, "a budget of \(count) keys")
    self.count = count
    self.named = named
  }

  /// How many keys may have cells while rows are added: some more, so that seldom are cells put
  /// together.
  public var mostCells: Int { count + max(count / 4, 64) }

  /// Where the key stands; 0 for one that is named.
  func fingerprint(_ key: [KeyValue]) -> UInt64 {
    if named.contains(where: { zip(key, $0).allSatisfy { $0.matches($1) } }) { return 0 }
    return max(1, key.fingerprint)
  }

  /// The greatest fingerprint that has a cell among those of distinct keys.
  func limit(of fingerprints: [UInt64]) -> UInt64 {
    fingerprints.count > count ? fingerprints.sorted()[count - 1] : .max
  }
}

extension GroupedStates {
  /// The cells of keys beyond the budget put together.
  mutating func keepWithinBudget() {
    guard let budget, keys.count > budget.count else { return }
    var fingerprints = (0..<keys.count).map { budget.fingerprint(keys[$0]) }
    let hasOther = keys[keys.count - 1].contains(.other)
    if hasOther { fingerprints.removeLast() }
    let limit = budget.limit(of: fingerprints)
    guard limit < .max else { return }
    let other = [KeyValue](repeating: .other, count: keys.length)
    var index = -1
    var pruned = rolledUp { key in
      index += 1
      return [index < fingerprints.count && fingerprints[index] <= limit ? key : other]
    }
    pruned.budget = budget
    self = pruned
  }
}
