public import ByteCoding
public import Columns

/// Another accumulator by cell and key; the grouped form of ``KeyedAccumulator``.
///
/// Each pair of a cell and a key has a cell of the other accumulator, which runs once a batch for
/// all of them. What is taken out is used again.
public struct GroupedKeyed<States: GroupedAccumulator>: GroupedAccumulator {
  public typealias Parameters = States.Parameters
  public typealias Single = KeyedAccumulator<States.Single>

  private let parameters: Parameters
  private var keys = TokenIDs()
  private var states: States
  /// The cell of `states` for each key id, 0 for none; shape `[cells][keys]`, as far as needed.
  private var places: [[UInt32]] = []
  /// Empty cells of `states` that nothing refers to.
  private var free: [UInt32] = []

  public init(_ parameters: Parameters) {
    self.parameters = parameters
    states = States(parameters)
    states.grow(to: 1)
  }

  public var cellCount: Int { places.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > places.count else { return }
    places.append(contentsOf: repeatElement([], count: cellCount - places.count))
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    if uniform == 0 { return }
    let column = TokenColumn(inputs[0])
    precondition(column.offsets == nil, "a key is no list")
    let ids = keys.ids(of: column)
    var targets = [UInt32](repeating: 0, count: cells.count)
    for row in 0..<cells.count where cells[row] != 0 && column.validity.isPresent(row) {
      targets[row] = place(Int(cells[row]), ids[row])
    }
    states.add(Array(inputs.dropFirst()), cells: targets, uniform: nil)
  }

  /// The cell of `states` for a key in a cell, a new one if there is none.
  private mutating func place(_ cell: Int, _ id: UInt32) -> UInt32 {
    if Int(id) < places[cell].count {
      let held = places[cell][Int(id)]
      if held != 0 { return held }
    } else {
      let missing = Int(id) + 1 - places[cell].count
      places[cell].append(contentsOf: repeatElement(0, count: missing))
    }
    let new = free.popLast() ?? UInt32(states.cellCount)
    states.grow(to: Int(new) + 1)
    places[cell][Int(id)] = new
    return new
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedKeyed {
    var result = GroupedKeyed(parameters)
    var isUsed = [Bool](repeating: false, count: keys.count)
    var taken: [UInt32] = []
    for cell in cells {
      for (id, place) in places[Int(cell)].enumerated() where place != 0 {
        isUsed[id] = true
        taken.append(place)
      }
    }
    let ids = result.keys.ids(of: keys, where: isUsed)
    result.states = states.extract(taken)
    result.grow(to: cells.count + 1)
    var next: UInt32 = 1
    for (index, cell) in cells.enumerated() {
      var row = [UInt32](repeating: 0, count: result.keys.count)
      for (id, place) in places[Int(cell)].enumerated() where place != 0 {
        row[Int(ids[id])] = next
        next += 1
      }
      result.places[index + 1] = row
      places[Int(cell)] = []
    }
    free += taken
    return result
  }

  public mutating func merge(_ other: GroupedKeyed, mapping: [UInt32]) {
    var isUsed = [Bool](repeating: false, count: other.keys.count)
    for row in other.places {
      for (id, place) in row.enumerated() where place != 0 { isUsed[id] = true }
    }
    let ids = keys.ids(of: other.keys, where: isUsed)
    var targets = [UInt32](repeating: 0, count: other.states.cellCount)
    for cell in other.places.indices.dropFirst() where mapping[cell] != 0 {
      for (id, place) in other.places[cell].enumerated() where place != 0 {
        targets[Int(place)] = self.place(Int(mapping[cell]), ids[id])
      }
    }
    states.merge(other.states, mapping: targets)
  }

  public func single(_ cell: Int) -> Single {
    var singles: [[UInt8]: States.Single] = [:]
    for (id, place) in places[cell].enumerated() where place != 0 {
      singles[keys.bytes(UInt32(id))] = states.single(Int(place))
    }
    return KeyedAccumulator(parameters, singles)
  }

  public func output(_ cell: Int) -> [Single.Entry] {
    var entries: [Single.Entry] = []
    for (id, place) in places[cell].enumerated() where place != 0 {
      entries.append(
        Single.Entry(key: keys.bytes(UInt32(id)), output: states.output(Int(place))))
    }
    return entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  public mutating func merge(single: Single, into cell: UInt32) {
    for (key, state) in single.states {
      let target = place(Int(cell), keys.id(of: key))
      states.merge(single: state, into: target)
    }
  }

  /// As ``KeyedAccumulator`` is encoded.
  public func encode(_ cell: Int, into writer: inout ByteWriter) {
    let held = places[cell].indices.filter { places[cell][$0] != 0 }
      .map { (key: keys.bytes(UInt32($0)), place: Int(places[cell][$0])) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    writer.append(FormatVersion.current)
    writer.append(varint: UInt64(held.count))
    for (key, place) in held {
      writer.append(lengthPrefixed: key)
      states.encode(place, into: &writer)
    }
  }

  public mutating func decode(
    _ parameters: Parameters, into cell: UInt32, from reader: inout ByteReader
  ) throws(ByteCodingError) {
    try FormatVersion.read(from: &reader)
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      let key = Array(try reader.readLengthPrefixed())
      let target = place(Int(cell), keys.id(of: key))
      try states.decode(parameters, into: target, from: &reader)
    }
  }

  public static var takesPlainStrings: Bool { States.takesPlainStrings }
  public static var canSpill: Bool { States.canSpill }

  public var spillableByteCount: Int { states.spillableByteCount }
  public var spilledByteCount: Int { states.spilledByteCount }
  public mutating func spill(to store: any SpillStore) { states.spill(to: store) }

  public var byteCount: Int {
    keys.byteCount + states.byteCount + places.reduce(0) { $0 + $1.capacity * 4 }
  }

  /// As many keys as distinct values, each with all of them; strings of 16 bytes are assumed.
  public static func byteBound(_ parameters: Parameters, distinctCount: Int) -> Int {
    distinctCount * (States.byteBound(parameters, distinctCount: 1) + 4 + 56 + 16)
  }
}
