public import Columns

/// Another accumulator over the elements of lists, by cell; the grouped form of
/// ``ElementsAccumulator``.
public struct GroupedElements<States: GroupedAccumulator>: GroupedAccumulator {
  public typealias Parameters = ElementsParameters<States.Parameters>
  public typealias Single = ElementsAccumulator<States.Single>

  private let parameters: Parameters
  private var states: States

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
      elements.columns(inputs, hasPlaces: parameters.hasPlaces),
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

  public var byteCount: Int { states.byteCount }

  public static func byteBound(_ parameters: Parameters, distinctCount: Int) -> Int {
    States.byteBound(parameters.inner, distinctCount: distinctCount)
  }
}
