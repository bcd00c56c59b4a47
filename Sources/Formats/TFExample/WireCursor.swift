internal import ByteCoding

/// A place in a message of the protocol-buffer wire format, in a borrowed buffer.
///
/// The hot twin of `ByteReader`: no array, offsets of the buffer, faults for bad records.
struct WireCursor {
  let bytes: PaddedBytes
  var at: Int
  let end: Int
  /// Where the record's data start; faults count from there.
  let origin: Int

  var isAtEnd: Bool { at == end }

  @inline(__always)
  mutating func varint() throws(RowFault) -> UInt64 {
    if at < end, case let byte = bytes.byte(at), byte < 0x80 {
      at &+= 1
      return UInt64(byte)
    }
    return try longVarint()
  }

  private mutating func longVarint() throws(RowFault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard at < end else { throw fault("a varint is cut off") }
      let byte = bytes.byte(at)
      if shift == 63 && byte > 1 { break }
      at += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw fault("a varint is longer than 64 bits")
  }

  @inline(__always)
  mutating func tag() throws(RowFault) -> (number: UInt64, type: WireType) {
    let word = try varint()
    guard word >> 3 > 0, word >> 3 < 1 << 29, let type = WireType(rawValue: UInt8(word & 7)) else {
      throw fault("no field of a message")
    }
    return (word >> 3, type)
  }

  /// The message, text or packed values that follow, as a cursor of their own.
  @inline(__always)
  mutating func nested() throws(RowFault) -> WireCursor {
    let count = try varint()
    guard count <= UInt64(end - at) else {
      throw fault("\(count) bytes are promised, \(end - at) left")
    }
    let inner = WireCursor(bytes: bytes, at: at, end: at + Int(count), origin: origin)
    at = inner.end
    return inner
  }

  mutating func fixed32() throws(RowFault) -> UInt32 {
    guard end - at >= 4 else { throw fault("4 bytes are promised, \(end - at) left") }
    defer { at += 4 }
    return UInt32(truncatingIfNeeded: bytes.word(at))
  }

  mutating func skip(_ type: WireType) throws(RowFault) {
    switch type {
    case .varint: _ = try varint()
    case .lengthDelimited: _ = try nested()
    case .fixed32: _ = try fixed32()
    case .fixed64:
      guard end - at >= 8 else { throw fault("8 bytes are promised, \(end - at) left") }
      at += 8
    }
  }

  func fault(_ reason: String) -> RowFault {
    RowFault("not a tf.Example: \(reason) at byte \(at - origin)")
  }
}
