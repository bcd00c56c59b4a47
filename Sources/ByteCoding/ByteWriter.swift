/// Appends fixed-width and variable-width values, little-endian, to a byte array.
public struct ByteWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  /// Takes bytes as they become many.
  private let sink: (@Sendable ([UInt8]) -> Void)?
  private static let longByteCount = 1 << 20

  public init() { sink = nil }

  /// A writer whose bytes go to `sink` piece by piece, if those who write call ``flushIfLong()``;
  /// the last are in ``bytes``.
  public init(flushingTo sink: @escaping @Sendable ([UInt8]) -> Void) { self.sink = sink }

  /// Hands over what was written if it is much and somebody takes it.
  public mutating func flushIfLong() {
    guard bytes.count >= Self.longByteCount, let sink else { return }
    sink(bytes)
    bytes.removeAll(keepingCapacity: true)
  }

  public mutating func append(_ byte: UInt8) { bytes.append(byte) }
  public mutating func append(contentsOf more: some Sequence<UInt8>) {
    bytes.append(contentsOf: more)
  }

  public mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
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

  /// The length, as a varint, of what `build` appends, then that; in place, since a message may hold
  /// many millions of bytes or of small messages.
  ///
  /// - Precondition: `build` does not flush.
  mutating func append<Failure: Error>(
    lengthPrefixed build: (inout ByteWriter) throws(Failure) -> Void
  ) throws(Failure) {
    let start = bytes.count
    bytes.append(0)
    try build(&self)
    let length = bytes.count - start - 1
    if length < 0x80 {
      bytes[start] = UInt8(length)
    } else {
      var prefix = ByteWriter()
      prefix.append(varint: UInt64(length))
      bytes.replaceSubrange(start...start, with: prefix.bytes)
    }
  }
}
