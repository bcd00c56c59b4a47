public import ByteCoding
public import Columns

/// Encodes rows of record batches as `tf.Example` messages.
///
/// Features are written in the order of their names' bytes and number lists packed, as TensorFlow
/// does when it serializes deterministically. Floats of both widths become floats (rounded to
/// nearest), integers, bools and timestamps integers (timestamps in their field's unit, cut toward
/// the past; those of unit `timestamp` in microseconds), strings bytes. Absent values are left
/// out, absent elements of a list too; an empty list is an empty list of its kind.
public struct TFExampleEncoder: Sendable {
  private struct Feature: Sendable {
    let name: [UInt8]
    let position: Int
    /// Microseconds in one unit.
    let divisor: Int64
  }

  public let schema: Schema
  private let features: [Feature]

  public init(_ schema: Schema) {
    self.schema = schema
    features = schema.fields.enumerated()
      .map { position, field in
        Feature(
          name: Array(field.name.utf8), position: position,
          divisor: Self.divisor(field.type, field.timestampUnit))
      }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// The message of each row of `batch`, in order.
  ///
  /// - Precondition: `batch` has the schema of this encoder.
  public func encode(_ batch: RecordBatch) -> [[UInt8]] {
    (0..<batch.rowCount).map { encode(batch, row: $0) }
  }

  /// Appends every row of `batch` as a record of a TFRecord file.
  public func append(_ batch: RecordBatch, to writer: inout ByteWriter) {
    for row in 0..<batch.rowCount {
      TFRecordWriter.append(encode(batch, row: row), to: &writer)
    }
  }

  private func encode(_ batch: RecordBatch, row: Int) -> [UInt8] {
    precondition(batch.schema == schema, "a batch of another schema")
    var list = ByteWriter()
    for feature in features {
      let column = batch.columns[feature.position]
      guard column.validity.isPresent(row) else { continue }
      var entry = ByteWriter()
      entry.append(field: 1, bytes: feature.name)
      entry.append(field: 2, bytes: value(column, row..<row + 1, feature.divisor))
      list.append(field: 1, bytes: entry.bytes)
    }
    var example = ByteWriter()
    example.append(field: 1, bytes: list.bytes)
    return example.bytes
  }

  /// The Feature message of `rows` of `column`, which are present.
  private func value(_ column: Column, _ rows: Range<Int>, _ divisor: Int64) -> [UInt8] {
    var list = ByteWriter()
    var packed = ByteWriter()
    let kind: Int
    switch column {
    case .bool(let column):
      kind = 3
      for row in rows where column.validity.isPresent(row) {
        packed.append(varint: column.values[row] ? 1 : 0)
      }
    case .int64(let column):
      kind = 3
      for row in rows where column.validity.isPresent(row) {
        packed.append(varint: UInt64(bitPattern: Self.floor(column.values[row], divisor)))
      }
    case .float64(let column):
      kind = 2
      for row in rows where column.validity.isPresent(row) {
        packed.append(littleEndian: Float(column.values[row]).bitPattern)
      }
    case .string(let column):
      kind = 1
      for row in rows where column.validity.isPresent(row) {
        let bytes = unsafe column.dictionary.withBytes(of: column.ids[row]) { unsafe Array($0) }
        list.append(field: 1, bytes: bytes)
      }
    case .plain(let column):
      kind = 1
      for row in rows where column.validity.isPresent(row) {
        let range = Int(column.offsets[row])..<Int(column.offsets[row + 1])
        list.append(field: 1, bytes: column.bytes[range])
      }
    case .list(let column):
      precondition(rows.count == 1, "a list of lists has no tf.Example form")
      let elements = Int(column.offsets[rows.lowerBound])..<Int(column.offsets[rows.upperBound])
      return value(column.elements, elements, divisor)
    }
    if !packed.bytes.isEmpty { list.append(field: 1, bytes: packed.bytes) }
    var feature = ByteWriter()
    feature.append(field: kind, bytes: list.bytes)
    return feature.bytes
  }

  private static func divisor(_ type: DataType, _ unit: TimestampUnit) -> Int64 {
    switch type {
    case .list(let element): return divisor(element, unit)
    case .timestamp:
      switch unit {
      case .seconds: return 1_000_000
      case .milliseconds: return 1000
      case .microseconds, .iso8601: return 1
      }
    default: return 1
    }
  }

  private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}
