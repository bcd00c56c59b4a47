public import ByteCoding
public import Columns

/// A partial aggregate of one cell that can be split across workers and merged in any order.
///
/// Laws, held bit for bit by `AccumulatorLaws`: `init` is the identity of `merge`; `merge` is
/// commutative and associative; adding two batches equals merging the accumulators of each;
/// `decode(encode(a)) == a`, and equal multisets of rows give equal encodings.
public protocol Accumulator: Sendable {
  associatedtype Parameters: Hashable & Sendable
  associatedtype Output: Sendable

  init(_ parameters: Parameters)
  /// Adds every row of `inputs`, columns of equal length. Called once per batch, never per row.
  mutating func add(_ inputs: [Column])
  mutating func merge(_ other: Self)
  func output() -> Output
  /// Appends the canonical form, which begins with a format version.
  func encode(into writer: inout ByteWriter)
  static func decode(
    _ parameters: Parameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> Self
}

/// The states of one accumulator for many cells at once, dense by cell id.
///
/// This is the form of the hot path; ``Accumulator`` is its readable twin and a law holds the two
/// equal. Cell 0 is the *discard cell*: rows that must not count are added to it, so that the
/// inner loop has no branch; its content is never read.
public protocol GroupedAccumulator: Sendable {
  associatedtype Parameters: Hashable & Sendable
  associatedtype Single: Accumulator where Single.Parameters == Parameters

  init(_ parameters: Parameters)

  /// How many cells there are, the discard cell included.
  var cellCount: Int { get }
  /// Adds empty cells up to `cellCount`.
  mutating func grow(to cellCount: Int)
  /// Adds row `i` of `inputs` to cell `cells[i]`; `uniform` is the one cell that all rows go to,
  /// if the caller knows it.
  mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?)
  /// Moves `cells` out into new states, in order (cell `i + 1` of the result is `cells[i]`; its
  /// cell 0 is empty), and leaves them empty. The result refers to no dictionary of a worker.
  mutating func extract(_ cells: [UInt32]) -> Self
  /// Adds cell `i` of `other` to cell `mapping[i]`, for `i` in `1..<other.cellCount`.
  ///
  /// - Precondition: both are results of `extract`, or new, and `mapping` has `other.cellCount`
  ///   entries.
  mutating func merge(_ other: Self, mapping: [UInt32])
  /// The state of one cell of an extracted value, on its own.
  func single(_ cell: Int) -> Single
  /// What `single(cell).output()` returns; faster where that matters.
  func output(_ cell: Int) -> Single.Output
  /// Adds a state that stands on its own, such as one that was decoded, to cell `cell`.
  mutating func merge(single: Single, into cell: UInt32)
  /// Appends the canonical form of one cell of an extracted value.
  func encode(_ cell: Int, into writer: inout ByteWriter)
  /// Adds a state that ``encode(_:into:)`` wrote to cell `cell`.
  mutating func decode(
    _ parameters: Parameters, into cell: UInt32, from reader: inout ByteReader
  ) throws(ByteCodingError)
  /// Bytes held now, in memory.
  var byteCount: Int { get }
  /// Those of them that ``spill(to:)`` would put away.
  var spillableByteCount: Int { get }
  /// Bytes that were put away.
  var spilledByteCount: Int { get }
  /// Puts away what this kind of state can have outside of memory; what it means stays the same.
  mutating func spill(to store: any SpillStore)
  /// The most bytes that one cell can hold, given `distinctCount` distinct values in it, to within
  /// what a growing array holds in reserve.
  static func byteBound(_ parameters: Parameters, distinctCount: Int) -> Int
  /// Whether strings need no ids: a column that only such states read is decoded without a
  /// dictionary, which would grow with its distinct strings.
  static var takesPlainStrings: Bool { get }
  /// Whether there is anything that ``spill(to:)`` could ever put away.
  static var canSpill: Bool { get }
}

extension GroupedAccumulator {
  public static var takesPlainStrings: Bool { false }
  public static var canSpill: Bool { false }

  public func encode(_ cell: Int, into writer: inout ByteWriter) {
    single(cell).encode(into: &writer)
  }

  public mutating func decode(
    _ parameters: Parameters, into cell: UInt32, from reader: inout ByteReader
  ) throws(ByteCodingError) {
    merge(single: try Single.decode(parameters, from: &reader), into: cell)
  }

  public var spillableByteCount: Int { 0 }
  public var spilledByteCount: Int { 0 }
  public mutating func spill(to _: any SpillStore) {}

  /// The canonical form of one cell of an extracted value.
  public func canonicalBytes(_ cell: Int) -> [UInt8] {
    var writer = ByteWriter()
    encode(cell, into: &writer)
    return writer.bytes
  }
}

extension GroupedAccumulator {
  public func output(_ cell: Int) -> Single.Output { single(cell).output() }
}

/// An accumulator and its parameters, as a value; equal plans over equal inputs share states.
public struct AccumulatorPlan: Hashable, Sendable {
  private let type: ObjectIdentifier
  private let parameters: any (Hashable & Sendable)
  private let make: @Sendable () -> any GroupedAccumulator
  private let bound: @Sendable (Int) -> Int
  /// Whether strings need no ids.
  public let takesPlainStrings: Bool
  /// Whether states have parts that can be outside of memory.
  public let canSpill: Bool
  private let decode:
    @Sendable (Int, inout ByteReader) throws(ByteCodingError) -> any GroupedAccumulator

  public init<State: GroupedAccumulator>(_: State.Type, _ parameters: State.Parameters) {
    type = ObjectIdentifier(State.self)
    self.parameters = parameters
    takesPlainStrings = State.takesPlainStrings
    canSpill = State.canSpill
    make = { State(parameters) }
    bound = { State.byteBound(parameters, distinctCount: $0) }
    decode = { (count, reader) throws(ByteCodingError) in
      try State.decodeCells(parameters, count: count, from: &reader)
    }
  }

  /// The most bytes that one cell can hold, given `distinctCount` distinct values in it.
  public func byteBound(distinctCount: Int) -> Int { bound(distinctCount) }

  /// States with the discard cell only.
  public func makeStates() -> any GroupedAccumulator {
    var states = make()
    states.grow(to: 1)
    return states
  }

  /// The states of `count` cells from what ``GroupedAccumulator/encodeCells(into:)`` wrote.
  public func decodeStates(
    count: Int, from reader: inout ByteReader
  ) throws(ByteCodingError) -> any GroupedAccumulator { try decode(count, &reader) }

  public static func == (one: Self, two: Self) -> Bool {
    one.type == two.type && AnyHashable(one.parameters) == AnyHashable(two.parameters)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    hasher.combine(AnyHashable(parameters))
  }
}
