/// Reads what ``ValueEncoder`` wrote, checking every bound.
public struct ValueDecoder {
  private let bytes: ArraySlice<UInt8>
  private let source: ValueSource
  public let codingPath: [any CodingKey]

  fileprivate init(_ bytes: ArraySlice<UInt8>, _ source: ValueSource, _ path: [any CodingKey]) {
    self.bytes = bytes
    self.source = source
    codingPath = path
  }

  /// The value that `bytes` hold.
  ///
  /// - Throws: ``ByteCodingError`` for bytes that are no values, `DecodingError` for those of another
  ///   type.
  public static func decode<Value: Decodable>(_: Value.Type, from bytes: [UInt8]) throws -> Value {
    guard bytes.count >= 8 else { throw ByteCodingError("the data end here", at: bytes.count) }
    var tail = ByteReader(bytes[(bytes.count - 8)...])
    let start = try tail.readLittleEndian(UInt64.self)
    guard start <= UInt64(bytes.count - 8) else {
      throw ByteCodingError("the names begin behind the end", at: bytes.count - 8)
    }
    var reader = ByteReader(bytes[Int(start)..<(bytes.count - 8)])
    var names: [String] = []
    for _ in 0..<(try reader.readVarint()) {
      names.append(String(decoding: try reader.readLengthPrefixed(), as: UTF8.self))
    }
    let source = ValueSource(names: names)
    var value = ByteReader(bytes[..<Int(start)])
    try source.skip(&value)
    guard value.isAtEnd else { throw ByteCodingError("something follows", at: value.offset) }
    return try Value(from: ValueDecoder(bytes[..<Int(start)], source, []))
  }

  fileprivate func mismatch(_ type: Any.Type, _ found: UInt8) -> DecodingError {
    DecodingError.typeMismatch(
      type, .init(codingPath: codingPath, debugDescription: "found a value of tag \(found)"))
  }
}

/// The names that objects refer to, and how long values are.
private final class ValueSource: Sendable {
  let names: [String]
  private static let depthLimit = 200

  init(names: [String]) { self.names = names }

  func skip(_ reader: inout ByteReader, depth: Int = 0) throws(ByteCodingError) {
    guard depth < Self.depthLimit else {
      throw ByteCodingError("nested too deep", at: reader.offset)
    }
    let tag = try reader.readByte()
    switch tag {
    case ValueTag.nothing, ValueTag.no, ValueTag.yes: return
    case ValueTag.integer, ValueTag.unsigned: _ = try reader.readVarint()
    case ValueTag.double: _ = try reader.read(count: 8)
    case ValueTag.text: _ = try reader.readLengthPrefixed()
    case ValueTag.list:
      while try !isEnd(&reader) { try skip(&reader, depth: depth + 1) }
    case ValueTag.object:
      while try name(&reader) != nil { try skip(&reader, depth: depth + 1) }
    case ValueTag.packed:
      for _ in 0..<(try reader.readVarint()) { _ = try reader.readVarint() }
    default: throw ByteCodingError("no value begins with \(tag)", at: reader.offset - 1)
    }
  }

  /// Whether a list ends here; its end is read then.
  func isEnd(_ reader: inout ByteReader) throws(ByteCodingError) -> Bool {
    guard reader.offset < reader.bytes.endIndex else {
      throw ByteCodingError("a list has no end", at: reader.offset)
    }
    guard reader.bytes[reader.offset] == ValueTag.end else { return false }
    _ = try reader.readByte()
    return true
  }

  /// The name of the next member, or `nil` at the end of the object.
  func name(_ reader: inout ByteReader) throws(ByteCodingError) -> String? {
    let number = try reader.readVarint()
    guard number > 0 else { return nil }
    guard number <= UInt64(names.count) else {
      throw ByteCodingError("no name has the number \(number)", at: reader.offset)
    }
    return names[Int(number) - 1]
  }
}

extension ValueDecoder: Decoder {
  public var userInfo: [CodingUserInfoKey: Any] { [:] }

  public func container<Key: CodingKey>(
    keyedBy _: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    var reader = ByteReader(bytes)
    let tag = try reader.readByte()
    guard tag == ValueTag.object else { throw mismatch([String: Any].self, tag) }
    var members: [(name: String, value: ArraySlice<UInt8>)] = []
    while let name = try source.name(&reader) {
      let start = reader.offset
      try source.skip(&reader)
      members.append((name, bytes[start..<reader.offset]))
    }
    return KeyedDecodingContainer(
      ObjectReader<Key>(members: members, source: source, codingPath: codingPath))
  }

