public import ByteCoding
public import Columns

/// One row of typed columns as bytes, and back.
///
/// | bytes | meaning |
/// |---|---|
/// | 1 a column | 1 if there is a value, else 0 and nothing more |
/// | 1 | a bool |
/// | 8 | an integer, or the bits of a double |
/// | varint, bytes | a string |
/// | varint, then each as above | a list |
public enum RecordBytes {
  public static func append(_ column: Column, _ row: Int, to writer: inout ByteWriter) {
    guard column.validity.isPresent(row) else { return writer.append(UInt8(0)) }
    writer.append(UInt8(1))
    switch column {
    case .bool(let column): writer.append(UInt8(column.values[row] ? 1 : 0))
    case .int64(let column): writer.append(littleEndian: column.values[row])
    case .float64(let column): writer.append(column.values[row])
    case .string(let column):
      unsafe column.dictionary.withBytes(of: column.ids[row]) {
        unsafe writer.append(lengthPrefixed: $0)
      }
    case .plain(let column):
      writer.append(
        lengthPrefixed: column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])])
    case .list(let list):
      let elements = Int(list.offsets[row])..<Int(list.offsets[row + 1])
      writer.append(varint: UInt64(elements.count))
      for element in elements { append(list.elements, element, to: &writer) }
    }
  }
}

/// Collects the values of one column, row by row, out of ``RecordBytes``.
public struct RecordColumnReader: Sendable {
  private let type: DataType
  private var isPresent: [Bool] = []
  private var bools: [Bool] = []
  private var integers: [Int64] = []
  private var doubles: [Double] = []
  private var bytes: [UInt8] = []
  private var ends: [UInt32] = [0]
  /// The reader of the elements of a list; none or one.
  private var elements: [RecordColumnReader] = []

  public init(_ type: DataType) {
    self.type = type
    if case .list(let element) = type { elements = [RecordColumnReader(element)] }
  }

  public mutating func read(_ reader: inout ByteReader) throws(ByteCodingError) {
    let isThere = try reader.readByte() == 1
    isPresent.append(isThere)
    switch type {
    case .bool: bools.append(isThere ? try reader.readByte() == 1 : false)
    case .int64, .timestamp:
      integers.append(isThere ? try reader.readLittleEndian(Int64.self) : 0)
    case .float32, .float64: doubles.append(isThere ? try reader.readDouble() : 0)
    case .string:
      if isThere { bytes.append(contentsOf: try reader.readLengthPrefixed()) }
      ends.append(UInt32(bytes.count))
    case .list:
      let count = isThere ? Int(try reader.readVarint()) : 0
      for _ in 0..<count { try elements[0].read(&reader) }
      ends.append((ends.last ?? 0) + UInt32(count))
    }
  }

  /// Takes note of a row without a value.
  public mutating func readMissing() {
    isPresent.append(false)
    switch type {
    case .bool: bools.append(false)
    case .int64, .timestamp: integers.append(0)
    case .float32, .float64: doubles.append(0)
    case .string, .list: ends.append(ends.last ?? 0)
    }
  }

  public var column: Column {
    let validity = Validity(isPresent)
    switch type {
    case .bool: return .bool(BoolColumn(bools, validity: validity))
    case .int64, .timestamp: return .int64(Int64Column(integers, validity: validity))
    case .float32, .float64: return .float64(Float64Column(doubles, validity: validity))
    case .string: return .plain(PlainStringColumn(bytes: bytes, offsets: ends, validity: validity))
    case .list:
      return .list(
        ListColumn(elements: elements[0].column, offsets: ends, validity: validity))
    }
  }
}
