import Accumulators

/// What one worker holds for a slot, by its own group ids: a ``PaneContent`` before it has keys.
struct SliceContent {
  /// The cells of one grouping: cell `i + 1` of every state belongs to `groups[i]`.
  struct Cells {
    /// In the canonical order of their keys; from ``GroupTable/firstOther`` on last.
    var groups: [UInt32]
    var states: [any GroupedAccumulator]
  }

  /// Parallel to the groupings of the stage.
  var groupings: [Cells]

  var byteCount: Int {
    groupings.reduce(0) { $0 + $1.states.reduce(4 * $1.groups.count) { $0 + $1.byteCount } }
  }

  var spillableByteCount: Int { groupings.reduce(0) { $0 + $1.states.spillableByteCount } }

  mutating func spill(to store: any SpillStore) {
    for index in groupings.indices { groupings[index].states.spill(to: store) }
  }

  /// Adds the cells of `other`; `ranks` says by grouping where each group stands in the order.
  mutating func merge(_ other: SliceContent, ranks: [[UInt32]]) {
    for index in groupings.indices {
      groupings[index].merge(other.groupings[index], ranks: ranks[index])
    }
  }
}

extension SliceContent.Cells {
  fileprivate mutating func merge(_ other: SliceContent.Cells, ranks: [UInt32]) {
    let (one, two) = (groups, other.groups)
    var merged: [UInt32] = []
    merged.reserveCapacity(one.count + two.count)
    let union = KeyUnion(
      one.count, two.count,
      order: { Self.rank(one[$0], ranks) - Self.rank(two[$1], ranks) },
      append: { merged.append($0.map { one[$0] } ?? two[$1]) })
    states.merge(other.states, union, ownCount: one.count)
    groups = merged
  }

  private static func rank(_ group: UInt32, _ ranks: [UInt32]) -> Int {
    group >= GroupTable.firstOther ? Int(group) + Int(UInt32.max) : Int(ranks[Int(group)])
  }
}

extension [any GroupedAccumulator] {
  var spillableByteCount: Int { reduce(0) { $0 + $1.spillableByteCount } }
  var spilledByteCount: Int { reduce(0) { $0 + $1.spilledByteCount } }

  mutating func spill(to store: any SpillStore) {
    for index in indices { self[index].spill(to: store) }
  }

  /// Adds the cells of `other`, whose keys and ours are those of `union`.
  mutating func merge(_ other: [any GroupedAccumulator], _ union: KeyUnion, ownCount: Int) {
    for index in indices {
      if union.count > ownCount {
        var grown = self[index].emptyCopy()
        grown.grow(to: union.count + 1)
        grown.mergeAny(self[index], mapping: union.ours)
        self[index] = grown
      }
      self[index].mergeAny(other[index], mapping: union.theirs)
    }
  }
}
