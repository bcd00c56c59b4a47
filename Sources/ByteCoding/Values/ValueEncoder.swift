/// Writes `Codable` values as compact bytes that name their members, so that later versions of a type
/// can leave members out or add optional ones.
///
/// | bytes | meaning |
/// |---|---|
/// | value | the value |
/// | varint | names; each varint length, UTF-8 |
/// | 8 | where the names begin, little-endian |
///
/// | tag | value |
/// |---|---|
/// | 0, 1, 2 | nothing, false, true |
/// | 3 | integer: zigzag varint |
/// | 4 | unsigned integer beyond those: varint |
/// | 5 | double: 8 bytes, little-endian |
/// | 6 | text: varint length, UTF-8 |
/// | 7 | list: values, then 9 |
/// | 8 | object: for each member varint (number of the name, from 1) and value; then varint 0 |
/// | 10 | list of `Int64` that is a value of its own: varint count, zigzag varints |
///
/// Equal values give equal bytes. Containers must be finished before an outer one is used again, as
/// synthesized conformances do; `superEncoder` is not supported.
public final class ValueEncoder {
  private var writer = ByteWriter()
  private var names: [String: Int] = [:]
  /// Containers that are open, outermost first; whether each is an object.
  private var open: [Bool] = []
  public private(set) var codingPath: [any CodingKey] = []

  private init() {}

  /// The bytes of `value`.
  public static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = ValueEncoder()
    try encoder.write(value)
    let start = UInt64(encoder.writer.bytes.count)
    encoder.writer.append(varint: UInt64(encoder.names.count))
    for (name, _) in encoder.names.sorted(by: { $0.value < $1.value }) {
      encoder.writer.append(lengthPrefixed: name.utf8)
    }
    encoder.writer.append(littleEndian: start)
    return encoder.writer.bytes
  }

  fileprivate func write(_ value: some Encodable) throws {
    let depth = open.count
    try value.encode(to: self)
    close(to: depth)
  }

  /// Ends containers until `depth` are open.
  fileprivate func close(to depth: Int) {
    while open.count > depth { writer.append(open.removeLast() ? UInt8(0) : ValueTag.end) }
  }

  fileprivate func begin(isObject: Bool) -> Int {
    writer.append(isObject ? ValueTag.object : ValueTag.list)
    open.append(isObject)
    return open.count
  }

  fileprivate func writeName(_ name: String) {
    let next = names.count + 1
    let number = names[name] ?? next
    if number == next { names[name] = next }
    writer.append(varint: UInt64(number))
  }

  fileprivate func writeNothing() { writer.append(ValueTag.nothing) }

  fileprivate func write(_ value: Bool) { writer.append(value ? ValueTag.yes : ValueTag.no) }

  fileprivate func write(integer value: some BinaryInteger) {
    guard let small = Int64(exactly: value) else {
      writer.append(ValueTag.unsigned)
      writer.append(varint: UInt64(value))
      return
    }
    writer.append(ValueTag.integer)
    writer.append(zigzag: small)
  }

  fileprivate func write(packed values: [Int64]) {
    writer.append(ValueTag.packed)
    writer.append(varint: UInt64(values.count))
    for value in values { writer.append(zigzag: value) }
  }

  fileprivate func write(_ value: Double) {
    writer.append(ValueTag.double)
    writer.append(value)
  }

  fileprivate func write(_ value: String) {
    writer.append(ValueTag.text)
    writer.append(lengthPrefixed: value.utf8)
  }
}

extension ByteWriter {
  fileprivate mutating func append(zigzag value: Int64) {
    append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }
}

/// What a value begins with.
enum ValueTag {
  static let (nothing, no, yes): (UInt8, UInt8, UInt8) = (0, 1, 2)
  static let (integer, unsigned, double): (UInt8, UInt8, UInt8) = (3, 4, 5)
  static let (text, list, object): (UInt8, UInt8, UInt8) = (6, 7, 8)
  static let (end, packed): (UInt8, UInt8) = (9, 10)
}

