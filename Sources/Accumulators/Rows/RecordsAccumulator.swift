public import ByteCoding
public import Columns

/// The columns of kept records.
public struct RecordsParameters: Hashable, Sendable {
  public var types: [DataType]

  public init(types: [DataType]) { self.types = types }
}

/// Whole rows as they are, to be handed on when their window closes.
///
/// Inputs: the time and the identity of a row, both int, and the columns of the parameters. Output:
/// the columns, rows in the order of time, then identity; strings plain.
public struct RecordsAccumulator: Accumulator {
  /// Where a row lies among the bytes, and what it is ordered by.
  struct Entry: Hashable, Sendable {
    var time: Int64
    var identity: Int64
    var start: Int
    var end: Int
  }

  private let parameters: RecordsParameters
  private(set) var entries: [Entry] = []
  private(set) var bytes: [UInt8] = []

  public init(_ parameters: RecordsParameters) { self.parameters = parameters }

  public var count: Int { entries.count }

  public mutating func add(_ inputs: [Column]) {
    for row in 0..<inputs[0].rowCount { add(inputs, row) }
  }

  mutating func add(_ inputs: [Column], _ row: Int) {
    precondition(inputs.count == parameters.types.count + 2, "\(inputs.count) columns")
    guard case .int64(let times) = inputs[0], case .int64(let identities) = inputs[1] else {
      preconditionFailure("time and identity of a row are integers")
    }
    var writer = ByteWriter()
    for column in inputs.dropFirst(2) { RecordBytes.append(column, row, to: &writer) }
    append(times.values[row], identities.values[row], writer.bytes[...])
  }

  private mutating func append(_ time: Int64, _ identity: Int64, _ record: ArraySlice<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: record)
    entries.append(Entry(time: time, identity: identity, start: start, end: bytes.count))
  }

  public mutating func merge(_ other: RecordsAccumulator) {
    let shift = bytes.count
    bytes.append(contentsOf: other.bytes)
    for var entry in other.entries {
      entry.start += shift
      entry.end += shift
      entries.append(entry)
    }
  }

  private var ordered: [Entry] {
    entries.sorted { one, two in
      if (one.time, one.identity) != (two.time, two.identity) {
        return (one.time, one.identity) < (two.time, two.identity)
      }
      return bytes[one.start..<one.end].lexicographicallyPrecedes(bytes[two.start..<two.end])
    }
  }

  public func output() -> [Column] {
    var readers = parameters.types.map { RecordColumnReader($0) }
    for entry in ordered {
      var reader = ByteReader(bytes[entry.start..<entry.end])
      do throws(ByteCodingError) {
        for index in readers.indices { try readers[index].read(&reader) }
      } catch {
        preconditionFailure("a kept row is not as it was written: \(error)")
      }
    }
    return readers.map(\.column)
  }

  /// Appends the canonical form.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | format version |
  /// | varint | rows |
  /// | 8, 8, varint, bytes each | time, identity, the row, in the order of ``output()`` |
  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    writer.append(varint: UInt64(entries.count))
    for entry in ordered {
      writer.append(littleEndian: entry.time)
      writer.append(littleEndian: entry.identity)
      writer.append(lengthPrefixed: bytes[entry.start..<entry.end])
    }
  }

  public static func decode(
    _ parameters: RecordsParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> RecordsAccumulator {
    try FormatVersion.read(from: &reader)
    var result = RecordsAccumulator(parameters)
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      let time = try reader.readLittleEndian(Int64.self)
      let identity = try reader.readLittleEndian(Int64.self)
      let start = reader.offset
      let record = try reader.readLengthPrefixed()
      try check(record, parameters, at: start)
      result.append(time, identity, record)
    }
    return result
  }

  private static func check(
    _ record: ArraySlice<UInt8>, _ parameters: RecordsParameters, at offset: Int
  ) throws(ByteCodingError) {
    var reader = ByteReader(record)
    for type in parameters.types {
      var column = RecordColumnReader(type)
      try column.read(&reader)
    }
    guard reader.isAtEnd else { throw ByteCodingError("a row has more columns", at: offset) }
  }

  /// Bytes held now.
  var byteCount: Int { bytes.capacity + entries.capacity * MemoryLayout<Entry>.stride }
}
