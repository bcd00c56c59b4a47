public import Accumulators
public import ByteCoding

extension PaneContent {
  /// Appends the canonical form: equal contents of a stage give equal bytes.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | format version, 1 |
  /// | varint | groupings |
  /// | each | keys, varint accumulators, then for each of these its cells in order of the keys |
  public func encode(into writer: inout ByteWriter) {
    writer.append(UInt8(1))
    writer.append(varint: UInt64(groupings.count))
    for grouping in groupings {
      grouping.keys.encode(into: &writer)
      writer.append(varint: UInt64(grouping.states.count))
      for states in grouping.states { states.encodeCells(into: &writer) }
    }
  }

  /// The content of a pane of `stage` from what ``encode(into:)`` wrote.
  ///
  /// - Throws: `ByteCodingError` if the bytes are not that.
  public static func decode(
    _ stage: Stage, from reader: inout ByteReader
  ) throws(ByteCodingError) -> PaneContent {
    let version = try reader.readByte()
    guard version == 1 else { throw ByteCodingError("content format \(version)", at: 0) }
    let count = try reader.readVarint()
    guard count == UInt64(stage.groupings.count) else {
      throw ByteCodingError("\(count) groupings, not \(stage.groupings.count)", at: reader.offset)
    }
    var groupings: [GroupedStates] = []
    for (index, grouping) in stage.groupings.enumerated() {
      groupings.append(try states(stage, length: grouping.count, from: &reader))
      groupings[index].budget = stage.keyBudgets[index]
    }
    guard reader.isAtEnd else { throw ByteCodingError("more than a content", at: reader.offset) }
    return PaneContent(groupings: groupings)
  }

  private static func states(
    _ stage: Stage, length: Int, from reader: inout ByteReader
  ) throws(ByteCodingError) -> GroupedStates {
    let offset = reader.offset
    let keys = try KeyTable.decode(from: &reader)
    let count = try reader.readVarint()
    guard keys.length == length || keys.count == 0, count == UInt64(stage.accumulators.count) else {
      throw ByteCodingError(
        "keys of \(keys.length) components and \(count) accumulators, "
          + "not \(length) and \(stage.accumulators.count)", at: offset)
    }
    var states: [any GroupedAccumulator] = []
    for use in stage.accumulators {
      states.append(try use.plan.decodeStates(count: keys.count, from: &reader))
    }
    return GroupedStates(keys: keys, states: states)
  }

  /// Bytes held by the states, in memory.
  public var byteCount: Int {
    groupings.reduce(0) { $0 + $1.states.reduce(0) { $0 + $1.byteCount } }
  }

  /// Those of them that ``spill(to:)`` would put away.
  public var spillableByteCount: Int { groupings.reduce(0) { $0 + $1.states.spillableByteCount } }

  /// Bytes that were put away.
  public var spilledByteCount: Int { groupings.reduce(0) { $0 + $1.states.spilledByteCount } }

  /// Puts away what states can have outside of memory.
  public mutating func spill(to store: any SpillStore) {
    for index in groupings.indices { groupings[index].states.spill(to: store) }
  }
}
