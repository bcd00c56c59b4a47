/// Appends fixed-width and variable-width values, little-endian, to a byte array.
public struct ByteWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public mutating func append(_ byte: UInt8) { bytes.append(byte) }
  public mutating func append(contentsOf more: some Sequence<UInt8>) {
    bytes.append(contentsOf: more)
  }

  public mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
    var rest = value
    for _ in 0..<(Value.bitWidth / 8) {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest = rest >> 8
    }
  }

  /// The bit pattern of `value`, eight bytes.
  public mutating func append(_ value: Double) { append(littleEndian: value.bitPattern) }

  /// Base-128, least significant group first, as in protocol buffers.
  public mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// A varint length, then the bytes.
  public mutating func append(lengthPrefixed more: some Collection<UInt8>) {
    append(varint: UInt64(more.count))
    append(contentsOf: more)
  }
}
