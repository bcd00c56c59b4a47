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
    let (union, ours, theirs) = keys.union(other.keys)
    if union.count > keys.count {
      for index in states.indices {
        var grown = states[index].emptyCopy()
        grown.grow(to: union.count + 1)
        grown.mergeAny(states[index], mapping: ours)
        states[index] = grown
      }
      keys = union
    }
    for index in states.indices { states[index].mergeAny(other.states[index], mapping: theirs) }
  }
}

extension KeyTable {
  /// Both tables as one, and the cell there of each cell here and of each cell of `other`.
  func union(_ other: KeyTable) -> (KeyTable, ours: [UInt32], theirs: [UInt32]) {
    var merged: [[KeyValue]] = []
    merged.reserveCapacity(count + other.count)
    var ours: [UInt32] = [0]
    var theirs: [UInt32] = [0]
    var one = 0
    var two = 0
    while one < count || two < other.count {
      let takesOne =
        two == other.count
        || (one < count && !KeyTable.isOrdered(other[two], before: self[one]))
      let takesTwo =
        one == count
        || (two < other.count && !KeyTable.isOrdered(self[one], before: other[two]))
      merged.append(takesOne ? self[one] : other[two])
      if takesOne {
        ours.append(UInt32(merged.count))
        one += 1
      }
      if takesTwo {
        theirs.append(UInt32(merged.count))
        two += 1
      }
    }
    return (KeyTable(sorted: merged), ours, theirs)
  }
}
