public import ByteCoding

/// Gzip files whose blocks are stored as they are: bytes that hang on no compressor.
///
/// Sources: RFC 1951, section 3.2.4; RFC 1952.
public enum StoredGzip {
  private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
  private static let blockByteCount = 65_535

  public static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(contentsOf: header)
    var start = 0
    repeat {
      let block = bytes[start..<min(bytes.count, start + blockByteCount)]
      start = block.endIndex
      writer.append(UInt8(start == bytes.count ? 1 : 0))
      writer.append(littleEndian: UInt16(block.count))
      writer.append(littleEndian: ~UInt16(block.count))
      writer.append(contentsOf: block)
    } while start < bytes.count
    writer.append(littleEndian: checksum(bytes))
    writer.append(littleEndian: UInt32(truncatingIfNeeded: bytes.count))
    return writer.bytes
  }

  /// What ``compress(_:)`` was given.
  ///
  /// - Throws: `ByteCodingError` for anything else, compressed blocks too.
  public static func decompress(_ file: [UInt8]) throws(ByteCodingError) -> [UInt8] {
    var reader = ByteReader(file)
    guard Array(try reader.read(count: header.count)) == header else {
      throw ByteCodingError("not a gzip file as limno writes it", at: 0)
    }
    var bytes: [UInt8] = []
    var isLast = false
    while !isLast {
      let offset = reader.offset
      let mark = try reader.readByte()
      let count = try reader.readLittleEndian(UInt16.self)
      let complement = try reader.readLittleEndian(UInt16.self)
      guard mark <= 1, complement == ~count else {
        throw ByteCodingError("not a stored block, as limno writes them", at: offset)
      }
      bytes += try reader.read(count: Int(count))
      isLast = mark == 1
    }
    let offset = reader.offset
    let sum = try reader.readLittleEndian(UInt32.self)
    let count = try reader.readLittleEndian(UInt32.self)
    guard sum == checksum(bytes), count == UInt32(truncatingIfNeeded: bytes.count), reader.isAtEnd
    else { throw ByteCodingError("the checksum does not hold", at: offset) }
    return bytes
  }

  /// CRC-32 of ISO 3309.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xEDB8_8320 }
  }
}
