public import ByteCoding
public import Columns

/// Another accumulator once for each value of a key column.
///
/// Inputs: the key, strings or integers, then those of the other. Rows without a key are left out.
/// Output: the outputs by key, keys ascending by bytes, integers in decimal.
public struct KeyedAccumulator<State: Accumulator>: Accumulator {
  public typealias Parameters = State.Parameters

  /// A key and what its rows gave.
  public struct Entry: Sendable {
    public var key: [UInt8]
    public var output: State.Output
  }

  private let parameters: Parameters
  private(set) var states: [[UInt8]: State] = [:]

  public init(_ parameters: Parameters) { self.parameters = parameters }

  init(_ parameters: Parameters, _ states: [[UInt8]: State]) {
    self.parameters = parameters
    self.states = states
  }

  public mutating func add(_ inputs: [Column]) {
    let keys = TokenColumn(inputs[0])
    precondition(keys.offsets == nil, "a key is no list")
    var rows: [[UInt8]: [Int]] = [:]
    keys.forEachElement { row, element in rows[keys.bytes(element), default: []].append(row) }
    let parameters = parameters
    for (key, rows) in rows {
      states[key, default: State(parameters)].add(inputs.dropFirst().map { $0.gathered(rows) })
    }
  }

  public mutating func merge(_ other: KeyedAccumulator) {
    let parameters = parameters
    for (key, state) in other.states { states[key, default: State(parameters)].merge(state) }
  }

  private var ordered: [(key: [UInt8], value: State)] {
    states.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  public func output() -> [Entry] { ordered.map { Entry(key: $0.key, output: $0.value.output()) } }

  /// Appends the canonical form.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | format version |
  /// | varint | keys |
  /// | each | varint length, the key's bytes, the state; keys ascending |
  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    writer.append(varint: UInt64(states.count))
    for (key, state) in ordered {
      writer.append(lengthPrefixed: key)
      state.encode(into: &writer)
    }
  }

  public static func decode(
    _ parameters: Parameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> KeyedAccumulator {
    try FormatVersion.read(from: &reader)
    var result = KeyedAccumulator(parameters)
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      let key = Array(try reader.readLengthPrefixed())
      result.states[key] = try State.decode(parameters, from: &reader)
    }
    return result
  }
}
