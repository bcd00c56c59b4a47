import Foundation
import Testing

@testable import ByteCoding

@Suite struct CRC32CTests {
  @Test func `agrees with TensorFlow, masked and not`() throws {
    let vectors = try fixture("tfrecord_example_vectors.json", as: ChecksumVectors.self).crc32c
    for vector in vectors {
      let bytes = [UInt8](try #require(Data(base64Encoded: vector.b64)))
      #expect(CRC32C.checksum(bytes) == vector.crc32c)
      #expect(CRC32C.masked(vector.crc32c) == vector.masked)
    }
  }

  @Test func `instruction, tables and bit by bit agree at every length and alignment`() {
    let seed: UInt64 = 0x5EED_0001
    print("seed \(seed)")
    var state = seed
    let bytes = (0..<200).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
    for start in 0..<9 {
      for end in start..<bytes.count {
        let slice = bytes[start..<end]
        let expected = bitByBit(slice)
        #expect(CRC32C.checksum(slice) == expected)
        let portable = unsafe slice.withUnsafeBytes { unsafe CRC32C.portableChecksum($0) }
        #expect(portable == expected)
      }
    }
  }

  private func bitByBit(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var state = UInt32.max
    for byte in bytes {
      state ^= UInt32(byte)
      for _ in 0..<8 { state = state >> 1 ^ (state & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    return ~state
  }
}