extension ValueEncoder: Encoder {
  public var userInfo: [CodingUserInfoKey: Any] { [:] }

  public func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(ObjectWriter<Key>(encoder: self, depth: begin(isObject: true)))
  }

  public func unkeyedContainer() -> any UnkeyedEncodingContainer {
    ListWriter(encoder: self, depth: begin(isObject: false))
  }

  public func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleWriter(encoder: self)
  }
}

private struct ObjectWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ValueEncoder
  let depth: Int
  var codingPath: [any CodingKey] { encoder.codingPath }

  private func name(_ key: Key) {
    encoder.close(to: depth)
    encoder.writeName(key.stringValue)
  }

  func encodeNil(forKey key: Key) {
    name(key)
    encoder.writeNothing()
  }
  func encode(_ value: Bool, forKey key: Key) {
    name(key)
    encoder.write(value)
  }
  func encode(_ value: String, forKey key: Key) {
    name(key)
    encoder.write(value)
  }
  func encode(_ value: Double, forKey key: Key) {
    name(key)
    encoder.write(value)
  }
  func encode(_ value: Int, forKey key: Key) {
    name(key)
    encoder.write(integer: value)
  }
  func encode(_ value: Int64, forKey key: Key) {
    name(key)
    encoder.write(integer: value)
  }
  func encode(_ value: UInt64, forKey key: Key) {
    name(key)
    encoder.write(integer: value)
  }
  func encode(_ value: some Encodable, forKey key: Key) throws {
    name(key)
    try encoder.write(value)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy _: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    name(key)
    return encoder.container(keyedBy: Nested.self)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    name(key)
    return encoder.unkeyedContainer()
  }
  func superEncoder() -> any Encoder { preconditionFailure("not supported") }
  func superEncoder(forKey _: Key) -> any Encoder { preconditionFailure("not supported") }
}

private struct ListWriter: UnkeyedEncodingContainer {
  let encoder: ValueEncoder
  let depth: Int
  private(set) var count = 0
  var codingPath: [any CodingKey] { encoder.codingPath }

  init(encoder: ValueEncoder, depth: Int) {
    self.encoder = encoder
    self.depth = depth
  }

  private mutating func next() {
    encoder.close(to: depth)
    count += 1
  }

  mutating func encodeNil() {
    next()
    encoder.writeNothing()
  }
  mutating func encode(_ value: some Encodable) throws {
    next()
    try encoder.write(value)
  }
  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy _: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    next()
    return encoder.container(keyedBy: Nested.self)
  }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    next()
    return encoder.unkeyedContainer()
  }
  func superEncoder() -> any Encoder { preconditionFailure("not supported") }
}

private struct SingleWriter: SingleValueEncodingContainer {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil() { encoder.writeNothing() }
  func encode(_ value: Bool) { encoder.write(value) }
  func encode(_ value: String) { encoder.write(value) }
  func encode(_ value: Double) { encoder.write(value) }
  func encode(_ value: Float) { encoder.write(Double(value)) }
  func encode(_ value: Int) { encoder.write(integer: value) }
  func encode(_ value: Int8) { encoder.write(integer: value) }
  func encode(_ value: Int16) { encoder.write(integer: value) }
  func encode(_ value: Int32) { encoder.write(integer: value) }
  func encode(_ value: Int64) { encoder.write(integer: value) }
  func encode(_ value: UInt) { encoder.write(integer: value) }
  func encode(_ value: UInt8) { encoder.write(integer: value) }
  func encode(_ value: UInt16) { encoder.write(integer: value) }
  func encode(_ value: UInt32) { encoder.write(integer: value) }
  func encode(_ value: UInt64) { encoder.write(integer: value) }
  func encode(_ value: some Encodable) throws {
    guard let numbers = value as? [Int64] else { return try encoder.write(value) }
    encoder.write(packed: numbers)
  }
}
