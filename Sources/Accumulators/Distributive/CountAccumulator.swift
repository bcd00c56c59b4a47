public import ByteCoding
public import Columns

/// What is counted.
public struct CountParameters: Hashable, Sendable {
  /// Only rows in which the input is present; else every row.
  public var present: Bool

  public init(present: Bool) { self.present = present }
}

/// A count of rows.
///
/// Input: any column, or none in the grouped form when every row counts. NaN counts as present.
public struct CountAccumulator: Accumulator {
  private let parameters: CountParameters
  public private(set) var count: Int64 = 0

  public init(_ parameters: CountParameters) { self.parameters = parameters }

  init(_ parameters: CountParameters, count: Int64) {
    self.parameters = parameters
    self.count = count
  }

  /// - Precondition: `inputs` is not empty: a state without cells cannot know how many rows.
  public mutating func add(_ inputs: [Column]) {
    precondition(!inputs.isEmpty, "a single count needs a column to count")
    count += Int64(inputs[0].rowCount - (parameters.present ? inputs[0].validity.missingCount : 0))
  }

  public mutating func merge(_ other: CountAccumulator) { count += other.count }

  public func output() -> Int64 { count }

  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    writer.append(varint: UInt64(count))
  }

  public static func decode(
    _ parameters: CountParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> CountAccumulator {
    try FormatVersion.read(from: &reader)
    let offset = reader.offset
    let count = try reader.readVarint()
    guard count <= Int64.max else { throw ByteCodingError("count \(count)", at: offset) }
    return CountAccumulator(parameters, count: Int64(count))
  }
}
