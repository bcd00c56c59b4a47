import Columns

/// Dense ids for the grouping keys one worker has seen, `0, 1, 2, …` in order of first appearance.
///
/// Ids live as long as the worker, across windows, and hang on its dictionaries; a key leaves the
/// worker only by value.
///
/// - Complexity: `assign` is O(rows × components); `ordered` merges the groups that are new since
///   it was last asked.
struct GroupTable {
  /// From it on, ids stand for groups beyond a budget, in the order of ``KeyBudget/otherIndex(_:)``.
  static let firstOther = UInt32.max - UInt32(KeyBudget.otherCount)

  private var components: [KeyInterner]
  private var combiners: [PairTable]
  /// The components of the keys, by id, end to end; shape `[groups × length]`.
  private var parts: [KeyValue] = []
  /// By group; empty without a budget.
  private(set) var fingerprints: [UInt64] = []
  /// Where each group goes beyond the budget; parallel to `fingerprints`.
  private(set) var otherIndices: [UInt8] = []
  private let budget: KeyBudget?
  private let length: Int
  private var sorted: [UInt32] = []
  private var ranking: [UInt32] = []

  /// - Parameters:
  ///   - length: How many components a key has; 0 for the one group of all rows.
  ///   - budget: By what keys have fingerprints, if they need them.
  init(length: Int, budget: KeyBudget? = nil) {
    self.budget = budget
    components = (0..<length).map { _ in KeyInterner() }
    combiners = (0..<max(0, length - 1)).map { _ in PairTable() }
    self.length = length
    if length == 0 {
      count = 1
      sorted = [0]
    }
  }

  /// How many groups there are.
  private(set) var count = 0

  /// The keys of `groups`, which are in canonical order.
  func keys(of groups: [UInt32]) -> KeyTable {
    var components: [KeyValue] = []
    components.reserveCapacity(groups.count * length)
    for group in groups {
      if group >= Self.firstOther, let budget {
        components += budget.otherKey(Int(group - Self.firstOther), length: length)
        continue
      }
      let start = Int(group) * length
      for position in start..<start + length { components.append(parts[position]) }
    }
    return KeyTable(sorted: components, length: length, count: groups.count)
  }

  /// The group of each row; shape `[rows]`.
  mutating func assign(_ columns: [Column], rowCount: Int) -> [UInt32] {
    guard let first = columns.first else { return [UInt32](repeating: 0, count: rowCount) }
    var groups = components[0].assign(first)
    var groupCount = components[0].count
    for index in columns.indices.dropFirst() {
      let next = components[index].assign(columns[index])
      combiners[index - 1].combine(
        &groups, below: groupCount, with: next, below: components[index].count)
      groupCount = combiners[index - 1].count
    }
    describeNewGroups()
    return groups
  }

  /// All groups in the canonical order of their keys.
  mutating func ordered() -> [UInt32] {
    guard sorted.count < count else { return sorted }
    // A closure over `self` would copy the table at each comparison.
    let keys = GroupKeys(parts: parts, length: length)
    let new = (UInt32(sorted.count)..<UInt32(count)).sorted { keys.isOrdered($0, before: $1) }
    if new.count < sorted.count / 16 {
      for group in new { sorted.insert(group, at: place(of: group)) }
      return sorted
    }
    var merged: [UInt32] = []
    merged.reserveCapacity(count)
    var next = new.startIndex
    for group in sorted {
      while next < new.endIndex, keys.isOrdered(new[next], before: group) {
        merged.append(new[next])
        next += 1
      }
      merged.append(group)
    }
    merged.append(contentsOf: new[next...])
    sorted = merged
    return sorted
  }

  /// `groups`, which are distinct, in the canonical order of their keys.
  mutating func ordered(_ groups: [UInt32]) -> [UInt32] {
    guard groups.count > 1 else { return groups }
    var isUsed = [Bool](repeating: false, count: count)
    for group in groups { isUsed[Int(group)] = true }
    // Each group is put down where the next one goes, and stays if it is used: which are, no
    // processor can guess.
    var result = [UInt32](repeating: 0, count: groups.count + 1)
    var place = 0
    for group in ordered() where place < groups.count {
      result[place] = group
      place += isUsed[Int(group)] ? 1 : 0
    }
    result.removeLast()
    return result
  }

  /// Where each group stands in the canonical order; shape `[count]`.
  mutating func ranks() -> [UInt32] {
    guard ranking.count < count else { return ranking }
    ranking = [UInt32](repeating: 0, count: count)
    for (rank, group) in ordered().enumerated() { ranking[Int(group)] = UInt32(rank) }
    return ranking
  }

  /// Where `group` belongs among the sorted ones.
  private func place(of group: UInt32) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if isOrdered(sorted[middle], before: group) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Whether the key of `first` stands before that of `second`.
  func isOrdered(_ first: UInt32, before second: UInt32) -> Bool {
    GroupKeys(parts: parts, length: length).isOrdered(first, before: second)
  }

  private mutating func describeNewGroups() {
    let known = combiners.last?.count ?? components[0].count
    while count < known {
      var group = UInt32(count)
      var key: [KeyValue] = []
      for index in combiners.indices.reversed() {
        let (rest, last) = combiners[index].parts(of: group)
        key.append(components[index + 1].value(last))
        group = rest
      }
      key.append(components[0].value(group))
      parts.append(contentsOf: key.reversed())
      if let budget {
        fingerprints.append(budget.fingerprint(key.reversed()))
        otherIndices.append(UInt8(budget.otherIndex(key.reversed())))
      }
      count += 1
    }
  }
}

/// The keys of groups, to be compared.
private struct GroupKeys {
  let parts: [KeyValue]
  let length: Int

  func isOrdered(_ first: UInt32, before second: UInt32) -> Bool {
    for position in 0..<length {
      let order = parts[Int(first) * length + position].order(
        to: parts[Int(second) * length + position])
      if order != 0 { return order < 0 }
    }
    return false
  }
}
