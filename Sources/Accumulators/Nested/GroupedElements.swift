public import ByteCoding
public import Columns

/// Another accumulator over the elements of lists, by cell; the grouped form of
/// ``ElementsAccumulator``.
public struct GroupedElements<States: GroupedAccumulator>: GroupedAccumulator {
  public typealias Parameters = ElementsParameters<States.Parameters>
  public typealias Single = ElementsAccumulator<States.Single>

  private let parameters: Parameters
  /// Those of the other accumulator.
  public private(set) var states: States

  public init(_ parameters: Parameters) {
    self.init(parameters, States(parameters.inner))
  }

  private init(_ parameters: Parameters, _ states: States) {
    self.parameters = parameters
    self.states = states
  }

  public var cellCount: Int { states.cellCount }

  public mutating func grow(to cellCount: Int) { states.grow(to: cellCount) }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    let elements = ListElements(inputs[0])
    states.add(
      elements.columns(inputs, parameters.hasPlaces, parameters.listCount),
      cells: elements.rows.map { cells[$0] }, uniform: uniform)
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedElements {
    GroupedElements(parameters, states.extract(cells))
  }

  public mutating func merge(_ other: GroupedElements, mapping: [UInt32]) {
    states.merge(other.states, mapping: mapping)
  }

  public func single(_ cell: Int) -> Single {
    ElementsAccumulator(parameters, states.single(cell))
  }

  public func output(_ cell: Int) -> Single.Output { states.output(cell) }

  public mutating func merge(single: Single, into cell: UInt32) {
    states.merge(single: single.state, into: cell)
  }

  public func encode(_ cell: Int, into writer: inout ByteWriter) {
    states.encode(cell, into: &writer)
  }

  public mutating func decode(
    _ parameters: Parameters, into cell: UInt32, from reader: inout ByteReader
  ) throws(ByteCodingError) {
    try states.decode(parameters.inner, into: cell, from: &reader)
  }

  public static var takesPlainStrings: Bool { States.takesPlainStrings }
  public static var canSpill: Bool { States.canSpill }

  public var spillableByteCount: Int { states.spillableByteCount }
  public var spilledByteCount: Int { states.spilledByteCount }
  public mutating func spill(to store: any SpillStore) { states.spill(to: store) }

  public var byteCount: Int { states.byteCount }

  public static func byteBound(_ parameters: Parameters, distinctCount: Int) -> Int {
    States.byteBound(parameters.inner, distinctCount: distinctCount)
  }
}