  public func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    var reader = ByteReader(bytes)
    let tag = try reader.readByte()
    guard tag == ValueTag.list else { throw mismatch([Any].self, tag) }
    var values: [ArraySlice<UInt8>] = []
    while try !source.isEnd(&reader) {
      let start = reader.offset
      try source.skip(&reader)
      values.append(bytes[start..<reader.offset])
    }
    return ListReader(values: values, source: source, codingPath: codingPath)
  }

  public func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension ValueDecoder: SingleValueDecodingContainer {
  public func decodeNil() -> Bool { bytes.first == ValueTag.nothing }

  public func decode(_: Bool.Type) throws -> Bool {
    var reader = ByteReader(bytes)
    switch try reader.readByte() {
    case ValueTag.no: return false
    case ValueTag.yes: return true
    case let tag: throw mismatch(Bool.self, tag)
    }
  }

  public func decode(_: String.Type) throws -> String {
    var reader = ByteReader(bytes)
    let tag = try reader.readByte()
    guard tag == ValueTag.text else { throw mismatch(String.self, tag) }
    return String(decoding: try reader.readLengthPrefixed(), as: UTF8.self)
  }

  public func decode(_: Double.Type) throws -> Double {
    var reader = ByteReader(bytes)
    let tag = try reader.readByte()
    guard tag == ValueTag.double else { throw mismatch(Double.self, tag) }
    return try reader.readDouble()
  }

  public func decode(_: Float.Type) throws -> Float { Float(try decode(Double.self)) }

  private func integer<Value: FixedWidthInteger>(_: Value.Type) throws -> Value {
    var reader = ByteReader(bytes)
    let tag = try reader.readByte()
    var value: Value?
    switch tag {
    case ValueTag.integer:
      value = Value(exactly: try reader.readZigzag())
    case ValueTag.unsigned: value = Value(exactly: try reader.readVarint())
    default: break
    }
    guard let value else { throw mismatch(Value.self, tag) }
    return value
  }

  public func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  public func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  public func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  public func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  public func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  public func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  public func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  public func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  public func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  public func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  public func decode<Value: Decodable>(_: Value.Type) throws -> Value {
    guard bytes.first == ValueTag.packed else { return try Value(from: self) }
    guard let numbers = try packedNumbers() as? Value else {
      throw mismatch(Value.self, ValueTag.packed)
    }
    return numbers
  }

  private func packedNumbers() throws(ByteCodingError) -> [Int64] {
    var reader = ByteReader(bytes)
    _ = try reader.readByte()
    var numbers: [Int64] = []
    for _ in 0..<(try reader.readVarint()) { numbers.append(try reader.readZigzag()) }
    return numbers
  }
}

extension ByteReader {
  fileprivate mutating func readZigzag() throws(ByteCodingError) -> Int64 {
    let zigzag = try readVarint()
    return Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
  }
}

private struct ObjectReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let members: [(name: String, value: ArraySlice<UInt8>)]
  let source: ValueSource
  let codingPath: [any CodingKey]

  var allKeys: [Key] { members.compactMap { Key(stringValue: $0.name) } }

  func contains(_ key: Key) -> Bool { members.contains { $0.name == key.stringValue } }

  private func decoder(_ key: Key) throws -> ValueDecoder {
    guard let member = members.first(where: { $0.name == key.stringValue }) else {
      throw DecodingError.keyNotFound(
        key, .init(codingPath: codingPath, debugDescription: "no member '\(key.stringValue)'"))
    }
    return ValueDecoder(member.value, source, codingPath + [key])
  }

  func decodeNil(forKey key: Key) throws -> Bool { try decoder(key).decodeNil() }

  func decode<Value: Decodable>(_: Value.Type, forKey key: Key) throws -> Value {
    try Value(from: decoder(key))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { preconditionFailure("not supported") }
  func superDecoder(forKey _: Key) throws -> any Decoder { preconditionFailure("not supported") }
}

private struct ListReader: UnkeyedDecodingContainer {
  let values: [ArraySlice<UInt8>]
  let source: ValueSource
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(values: [ArraySlice<UInt8>], source: ValueSource, codingPath: [any CodingKey]) {
    self.values = values
    self.source = source
    self.codingPath = codingPath
  }

  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex == values.count }

  private mutating func next(_ type: Any.Type) throws -> ValueDecoder {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        type, .init(codingPath: codingPath, debugDescription: "the list has \(values.count) values")
      )
    }
    defer { currentIndex += 1 }
    return ValueDecoder(values[currentIndex], source, codingPath)
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, values[currentIndex].first == ValueTag.nothing else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_: Value.Type) throws -> Value {
    try Value(from: next(Value.self))
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next(Nested.self).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next([Any].self).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { preconditionFailure("not supported") }
}
