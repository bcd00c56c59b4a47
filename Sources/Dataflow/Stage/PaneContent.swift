public import Accumulators

/// What a window holds when a pane fires, merged over workers.
public struct PaneContent: Sendable {
  /// Parallel to the groupings of the stage.
  public var groupings: [GroupedStates]

  public init(groupings: [GroupedStates]) { self.groupings = groupings }
}

/// The cells of one grouping: cell `i + 1` of every state belongs to key `i`.
public struct GroupedStates: Sendable {
  /// Distinct keys in canonical order; shape `[cells − 1]`, each of the grouping's length.
  public var keys: KeyTable
  /// Parallel to the stage's accumulators.
  public var states: [any GroupedAccumulator]
  /// How many of the keys may have cells of their own, if not all.
  var budget: KeyBudget?

  public init(keys: KeyTable, states: [any GroupedAccumulator]) {
    self.keys = keys
    self.states = states
  }

  /// The states of accumulator `index` as the type the stage asked for.
  public func states<State: GroupedAccumulator>(_ index: Int, as _: State.Type) -> State {
    guard let states = states[index] as? State else {
      preconditionFailure("accumulator \(index) is \(type(of: states[index])), not \(State.self)")
    }
    return states
  }

  /// Moves the states of accumulator `index` out of all cells.
  public mutating func take(_ index: Int) -> any GroupedAccumulator {
    let taken = states[index].extractAny((0..<UInt32(keys.count)).map { $0 + 1 })
    // New ones: those emptied would keep their dictionaries.
    states[index] = states[index].emptyCopy()
    states[index].grow(to: keys.count + 1)
    return taken
  }

  /// Adds `more`, whose cells belong to the same keys, to accumulator `index`.
  public mutating func add(_ more: any GroupedAccumulator, to index: Int) {
    states[index].mergeAny(more, mapping: (0...UInt32(keys.count)).map { $0 })
  }

  /// The cells summed into fewer: key `i` goes to every key that `coarser` returns for it.
  ///
  /// The result's keys are in canonical order. With `coarser` returning one empty key for all,
  /// this is the grand total.
  public func rolledUp(_ coarser: ([KeyValue]) -> [[KeyValue]]) -> GroupedStates {
    var builder = KeyTable.Builder()
    var targets: [[Int]] = []
    for index in 0..<keys.count {
      targets.append(coarser(keys[index]).map { builder.index(of: $0) })
    }
    let (table, order) = builder.finish()
    let depth = targets.reduce(0) { max($0, $1.count) }
    let mappings = (0..<depth).map { level in
      // Rows without a target at this level go to the discard cell.
      [0] + targets.map { $0.count > level ? UInt32(order[$0[level]] + 1) : 0 }
    }
    return rolledUp(to: table, mappings)
  }

  /// The cells summed by the components of their keys that stand at `positions`.
  public func rolledUp(keeping positions: [Int]) -> GroupedStates {
    var builder = KeyTable.Builder()
    var targets: [Int] = []
    targets.reserveCapacity(keys.count)
    // One for all: only what is new to the builder is kept, and so copied.
    var key: [KeyValue] = []
    for index in 0..<keys.count {
      key.removeAll(keepingCapacity: true)
      for position in positions { key.append(keys.component(position, of: index)) }
      targets.append(builder.index(of: key))
    }
    let (table, order) = builder.finish()
    return rolledUp(to: table, [[0] + targets.map { UInt32(order[$0] + 1) }])
  }

  /// The cells added to those of `table`, once for each mapping.
  private func rolledUp(to table: KeyTable, _ mappings: [[UInt32]]) -> GroupedStates {
    var rolled = states.map { state in
      var empty = state.emptyCopy()
      empty.grow(to: table.count + 1)
      return empty
    }
    for mapping in mappings {
      for index in rolled.indices { rolled[index].mergeAny(states[index], mapping: mapping) }
    }
    return GroupedStates(keys: table, states: rolled)
  }
}
