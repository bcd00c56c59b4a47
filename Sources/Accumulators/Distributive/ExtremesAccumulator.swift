public import ByteCoding
public import Columns

/// The least and greatest values of a column.
public struct Extremes: Hashable, Sendable {
  /// How many finite values there were.
  public var count: Int64 = 0
  /// NaN when there were none; integers beyond 2^53 are rounded, see `minimumInteger`.
  public var minimum: Double = .nan
  public var maximum: Double = .nan
  /// Exact, when every value came from an integer column.
  public var minimumInteger: Int64?
  public var maximumInteger: Int64?
}

/// The least and greatest finite values of a numeric column; −0 sorts before 0.
///
/// Missing, NaN and infinite rows are skipped. Integers are compared as integers.
public struct ExtremesAccumulator: Accumulator {
  /// Parallel states of double and integer columns; a column normally has one type.
  struct State: Hashable, Sendable {
    var count: Int64 = 0
    var lowKey = Int64.max, highKey = Int64.min
    var lowInteger = Int64.max, highInteger = Int64.min

    mutating func merge(_ other: State) {
      count += other.count
      lowKey = min(lowKey, other.lowKey)
      highKey = max(highKey, other.highKey)
      lowInteger = min(lowInteger, other.lowInteger)
      highInteger = max(highInteger, other.highInteger)
    }
  }

  var state = State()

  public init(_: ExtremesParameters) {}

  public mutating func add(_ inputs: [Column]) {
    switch NumericColumn(inputs[0]) {
    case .doubles(let values, let validity):
      for row in values.indices where validity.isPresent(row) && values[row].isFinite {
        let key = OrderedKey.key(values[row])
        state.merge(State(count: 1, lowKey: key, highKey: key))
      }
    case .integers(let values, let validity):
      for row in values.indices where validity.isPresent(row) {
        state.merge(State(count: 1, lowInteger: values[row], highInteger: values[row]))
      }
    }
  }

  public mutating func merge(_ other: ExtremesAccumulator) { state.merge(other.state) }

  public func output() -> Extremes {
    guard state.count > 0 else { return Extremes() }
    let hasDoubles = state.lowKey <= state.highKey
    let hasIntegers = state.lowInteger <= state.highInteger
    var result = Extremes(count: state.count)
    if hasIntegers {
      result.minimum = Double(state.lowInteger)
      result.maximum = Double(state.highInteger)
    }
    if hasIntegers && !hasDoubles {
      result.minimumInteger = state.lowInteger
      result.maximumInteger = state.highInteger
    }
    if hasDoubles {
      let low = OrderedKey.value(state.lowKey)
      let high = OrderedKey.value(state.highKey)
      result.minimum = hasIntegers ? min(result.minimum, low) : low
      result.maximum = hasIntegers ? max(result.maximum, high) : high
    }
    return result
  }

  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    writer.append(varint: UInt64(state.count))
    for word in [state.lowKey, state.highKey, state.lowInteger, state.highInteger] {
      writer.append(littleEndian: word)
    }
  }

  public static func decode(
    _ parameters: ExtremesParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> ExtremesAccumulator {
    try FormatVersion.read(from: &reader)
    var result = ExtremesAccumulator(parameters)
    result.state.count = Int64(truncatingIfNeeded: try reader.readVarint())
    result.state.lowKey = try reader.readLittleEndian(Int64.self)
    result.state.highKey = try reader.readLittleEndian(Int64.self)
    result.state.lowInteger = try reader.readLittleEndian(Int64.self)
    result.state.highInteger = try reader.readLittleEndian(Int64.self)
    return result
  }
}

/// Extremes have no parameters.
public struct ExtremesParameters: Hashable, Sendable {
  public init() {}
}
