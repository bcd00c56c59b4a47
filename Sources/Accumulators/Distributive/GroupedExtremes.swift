public import Columns

/// Extremes by cell; the grouped form of ``ExtremesAccumulator``.
public struct GroupedExtremes: GroupedAccumulator {
  private typealias State = ExtremesAccumulator.State
  private let parameters: ExtremesParameters
  private var states: [State] = []

  public init(_ parameters: ExtremesParameters) { self.parameters = parameters }

  public var cellCount: Int { states.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > states.count else { return }
    states.append(contentsOf: repeatElement(State(), count: cellCount - states.count))
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    if let uniform {
      var single = ExtremesAccumulator(parameters)
      single.add(inputs)
      states[Int(uniform)].merge(single.state)
      return
    }
    switch NumericColumn(inputs[0]) {
    case .doubles(let values, let validity): add(values, validity, cells)
    case .integers(let values, let validity): add(values, validity, cells)
    }
  }

  private mutating func add(_ values: [Double], _ validity: Validity, _ cells: [UInt32]) {
    var states = states.mutableSpan
    for row in values.indices where validity.isPresent(row) && values[row].isFinite {
      let key = OrderedKey.key(values[row])
      let cell = Int(cells[row])
      states[cell].count += 1
      if key < states[cell].lowKey { states[cell].lowKey = key }
      if key > states[cell].highKey { states[cell].highKey = key }
    }
  }

  private mutating func add(_ values: [Int64], _ validity: Validity, _ cells: [UInt32]) {
    var states = states.mutableSpan
    for row in values.indices where validity.isPresent(row) {
      let cell = Int(cells[row])
      states[cell].count += 1
      if values[row] < states[cell].lowInteger { states[cell].lowInteger = values[row] }
      if values[row] > states[cell].highInteger { states[cell].highInteger = values[row] }
    }
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedExtremes {
    var result = GroupedExtremes(parameters)
    result.states = [State()] + cells.map { states[Int($0)] }
    for cell in cells { states[Int(cell)] = State() }
    return result
  }

  public mutating func merge(_ other: GroupedExtremes, mapping: [UInt32]) {
    for cell in other.states.indices.dropFirst() {
      states[Int(mapping[cell])].merge(other.states[cell])
    }
  }

  public func single(_ cell: Int) -> ExtremesAccumulator {
    var single = ExtremesAccumulator(parameters)
    single.state = states[cell]
    return single
  }

  public mutating func merge(single: ExtremesAccumulator, into cell: UInt32) {
    states[Int(cell)].merge(single.state)
  }

  public var byteCount: Int { states.capacity * MemoryLayout<State>.stride }

  public static func byteBound(_: ExtremesParameters, distinctCount: Int) -> Int { 40 }
}
