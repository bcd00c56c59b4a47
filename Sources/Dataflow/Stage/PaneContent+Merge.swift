import Accumulators

extension PaneContent {
  /// Adds the cells of `other`, a pane of the same stage, key by key.
  public mutating func merge(_ other: PaneContent) {
    for index in groupings.indices { groupings[index].merge(other.groupings[index]) }
  }

  /// The sum of the contents that are there, or `nil` if none is.
  public static func merged(_ contents: [PaneContent?]) -> PaneContent? {
    var rest = contents.compactMap { $0 }
    guard !rest.isEmpty else { return nil }
    var sum = rest.removeFirst()
    for content in rest { sum.merge(content) }
    return sum
  }
}

extension GroupedStates {
  mutating func merge(_ other: GroupedStates) {
    let (table, union) = keys.union(other.keys)
    states.merge(other.states, union, ownCount: keys.count)
    keys = table
    keepWithinBudget()
  }
}

extension KeyTable {
  /// Both tables as one.
  func union(_ other: KeyTable) -> (KeyTable, KeyUnion) {
    let length = max(length, other.length)
    var merged: [KeyValue] = []
    merged.reserveCapacity((count + other.count) * length)
    let union = KeyUnion(count, other.count, order: { order($0, other, $1) }) { ours, theirs in
      for position in 0..<length {
        merged.append(
          ours.map { component(position, of: $0) } ?? other.component(position, of: theirs))
      }
    }
    return (KeyTable(sorted: merged, length: length, count: union.count), union)
  }

  /// Negative, 0 or positive, as key `one` stands before, equals or follows key `two` of `other`.
  private func order(_ one: Int, _ other: KeyTable, _ two: Int) -> Int {
    for position in 0..<length {
      let order = component(position, of: one).order(to: other.component(position, of: two))
      if order != 0 { return order }
    }
    return 0
  }
}
