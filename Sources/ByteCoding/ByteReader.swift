/// Bytes that do not hold what their format promises.
public struct ByteCodingError: Error, Hashable, CustomStringConvertible {
  public var reason: String
  public var offset: Int

  public init(_ reason: String, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String { "byte \(offset): \(reason)" }
}

/// Reads what ``ByteWriter`` wrote, checking every bound.
public struct ByteReader: Sendable {
  public let bytes: ArraySlice<UInt8>
  public private(set) var offset: Int

  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    offset = bytes.startIndex
  }

  public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  public var isAtEnd: Bool { offset == bytes.endIndex }

  public mutating func readByte() throws(ByteCodingError) -> UInt8 {
    guard offset < bytes.endIndex else { throw ByteCodingError("the data end here", at: offset) }
    defer { offset += 1 }
    return bytes[offset]
  }

  public mutating func read(count: Int) throws(ByteCodingError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.endIndex - offset else {
      throw ByteCodingError(
        "\(count) bytes are promised, \(bytes.endIndex - offset) left", at: offset)
    }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  public mutating func readLittleEndian<Value: FixedWidthInteger>(
    _: Value.Type
  ) throws(ByteCodingError) -> Value {
    let slice = try read(count: Value.bitWidth / 8)
    return unsafe slice.withUnsafeBytes { bytes in
      unsafe Value(littleEndian: bytes.loadUnaligned(as: Value.self))
    }
  }

  public mutating func readDouble() throws(ByteCodingError) -> Double {
    Double(bitPattern: try readLittleEndian(UInt64.self))
  }

  public mutating func readVarint() throws(ByteCodingError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try readByte()
      if shift == 63 && byte > 1 { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw ByteCodingError("a varint is longer than 64 bits", at: offset)
  }

  public mutating func readLengthPrefixed() throws(ByteCodingError) -> ArraySlice<UInt8> {
    let count = try readVarint()
    guard count <= UInt64(Int.max) else { throw ByteCodingError("length \(count)", at: offset) }
    return try read(count: Int(count))
  }
}
