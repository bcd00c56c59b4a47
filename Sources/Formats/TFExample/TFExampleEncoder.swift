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
    let encoded = encodedFeatures(batch)
    let features = unsafe encoded.map { unsafe $0.rows }
    return withExtendedLifetime(encoded) {
      (0..<batch.rowCount).map { row in
        let length = unsafe Self.byteCount(row, features)
        return unsafe [UInt8](
          unsafeUninitializedCapacity: length + Self.headBound + EncodedFeature.slack
        ) { bytes, count in
          guard let base = UnsafeMutableRawPointer(bytes.baseAddress) else { return }
          count = unsafe Self.write(row, features, length, to: base)
        }
      }
    }
  }

  /// The rows of `batch` as records of a TFRecord file.
  public func records(_ batch: RecordBatch) -> [UInt8] {
    let encoded = encodedFeatures(batch)
    let features = unsafe encoded.map { unsafe $0.rows }
    let rowBound = Self.headBound + TFRecordWriter.frameByteCount
    let bound =
      encoded.reduce(batch.rowCount * rowBound) { $0 + $1.byteCount } + EncodedFeature.slack
    return withExtendedLifetime(encoded) {
      unsafe [UInt8](unsafeUninitializedCapacity: bound) { bytes, count in
        guard let base = UnsafeMutableRawPointer(bytes.baseAddress) else { return }
        for row in 0..<batch.rowCount {
          let data = unsafe base + count + TFRecordWriter.headByteCount
          let size = unsafe Self.write(row, features, Self.byteCount(row, features), to: data)
          unsafe TFRecordWriter.frame(size, at: base + count)
          count += size + TFRecordWriter.frameByteCount
        }
      }
    }
  }

  /// The most bytes before the features: a tag and a length.
  private static let headBound = 11

  private func encodedFeatures(_ batch: RecordBatch) -> [EncodedFeature] {
    precondition(batch.schema == schema, "a batch of another schema")
    return features.map {
      EncodedFeature(batch.columns[$0.position], name: $0.name, divisor: $0.divisor)
    }
  }

  /// How many bytes the features of `row` take.
  @inline(__always)
  private static func byteCount(_ row: Int, _ features: [EncodedFeature.Rows]) -> Int {
    var count = 0
    for index in unsafe features.indices { unsafe count += features[index].byteCount(row) }
    return count
  }

  /// Writes the message of `row`, whose features take `length` bytes, and up to
  /// ``EncodedFeature/slack`` bytes behind it; returns its size.
  private static func write(
    _ row: Int, _ features: [EncodedFeature.Rows], _ length: Int, to base: UnsafeMutableRawPointer
  ) -> Int {
    unsafe base.storeBytes(of: 0x0A, as: UInt8.self)
    var end = unsafe 1 + EncodedFeature.write(varint: UInt64(length), at: base + 1)
    for index in unsafe features.indices {
      end += unsafe features[index].copy(row, to: base + end)
    }
    return end
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
}
