import ByteCoding

extension KeyTable {
  /// Appends the keys in order.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | varint | components a key |
  /// | varint | keys |
  /// | each | the components, key by key: ``KeyValue/encode(into:)`` |
  func encode(into writer: inout ByteWriter) {
    writer.append(varint: UInt64(length))
    writer.append(varint: UInt64(count))
    for key in 0..<count {
      for position in 0..<length { component(position, of: key).encode(into: &writer) }
    }
  }

  static func decode(from reader: inout ByteReader) throws(ByteCodingError) -> KeyTable {
    let offset = reader.offset
    let length = try reader.readVarint()
    let count = try reader.readVarint()
    let left = UInt64(reader.bytes.endIndex - reader.offset)
    let isPossible = length == 0 ? count <= 1 : count <= left / length
    guard count == 0 || isPossible, length < 1 << 16 else {
      throw ByteCodingError("\(count) keys of \(length) components", at: offset)
    }
    var components: [KeyValue] = []
    components.reserveCapacity(Int(length * count))
    for _ in 0..<length * count { components.append(try KeyValue.decode(from: &reader)) }
    let table = KeyTable(sorted: components, length: Int(length), count: Int(count))
    for key in 0..<table.count where key > 0 {
      guard isOrdered(table[key - 1], before: table[key]) else {
        throw ByteCodingError("key \(key) is not behind the one before", at: offset)
      }
    }
    return table
  }
}

extension KeyValue {
  /// Appends the value.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | 0 missing, 1 false, 2 true, 3 integer, 4 double, 5 string, 6 other |
  /// | 8 | an integer or the bits of a double, little-endian |
  /// | varint, bytes | length and UTF-8 of a string |
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .missing: writer.append(UInt8(0))
    case .other: writer.append(UInt8(6))
    case .bool(let value): writer.append(UInt8(value ? 2 : 1))
    case .int64(let value):
      writer.append(UInt8(3))
      writer.append(littleEndian: value)
    case .float64(let value):
      writer.append(UInt8(4))
      writer.append(value)
    case .string(let value):
      writer.append(UInt8(5))
      writer.append(lengthPrefixed: value.utf8)
    }
  }

  static func decode(from reader: inout ByteReader) throws(ByteCodingError) -> KeyValue {
    let offset = reader.offset
    switch try reader.readByte() {
    case 0: return .missing
    case 1: return .bool(false)
    case 2: return .bool(true)
    case 3: return .int64(try reader.readLittleEndian(Int64.self))
    case 4: return .float64(try reader.readDouble())
    case 5:
      let bytes = try reader.readLengthPrefixed()
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ByteCodingError("a key is not UTF-8", at: offset)
      }
      return .string(text)
    case 6: return .other
    case let tag: throw ByteCodingError("no kind of key: \(tag)", at: offset)
    }
  }
}
