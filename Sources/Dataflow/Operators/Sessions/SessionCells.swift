import Accumulators
import Columns

/// The accumulator states of one grouping of sessions: a cell an item and group.
struct SessionCells {
  private struct Member {
    var group: UInt32
    var cell: UInt32
  }

  private struct ItemGroup: Hashable {
    var item: Int32
    var group: UInt32
  }

  let keyColumns: [Int]
  private var states: [any GroupedAccumulator]
  private var table: GroupTable
  private var pool = CellPool()
  /// The cells of each item of the session table.
  private var members: [[Member]] = []
  /// Where the member of an item and a group is; for items of several members.
  private var places: [ItemGroup: Int32] = [:]
  /// So many members of an item are looked through one by one.
  private static let fewMembers = 8

  init(keyColumns: [Int], states: [any GroupedAccumulator]) {
    self.keyColumns = keyColumns
    self.states = states
    table = GroupTable(length: keyColumns.count)
  }

  /// Adds each row to the cell of its item and group, or to the discard cell if it has no item.
  ///
  /// - Parameters:
  ///   - items: The item of each row.
  ///   - keys: The columns of the group's key.
  ///   - itemCount: Items are below it.
  ///   - inputs: What each accumulator reads.
  mutating func add(_ items: [Int32], _ keys: [Column], itemCount: Int, inputs: [[Column]]) {
    let groups = table.assign(keys, rowCount: items.count)
    if members.count < itemCount {
      members.append(contentsOf: repeatElement([], count: itemCount - members.count))
    }
    var cells = [UInt32](repeating: 0, count: items.count)
    for row in items.indices where items[row] != SessionTable.none {
      cells[row] = cell(items[row], groups[row])
    }
    for (index, columns) in inputs.enumerated() {
      if states[index].cellCount < pool.count { states[index].grow(to: pool.count) }
      states[index].add(columns, cells: cells, uniform: nil)
    }
  }

  private mutating func cell(_ item: Int32, _ group: UInt32) -> UInt32 {
    let count = members[Int(item)].count
    if count <= Self.fewMembers {
      for place in 0..<count where members[Int(item)][place].group == group {
        return members[Int(item)][place].cell
      }
    } else if let place = places[ItemGroup(item: item, group: group)] {
      return members[Int(item)][Int(place)].cell
    }
    let cell = pool.take()
    members[Int(item)].append(Member(group: group, cell: cell))
    if count == Self.fewMembers {
      for (place, member) in members[Int(item)].enumerated() {
        places[ItemGroup(item: item, group: member.group)] = Int32(place)
      }
    } else if count > Self.fewMembers {
      places[ItemGroup(item: item, group: group)] = Int32(count)
    }
    return cell
  }

  /// Whether nothing was added to `item`.
  func isEmpty(_ item: Int32) -> Bool { Int(item) >= members.count || members[Int(item)].isEmpty }

  /// Takes out what was added to `item`.
  mutating func take(_ item: Int32) -> GroupedStates {
    var taken: [Member] = []
    if Int(item) < members.count { swap(&taken, &members[Int(item)]) }
    if taken.count > Self.fewMembers {
      for member in taken { places[ItemGroup(item: item, group: member.group)] = nil }
    }
    taken.sort { table.isOrdered($0.group, before: $1.group) }
    let cells = taken.map(\.cell)
    let extracted = states.indices.map { states[$0].extractAny(cells) }
    pool.free.append(contentsOf: cells)
    return GroupedStates(keys: table.keys(of: taken.map(\.group)), states: extracted)
  }

  var byteCount: Int { states.reduce(0) { $0 + $1.byteCount } }

  var spillableByteCount: Int { states.spillableByteCount }

  mutating func spill(to store: any SpillStore) { states.spill(to: store) }
}
