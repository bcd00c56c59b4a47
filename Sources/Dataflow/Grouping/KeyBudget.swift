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
  /// How many samples of the rows are kept beside all of them.
  ///
  /// If any, the last component of a key
  /// is the number of its sample, from 0, and no part of what the budget counts.
  public var sampleCount: Int

  static let mostSamples = 31

  public init(_ count: Int, named: [[String]] = [], sampleCount: Int = 0) {
    precondition(count > 0, "a budget of \(count) keys")
    precondition(sampleCount <= Self.mostSamples, "\(sampleCount) samples")
    self.count = count
    self.named = named
    self.sampleCount = sampleCount
  }

  /// How many keys may have cells while rows are added: some more, so that seldom are cells put
  /// together.
  public var mostCells: Int { (count + max(count / 4, 64)) * (sampleCount + 1) }

  /// Where the key stands: 1 for one that is named; 0 for that of rows without one, which is no
  /// slice, has a cell all the same, and counts for nothing.
  func fingerprint(_ key: [KeyValue]) -> UInt64 {
    let key = sampleCount > 0 ? Array(key.dropLast()) : key
    if key == [.missing] { return 0 }
    if named.contains(where: { zip(key, $0).allSatisfy { $0.matches($1) } }) { return 1 }
    return max(2, key.fingerprint)
  }

  /// The greatest fingerprint that has a cell, among those of the keys.
  func limit(of fingerprints: [UInt64]) -> UInt64 {
    guard fingerprints.count > count else { return .max }
    var sorted = (sampleCount > 0 ? Array(Set(fingerprints)) : fingerprints).sorted()
    if sorted.first == 0 { sorted.removeFirst() }
    return sorted.count > count ? sorted[count - 1] : .max
  }

  /// Where a key goes that has no cell of its own; ascending as ``otherKey(_:length:)``.
  ///
  /// Rows that lack a component are in no slice, so their keys are not put to those of the others.
  func otherIndex(_ key: [KeyValue]) -> Int {
    var sample = 0
    if sampleCount > 0, case .int64(let number)? = key.last { sample = Int(number) }
    return key.contains(.missing) ? sample : Self.mostSamples + 1 + sample
  }

  static let otherCount = 2 * (mostSamples + 1)

  func otherKey(_ index: Int, length: Int) -> [KeyValue] {
    let count = sampleCount > 0 ? length - 1 : length
    var key = [KeyValue](repeating: .other, count: count)
    if index <= Self.mostSamples { key[count - 1] = .missing }
    return sampleCount > 0 ? key + [.int64(Int64(index % (Self.mostSamples + 1)))] : key
  }
}

extension GroupedStates {
  /// The cells of keys beyond the budget put together.
  mutating func keepWithinBudget() {
    guard let budget, keys.count > budget.count else { return }
    // Those of others come last.
    var count = keys.count
    while count > 0, keys.component(0, of: count - 1) == .other { count -= 1 }
    let fingerprints = (0..<count).map { budget.fingerprint(keys[$0]) }
    let limit = budget.limit(of: fingerprints)
    guard limit < .max else { return }
    let length = keys.length
    var index = -1
    var pruned = rolledUp { key in
      index += 1
      if index >= count || fingerprints[index] <= limit { return [key] }
      return [budget.otherKey(budget.otherIndex(key), length: length)]
    }
    pruned.budget = budget
    self = pruned
  }
}
