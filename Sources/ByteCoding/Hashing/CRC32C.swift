internal import CCRC32C

/// The CRC-32C (Castagnoli) checksum, polynomial `0x1EDC6F41` reflected.
///
/// Source: RFC 3720 appendix B.4; the masked form is TFRecord's
/// (`tensorflow/core/lib/hash/crc32c.h`).
public enum CRC32C {
  /// The checksum of `bytes`; 0 for no bytes.
  public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let start = bytes.baseAddress else { return 0 }
    if hasInstruction { return ~(unsafe crc32c_advance(.max, start, bytes.count)) }
    return unsafe portableChecksum(bytes)
  }

  /// The checksum of `bytes`; 0 for no bytes.
  public static func checksum(_ bytes: [UInt8]) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe checksum($0) }
  }

  /// The checksum of `bytes`; 0 for no bytes.
  public static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe checksum($0) }
  }

  /// `checksum` as TFRecord stores it: rotated and offset, so that a checksum of bytes that hold
  /// checksums stays sound.
  public static func masked(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8  // Wraps by definition.
  }

  /// The checksum computed from tables alone, for processors without the instruction.
  package static func portableChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    unsafe tables.withUnsafeBufferPointer { tables in
      var state = UInt32.max
      var offset = 0
      while offset + 8 <= bytes.count {
        let word = unsafe UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        state = unsafe advance(state, word, tables)
        offset += 8
      }
      for position in offset..<bytes.count {
        let index = unsafe Int(UInt8(truncatingIfNeeded: state) ^ bytes[position])
        state = unsafe state >> 8 ^ tables[index]
      }
      return ~state
    }
  }

  private static let hasInstruction = crc32c_has_instruction()

  @inline(__always)
  private static func advance(
    _ state: UInt32, _ word: UInt64, _ tables: UnsafeBufferPointer<UInt32>
  ) -> UInt32 {
    let mixed = word ^ UInt64(state)
    var next: UInt32 = 0
    for lane in 0..<8 {
      let byte = Int(truncatingIfNeeded: mixed >> UInt64(8 * lane)) & 0xFF
      unsafe next ^= tables[(7 - lane) << 8 | byte]
    }
    return next
  }

  /// Eight tables of 256: table `k` advances a byte over `k` more zero bytes.
  private static let tables: [UInt32] = {
    var tables: [UInt32] = []
    for byte in UInt32(0)..<256 {
      var state = byte
      for _ in 0..<8 { state = state >> 1 ^ (state & 1 == 1 ? 0x82F6_3B78 : 0) }
      tables.append(state)
    }
    for index in 256..<8 * 256 {
      let previous = tables[index - 256]
      tables.append(previous >> 8 ^ tables[Int(previous & 0xFF)])
    }
    return tables
  }()
}
