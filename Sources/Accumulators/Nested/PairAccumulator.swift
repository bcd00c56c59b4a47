public import ByteCoding
public import Columns

/// Two accumulators side by side and how many of the inputs the first one reads.
public struct PairParameters<First: Hashable & Sendable, Second: Hashable & Sendable>: Hashable,
  Sendable
{
  public var first: First
  public var second: Second
  public var firstCount: Int

  public init(_ first: First, _ second: Second, firstCount: Int) {
    self.first = first
    self.second = second
    self.firstCount = firstCount
  }
}

/// Two accumulators as one, for a statistic that reads both.
///
/// Inputs: those of the first, then those of the second.
public struct PairAccumulator<First: Accumulator, Second: Accumulator>: Accumulator {
  public typealias Parameters = PairParameters<First.Parameters, Second.Parameters>

  /// What both gave.
  public struct Output: Sendable {
    public var first: First.Output
    public var second: Second.Output
  }

  private let parameters: Parameters
  var first: First
  var second: Second

  public init(_ parameters: Parameters) {
    self.init(parameters, First(parameters.first), Second(parameters.second))
  }

  init(_ parameters: Parameters, _ first: First, _ second: Second) {
    self.parameters = parameters
    self.first = first
    self.second = second
  }

  public mutating func add(_ inputs: [Column]) {
    first.add(Array(inputs.prefix(parameters.firstCount)))
    second.add(Array(inputs.dropFirst(parameters.firstCount)))
  }

  public mutating func merge(_ other: PairAccumulator) {
    first.merge(other.first)
    second.merge(other.second)
  }

  public func output() -> Output { Output(first: first.output(), second: second.output()) }

  /// Appends the canonical form of the first, then that of the second.
  public func encode(into writer: inout ByteWriter) {
    first.encode(into: &writer)
    second.encode(into: &writer)
  }

  public static func decode(
    _ parameters: Parameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> PairAccumulator {
    let first = try First.decode(parameters.first, from: &reader)
    return PairAccumulator(
      parameters, first, try Second.decode(parameters.second, from: &reader))
  }
}

/// Two accumulators as one, by cell; the grouped form of ``PairAccumulator``.
public struct GroupedPair<First: GroupedAccumulator, Second: GroupedAccumulator>:
  GroupedAccumulator
{
  public typealias Parameters = PairParameters<First.Parameters, Second.Parameters>
  public typealias Single = PairAccumulator<First.Single, Second.Single>

  private let parameters: Parameters
  private var first: First
  private var second: Second

  public init(_ parameters: Parameters) {
    self.init(parameters, First(parameters.first), Second(parameters.second))
  }

  private init(_ parameters: Parameters, _ first: First, _ second: Second) {
    self.parameters = parameters
    self.first = first
    self.second = second
  }

  public var cellCount: Int { first.cellCount }

  public mutating func grow(to cellCount: Int) {
    first.grow(to: cellCount)
    second.grow(to: cellCount)
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    first.add(Array(inputs.prefix(parameters.firstCount)), cells: cells, uniform: uniform)
    second.add(Array(inputs.dropFirst(parameters.firstCount)), cells: cells, uniform: uniform)
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedPair {
    GroupedPair(parameters, first.extract(cells), second.extract(cells))
  }

  public mutating func merge(_ other: GroupedPair, mapping: [UInt32]) {
    first.merge(other.first, mapping: mapping)
    second.merge(other.second, mapping: mapping)
  }

  public func single(_ cell: Int) -> Single {
    PairAccumulator(parameters, first.single(cell), second.single(cell))
  }

  public func output(_ cell: Int) -> Single.Output {
    Single.Output(first: first.output(cell), second: second.output(cell))
  }

  public mutating func merge(single: Single, into cell: UInt32) {
    first.merge(single: single.first, into: cell)
    second.merge(single: single.second, into: cell)
  }

  public func encode(_ cell: Int, into writer: inout ByteWriter) {
    first.encode(cell, into: &writer)
    second.encode(cell, into: &writer)
  }

  public mutating func decode(
    _ parameters: Parameters, into cell: UInt32, from reader: inout ByteReader
  ) throws(ByteCodingError) {
    try first.decode(parameters.first, into: cell, from: &reader)
    try second.decode(parameters.second, into: cell, from: &reader)
  }

  public static var takesPlainStrings: Bool {
    First.takesPlainStrings && Second.takesPlainStrings
  }

  public static var canSpill: Bool { First.canSpill || Second.canSpill }

  public var spillableByteCount: Int { first.spillableByteCount + second.spillableByteCount }
  public var spilledByteCount: Int { first.spilledByteCount + second.spilledByteCount }

  public mutating func spill(to store: any SpillStore) {
    first.spill(to: store)
    second.spill(to: store)
  }

  public var byteCount: Int { first.byteCount + second.byteCount }

  public static func byteBound(_ parameters: Parameters, distinctCount: Int) -> Int {
    First.byteBound(parameters.first, distinctCount: distinctCount)
      + Second.byteBound(parameters.second, distinctCount: distinctCount)
  }
}
