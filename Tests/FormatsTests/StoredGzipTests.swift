import ByteCoding
import Testing

@testable import Formats

@Suite struct StoredGzipTests {
  /// `printf abc | gzip -n`, its block stored.
  @Test func `a file is header, stored blocks, checksum and size`() throws {
    let file: [UInt8] = [
      0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 1, 3, 0, 0xFC, 0xFF, 0x61, 0x62, 0x63, 0xC2, 0x41,
      0x24,
      0x35, 3, 0, 0, 0,
    ]
    #expect(StoredGzip.compress(Array("abc".utf8)) == file)
    #expect(StoredGzip.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
  }

  @Test(arguments: [0, 1, 65_535, 65_536, 200_000])
  func `what was stored is read back, and damage is found`(_ count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 9) }
    var file = StoredGzip.compress(bytes)
    #expect(try StoredGzip.decompress(file) == bytes)
    file[file.count - 6] ^= 1
    #expect(throws: ByteCodingError.self) { try StoredGzip.decompress(file) }
    #expect(throws: ByteCodingError.self) { try StoredGzip.decompress(Array(file.dropLast())) }
  }
}
