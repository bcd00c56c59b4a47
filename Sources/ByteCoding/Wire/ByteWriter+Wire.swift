extension ByteWriter {
  /// The tag of a field.
  public mutating func append(_ tag: WireTag) {
    precondition(tag.number > 0 && tag.number < 1 << 29, "field number \(tag.number)")
    append(varint: UInt64(tag.number) << 3 | UInt64(tag.type.rawValue))
  }

  /// A varint field: `uint64`, `bool`, `enum`.
  public mutating func append(field number: Int, varint value: UInt64) {
    append(WireTag(number, .varint))
    append(varint: value)
  }

  /// A signed varint field, two's complement: `int32`, `int64`.
  public mutating func append(field number: Int, varint value: Int64) {
    append(field: number, varint: UInt64(bitPattern: value))
  }

  /// A `fixed64`, `sfixed64` or, by its bit pattern, `double` field.
  public mutating func append(field number: Int, fixed64 value: UInt64) {
    append(WireTag(number, .fixed64))
    append(littleEndian: value)
  }

  /// A `fixed32`, `sfixed32` or, by its bit pattern, `float` field.
  public mutating func append(field number: Int, fixed32 value: UInt32) {
    append(WireTag(number, .fixed32))
    append(littleEndian: value)
  }

  /// A `double` field.
  public mutating func append(field number: Int, double value: Double) {
    append(field: number, fixed64: value.bitPattern)
  }

  /// A `float` field.
  public mutating func append(field number: Int, float value: Float) {
    append(field: number, fixed32: value.bitPattern)
  }

  /// A `bytes`, `string`, packed or message field.
  public mutating func append(field number: Int, bytes: some Collection<UInt8>) {
    append(WireTag(number, .lengthDelimited))
    append(lengthPrefixed: bytes)
  }

  /// A `string` field, UTF-8.
  public mutating func append(field number: Int, string: String) {
    append(field: number, bytes: string.utf8)
  }

  /// A message field that `build` fills; if it throws, what it wrote remains.
  public mutating func append<Failure: Error>(
    field number: Int, message build: (inout ByteWriter) throws(Failure) -> Void
  ) throws(Failure) {
    append(WireTag(number, .lengthDelimited))
    try append(lengthPrefixed: build)
  }
}
