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
    let length = max(length, other.length)
    var merged: [KeyValue] = []
    merged.reserveCapacity((count + other.count) * length)
    var ours: [UInt32] = [0]
    var theirs: [UInt32] = [0]
    ours.reserveCapacity(count + 1)
    theirs.reserveCapacity(other.count + 1)
    var cell: UInt32 = 0
    var (one, two) = (0, 0)
    while one < count || two < other.count {
      let order = one == count ? 1 : two == other.count ? -1 : self.order(one, other, two)
      for position in 0..<length {
        merged.append(
          order <= 0 ? component(position, of: one) : other.component(position, of: two))
      }
      cell += 1
      if order <= 0 {
        ours.append(cell)
        one += 1
      }
      if order >= 0 {
        theirs.append(cell)
        two += 1
      }
    }
    return (KeyTable(sorted: merged, length: length, count: Int(cell)), ours, theirs)
  }

  /// Negative, 0 or positive, as key `one` stands before, equals or follows key `two` of `other`.
  private func order(_ one: Int, _ other: KeyTable, _ two: Int) -> Int {
    for position in 0..<length {
      let (mine, theirs) = (component(position, of: one), other.component(position, of: two))
      if mine != theirs { return mine.isOrdered(before: theirs) ? -1 : 1 }
    }
    return 0
  }
}
