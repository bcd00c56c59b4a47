/// A trigger laid out as an array of nodes in pre-order, so that its state is flat.
struct TriggerProgram: Hashable, Sendable {
  struct Node: Hashable, Sendable {
    var kind: Kind
    /// Indices of the sub-triggers.
    var children: [Int] = []
    /// The first index after this node and all below it.
    var end = 0
  }

  enum Kind: Hashable, Sendable {
    case `default`, endOfWindow, earlyAndLate(hasLate: Bool)
    case delay(Interval, Trigger.Alignment?, slot: Int)
    case count(Int, slot: Int)
    case all, any, each, repeatedly, orFinally, never, always
  }

  private(set) var nodes: [Node] = []
  private(set) var initialState = TriggerState(slots: [])

  /// - Precondition: `trigger` has at most 64 nodes, and its lists are not empty.
  init(_ trigger: Trigger) {
    append(trigger)
    precondition(nodes.count <= 64, "a trigger has at most 64 parts, not \(nodes.count)")
  }

  @discardableResult
  private mutating func append(_ trigger: Trigger) -> Int {
    let index = nodes.count
    nodes.append(Node(kind: .never))
    let (kind, parts) = expand(trigger)
    nodes[index].kind = kind
    for part in parts { nodes[index].children.append(append(part)) }
    nodes[index].end = nodes.count
    return index
  }

  private mutating func expand(_ trigger: Trigger) -> (Kind, [Trigger]) {
    switch trigger {
    case .default: return (.default, [])
    case .afterWatermark(nil, nil): return (.endOfWindow, [])
    case .afterWatermark(let early, let late):
      return (.earlyAndLate(hasLate: late != nil), [early ?? .never] + (late.map { [$0] } ?? []))
    case .afterProcessingTime(let delay, let alignment):
      return (.delay(delay, alignment, slot: addSlot(.fireAfter(nil))), [])
    case .afterCount(let count): return (.count(count, slot: addSlot(.rows(0))), [])
    case .afterAll(let parts): return (.all, checked(parts))
    case .afterAny(let parts): return (.any, checked(parts))
    case .afterEach(let parts): return (.each, checked(parts))
    case .repeatedly(let part): return (.repeatedly, [part])
    case .orFinally(let part, let until): return (.orFinally, [part, until])
    case .never: return (.never, [])
    case .always: return (.always, [])
    }
  }

  private func checked(_ parts: [Trigger]) -> [Trigger] {
    precondition(!parts.isEmpty, "afterAll, afterAny and afterEach need at least one trigger")
    return parts
  }

  private mutating func addSlot(_ slot: TriggerState.Slot) -> Int {
    initialState.slots.append(slot)
    return initialState.slots.count - 1
  }
}

/// What a trigger may look at: the window and both times.
struct TriggerContext {
  var isPastEnd: Bool
  var isMerging: Bool
  var processingTime: Timestamp
}
