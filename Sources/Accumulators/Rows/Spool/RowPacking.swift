import ByteCoding
import Columns

/// Rows of columns of any type as byte strings, and back.
///
/// | value | bytes |
/// |---|---|
/// | missing | 0 |
/// | bool | 1, then 0 or 1 |
/// | int64, timestamp | 2, then 8 bytes |
/// | float | 3, then 8 bytes; every NaN alike |
/// | string | 4, then varint length and the bytes |
/// | list | 5, then varint count and the elements |
enum RowPacking {
  static func packed(_ columns: [Column], rowCount: Int) -> PlainStringColumn {
    var writer = ByteWriter()
    var offsets: [UInt32] = [0]
    offsets.reserveCapacity(rowCount + 1)
    let tokens = columns.map(TokenColumn.init)
    for row in 0..<rowCount {
      for (column, tokens) in zip(columns, tokens) { append(column, tokens, row, to: &writer) }
      offsets.append(UInt32(writer.bytes.count))
    }
    return PlainStringColumn(bytes: writer.bytes, offsets: offsets)
  }

  private static func append(
    _ column: Column, _ tokens: TokenColumn, _ row: Int, to writer: inout ByteWriter
  ) {
    guard column.validity.isPresent(row) else { return writer.append(UInt8(0)) }
    switch column {
    case .bool(let column):
      writer.append(UInt8(1))
      writer.append(UInt8(column.values[row] ? 1 : 0))
    case .int64(let column):
      writer.append(UInt8(2))
      writer.append(littleEndian: column.values[row])
    case .float64(let column):
      writer.append(UInt8(3))
      let value = column.values[row]
      writer.append(value.isNaN ? .nan : value)
    case .string, .plain:
      writer.append(UInt8(4))
      writer.append(lengthPrefixed: tokens.bytes(row))
    case .list(let list):
      writer.append(UInt8(5))
      let range = Int(list.offsets[row])..<Int(list.offsets[row + 1])
      writer.append(varint: UInt64(range.count))
      let inner = TokenColumn(list.elements)
      for element in range { append(list.elements, inner, element, to: &writer) }
    }
  }

  /// One value of a packed row.
  enum Value {
    case missing, bool(Bool), int64(Int64), float64(Double), string(ArraySlice<UInt8>)
    case list([Value])
  }

  static func value(from reader: inout ByteReader) throws(ByteCodingError) -> Value {
    let offset = reader.offset
    switch try reader.readByte() {
    case 0: return .missing
    case 1: return .bool(try reader.readByte() != 0)
    case 2: return .int64(try reader.readLittleEndian(Int64.self))
    case 3: return .float64(try reader.readDouble())
    case 4: return .string(try reader.readLengthPrefixed())
    case 5:
      var values: [Value] = []
      for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
        values.append(try value(from: &reader))
      }
      return .list(values)
    case let tag: throw ByteCodingError("\(tag) begins no value", at: offset)
    }
  }
}

extension Column {
  /// The column of `type` that holds `values`; a value of another type is missing.
  init(_ values: [RowPacking.Value], type: DataType) {
    switch type {
    case .bool:
      let bools = values.map { if case .bool(let value) = $0 { value } else { nil as Bool? } }
      self = .bool(
        BoolColumn(bools.map { $0 ?? false }, validity: Validity(bools.map { $0 != nil })))
    case .int64, .timestamp:
      self = .int64(
        Int64Column(values.map { if case .int64(let value) = $0 { value } else { nil } }))
    case .float32, .float64:
      self = .float64(
        Float64Column(values.map { if case .float64(let value) = $0 { value } else { nil } }))
    case .string: self = .plain(Self.strings(values))
    case .list(let element):
      var elements: [RowPacking.Value] = []
      var offsets: [UInt32] = [0]
      var isPresent: [Bool] = []
      for value in values {
        if case .list(let held) = value { elements += held }
        if case .list = value { isPresent.append(true) } else { isPresent.append(false) }
        offsets.append(UInt32(elements.count))
      }
      self = .list(
        ListColumn(
          elements: Column(elements, type: element), offsets: offsets,
          validity: Validity(isPresent)))
    }
  }

  private static func strings(_ values: [RowPacking.Value]) -> PlainStringColumn {
    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    var isPresent: [Bool] = []
    for value in values {
      if case .string(let text) = value { bytes += text }
      if case .string = value { isPresent.append(true) } else { isPresent.append(false) }
      offsets.append(UInt32(bytes.count))
    }
    return PlainStringColumn(bytes: bytes, offsets: offsets, validity: Validity(isPresent))
  }
}
